"""Snippets: names of ingress-nginx's variables written out, and what holds for a whole host."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import ServerSnippetWish
from ingc.ir import Action, RouteFeature, StatusAnswer
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    ServerProgram,
    SetVariable,
    Step,
    StopProgram,
    redirects,
    stops,
)
from ingc.resolve.features.known_names import with_names
from ingc.syntax.text import Text, Variable

S = TypeVar("S", bound=Step)
NamedFeature = LocationProgram | AnswerHeaders | ErrorPages


def named_in(feature: NamedFeature, intent: IntentRoute) -> NamedFeature:
    """Return a feature with the names of the route's Ingress and Service in its texts."""
    if isinstance(feature, AnswerHeaders):
        added = tuple(replace(item, value=with_names(item.value, intent)) for item in feature.added)
        replaced = tuple((name, with_names(value, intent)) for name, value in feature.replaced)
        made: NamedFeature = replace(feature, added=added, replaced=replaced)
    elif isinstance(feature, ErrorPages):
        pages = (replace(page, target=with_names(page.target, intent)) for page in feature.pages)
        made = ErrorPages(tuple(pages))
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


def answered_anyway(features: tuple[RouteFeature, ...], action: Action) -> tuple[RouteFeature, ...]:
    """Return features of a route whose program no request gets past without an answer.

    Where nothing stands behind a route, nginx's ``return`` does, which ``break`` would pass over
    as any directive of the rewrite module: nginx would look for a file.
    """
    if not isinstance(action, StatusAnswer):
        return features
    return tuple(
        LocationProgram(tuple(_ending(step, action.status) for step in item.steps))
        if isinstance(item, LocationProgram) and stops(item.steps)
        else item
        for item in features
    )


def _ending(step: Step, status: int) -> Step:
    answer = ReturnAnswer(status)
    if isinstance(step, StopProgram):
        return answer
    if isinstance(step, RewritePath) and step.flag == "break" and not redirects(step):
        return IfBranch(IfCondition(Text((Variable("uri"),)), "~", pattern=step.pattern), (answer,))
    if isinstance(step, IfBranch):
        inner = (answer if _breaks(each) else each for each in step.steps)
        return replace(step, steps=tuple(inner))
    return step


def _breaks(step: Step) -> bool:
    """Return whether a step may end the program of its location, and goes nowhere else."""
    rewrites = isinstance(step, RewritePath) and step.flag == "break" and not redirects(step)
    return rewrites or isinstance(step, StopProgram)


def grant_server_program(wish: ServerSnippetWish) -> tuple[ServerProgram, ...]:
    """Return the program of a server-snippet, where it has one."""
    return wish.program
