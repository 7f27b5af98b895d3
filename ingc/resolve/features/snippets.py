"""Snippets: names of ingress-nginx's variables written out, and what holds for a whole host."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ingc.frontend.annotations.settling import key_of
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ServerSnippetWish
from ingc.ir import Route, RouteFeature
from ingc.ir.features.snippets import (
    AnswerHeaders,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    SetVariable,
    Step,
)
from ingc.resolve.features.known_names import with_names

S = TypeVar("S", bound=Step)
NamedFeature = LocationProgram | AnswerHeaders


def named_in(feature: NamedFeature, intent: IntentRoute) -> NamedFeature:
    """Return a feature with the names of the route's Ingress and Service in its texts."""
    if isinstance(feature, AnswerHeaders):
        added = tuple(replace(item, value=with_names(item.value, intent)) for item in feature.added)
        replaced = tuple((name, with_names(value, intent)) for name, value in feature.replaced)
        made: NamedFeature = replace(feature, added=added, replaced=replaced)
    else:
        made = LocationProgram(tuple(_step(step, intent) for step in feature.steps))
    return feature if made == feature else made


def _step(step: S, intent: IntentRoute) -> S:
    made: Step = step
    if isinstance(step, SetVariable):
        made = replace(step, value=with_names(step.value, intent))
    elif isinstance(step, ReturnAnswer) and step.text is not None:
        made = replace(step, text=with_names(step.text, intent))
    elif isinstance(step, RewritePath):
        made = replace(step, target=with_names(step.target, intent))
    elif isinstance(step, IfBranch):
        inner = tuple(_step(each, intent) for each in step.steps)
        made = IfBranch(_condition(step.condition, intent), inner)
    return made  # type: ignore[return-value]


def _condition(condition: IfCondition, intent: IntentRoute) -> IfCondition:
    return replace(condition, operand=with_names(condition.operand, intent))


def with_server_snippet(route: Route, wish: ServerSnippetWish) -> Route:
    """Return a route with what a server-snippet requests and the route does not set itself.

    nginx inherits each of these where a location has none of the same name.
    """
    if not route.origin.name or not wish.features:
        return route
    own = {key_of(item) for item in route.features}
    more: list[RouteFeature] = []
    for item in wish.features:
        if key_of(item) not in own:
            more.append(item)
        elif isinstance(item, AnswerHeaders):
            return replace(route, features=_with_headers(route.features, item, wish))
    return replace(route, features=(*route.features, *more)) if more else route


def _with_headers(
    features: tuple[RouteFeature, ...], outer: AnswerHeaders, wish: ServerSnippetWish
) -> tuple[RouteFeature, ...]:
    """Return features in which headers are joined list by list.

    A list of the location replaces the server's, but for those of headers-more, of which both act.
    """
    found: list[RouteFeature] = []
    keys = {key_of(item) for item in features}
    for item in features:
        if isinstance(item, AnswerHeaders):
            theirs = tuple(pair for pair in outer.replaced if pair[0].lower() not in item.own)
            cleared = tuple(name for name in outer.cleared if name.lower() not in item.own)
            found.append(
                AnswerHeaders(
                    item.added or outer.added,
                    (*theirs, *item.replaced),
                    (*cleared, *item.cleared),
                    item.hidden or outer.hidden,
                )
            )
        else:
            found.append(item)
    found.extend(item for item in wish.features if key_of(item) not in keys)
    return tuple(found)
