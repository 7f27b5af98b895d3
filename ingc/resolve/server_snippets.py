"""What a server-snippet requests for a host: more routes, and features of all of its routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeGuard

from ingc.diagnostics import Sink, format_field
from ingc.diagnostics.catalogue.snippets import SnippetValueRefused
from ingc.frontend.annotations.settling import key_of
from ingc.frontend.wishes import ServerSnippetWish, SnippetRoute
from ingc.ir import (
    Exact,
    Host,
    Prefix,
    Regex,
    Route,
    RouteFeature,
    RouteMatch,
    RouteOrigin,
    StatusAnswer,
)
from ingc.ir.features.access import AccessList
from ingc.ir.features.snippets import (
    AnswerHeaders,
    LocationProgram,
    ReturnAnswer,
    ServerProgram,
    always_answers,
)
from ingc.ir.features.tuning import Tuning
from ingc.merge import MergedHost
from ingc.resolve.features.snippets import answered_anyway

PATH_TYPE = "server-snippet"
"""What tables print for the path type of a location that a snippet has."""


def with_server_snippets(
    host: Host, merged: MergedHost, everywhere: tuple[ServerSnippetWish, ...], sink: Sink
) -> Host:
    """Return a host with what its server-snippet requests, then with what the ConfigMap's do."""
    settings = (item.feature for item in merged.settings)
    own = [item for item in settings if isinstance(item, ServerSnippetWish)]
    wishes = _of_one_server((*own, *everywhere))
    for number, wish in enumerate(wishes):
        host = _with_wish(host, wish, sink)
        if number >= len(own):
            host = _with_program(host, wish)
    return _answering(host, wishes)


def _answering(host: Host, wishes: tuple[ServerSnippetWish, ...]) -> Host:
    """Return a host whose program knows what acts on its answers: no location is chosen then."""
    program = host.feature(ServerProgram)
    if program is None:
        return host
    features: tuple[RouteFeature, ...] = ()
    for wish in wishes:
        features = _with_features(features, wish)
    headers = next((item for item in features if isinstance(item, AnswerHeaders)), None)
    tunings = {item.directive: item for item in program.tunings}
    tunings.update((item.directive, item) for item in features if _acts_on_answers(item))
    ordered = tuple(tunings[name] for name in sorted(tunings))
    full = ServerProgram(program.steps, headers or AnswerHeaders(), ordered)
    others = tuple(item for item in host.features if item is not program)
    return replace(host, features=(*others, full))


_OF_OTHERS = ("proxy_", "client_")
"""How the names of directives begin that don't change an answer of nginx's own."""


def _acts_on_answers(item: RouteFeature) -> TypeGuard[Tuning]:
    return isinstance(item, Tuning) and not item.directive.startswith(_OF_OTHERS)


def _of_one_server(wishes: tuple[ServerSnippetWish, ...]) -> tuple[ServerSnippetWish, ...]:
    """Return wishes each with all that one server has of what it may have several times."""
    joined: dict[object, Tuning] = {}
    headers: AnswerHeaders | None = None
    for item in (item for wish in wishes for item in wish.features if not wish.of_http):
        if isinstance(item, Tuning) and item.repeats:
            before = joined.get(key_of(item))
            joined[key_of(item)] = item.behind(before) if before is not None else item
        elif isinstance(item, AnswerHeaders):
            headers = item if headers is None else _beside(headers, item)
    return tuple(wish if wish.of_http else _having(wish, joined, headers) for wish in wishes)


def _having(
    wish: ServerSnippetWish, joined: Mapping[object, Tuning], headers: AnswerHeaders | None
) -> ServerSnippetWish:
    found = (
        headers if headers and isinstance(item, AnswerHeaders) else joined.get(key_of(item), item)
        for item in wish.features
    )
    return replace(wish, features=tuple(found))


def _beside(first: AnswerHeaders, then: AnswerHeaders) -> AnswerHeaders:
    """Return what two snippets of one server say of headers; of headers-more the last counts."""
    replaced = tuple(pair for pair in first.replaced if pair[0].lower() not in then.own)
    cleared = tuple(name for name in first.cleared if name.lower() not in then.own)
    return AnswerHeaders(
        (*first.added, *then.added),
        (*replaced, *then.replaced),
        (*cleared, *then.cleared),
        (*first.hidden, *then.hidden),
    )


def _with_program(host: Host, wish: ServerSnippetWish) -> Host:
    """Return a host whose program goes on with that of the ConfigMap."""
    if not wish.program:
        return host
    own = host.feature(ServerProgram)
    more = wish.program[0]
    if own is not None:
        more = replace(more, steps=(*own.steps, *more.steps), tunings=own.tunings or more.tunings)
    others = tuple(item for item in host.features if item is not own)
    return replace(host, features=(*others, more))


def _with_wish(host: Host, wish: ServerSnippetWish, sink: Sink) -> Host:
    routes = tuple(_inheriting(route, wish) for route in host.routes)
    default = _inheriting(host.default, wish)
    own = [(item.modifier, _route(item, wish)) for item in wish.routes if _is_new(item, host, sink)]
    if not own:
        return replace(host, routes=routes, default=default)
    ordered, regex = _ordered(routes, own, host)
    return replace(host, routes=ordered, default=default, regex=regex)


def _route(item: SnippetRoute, wish: ServerSnippetWish) -> Route:
    """Return the route of a location; nothing is passed on by it."""
    kept = tuple(feature for feature in item.features if not isinstance(feature, AccessList))
    field = item.origin.field
    origin = RouteOrigin(
        item.namespace, item.ingress, format_field(field), field, item.origin.source
    )
    shown = f"{item.modifier} {item.name}".strip()
    program = next((item for item in kept if isinstance(item, LocationProgram)), None)
    steps = program.steps if program is not None else ()
    answer = next((step for step in steps if isinstance(step, ReturnAnswer)), None)
    status = answer.status if answer is not None and always_answers(steps) else 404
    if len(steps) == 1 and answer is not None and answer.text is None:
        kept = tuple(feature for feature in kept if feature is not program)
    kept = answered_anyway(kept, StatusAnswer(status))
    route = Route(_match(item), StatusAnswer(status), origin, shown, PATH_TYPE, None, kept)
    return _inheriting(route, wish)


def _match(item: SnippetRoute) -> RouteMatch:
    """Return what nginx's location takes; a path without ``=`` is compared byte by byte."""
    if item.modifier == "=":
        return Exact(item.name)
    if item.modifier in ("", "^~"):
        return Regex(f"(?-i:{re.escape(item.name)})")
    pattern = item.name
    if pattern.startswith("^") and "|" not in pattern:
        pattern = pattern[1:]
    else:
        pattern = f"(?:/|)(?s:.*?)(?:{pattern})"
    return Regex(pattern if item.modifier == "~*" else f"(?-i:{pattern})")


def _is_new(item: SnippetRoute, host: Host, sink: Sink) -> bool:
    """Return whether no rule of the host takes the same; else report it."""
    for route in host.routes:
        path = route.match.path if isinstance(route.match, Exact | Prefix) else ""
        same = path.rstrip("/") == item.name.rstrip("/")
        kind = Exact if item.modifier == "=" else Prefix
        if item.modifier in ("=", "", "^~") and same and isinstance(route.match, kind):
            why = f"a rule of {route.origin.ingress} has the path too"
        elif item.modifier == "^~" and path.startswith(item.name):
            why = f"{path} of {route.origin.ingress} is a longer path below it"
        else:
            continue
        instead = "change that rule, or write the location as a regex"
        sink.report(SnippetValueRefused(PATH_TYPE, "location", why, instead), item.origin)
        return False
    return True


def _ordered(
    routes: tuple[Route, ...], own: list[tuple[str, Route]], host: Host
) -> tuple[tuple[Route, ...], bool]:
    """Return routes in nginx's order, and whether they are tried one after the other.

    ``own`` are those of a snippet, each with its modifier. A location that equals the path beats
    all, then comes one that forbids regexes, then regexes in their order, then the longest path.
    """
    exact = [route for modifier, route in own if modifier == "="]
    if len(exact) == len(own) and not host.regex:
        return (*exact, *routes), False
    plain = [route for modifier, route in own if not modifier]
    ahead = _longest_first(route for modifier, route in own if modifier == "^~")
    regexes = [route for modifier, route in own if modifier.endswith(("~", "~*"))]
    regexes = [route for route in regexes if route not in ahead]
    first = (*exact, *ahead, *regexes)
    if host.regex:
        return (*first, *routes, *_longest_first(plain)), True
    equal = [route for route in routes if isinstance(route.match, Exact)]
    below = [route for route in routes if not isinstance(route.match, Exact)]
    return (*exact, *equal, *ahead, *regexes, *_longest_first((*below, *plain))), True


def _longest_first(routes: Iterable[Route]) -> list[Route]:
    return sorted(routes, key=lambda route: -len(_path(route)))


def _path(route: Route) -> str:
    return route.match.path if isinstance(route.match, Exact | Prefix) else route.path


def _inheriting(route: Route, wish: ServerSnippetWish) -> Route:
    """Return a route with what a server-snippet requests and the route does not set itself."""
    if not wish.features:
        return route
    return replace(route, features=_with_features(route.features, wish))


def _with_features(
    features: tuple[RouteFeature, ...], wish: ServerSnippetWish
) -> tuple[RouteFeature, ...]:
    """Return features, and what a server-snippet requests beside them.

    nginx inherits each of these where a location has none of the same name.
    """
    own = {key_of(item) for item in features}
    more: list[RouteFeature] = []
    for item in wish.features:
        if key_of(item) not in own:
            more.append(item)
        elif isinstance(item, AnswerHeaders):
            return _with_headers(features, item, wish)
    return (*features, *more)


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
