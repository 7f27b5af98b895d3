"""Error pages, and stand-ins for backends without an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.ir import Host, Proxy, Route, RouteFeature
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.snippets import AnswerHeaders
from ingc.prove.answers import answers_differ
from ingc.prove.backend_headers import Owed, headers_differ, owed_about
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.unequal import Unequal
from ingc.prove.upstream_blocks import SESSIONS
from ingc.prove.values import NoValue, canonical, render
from ingc.syntax.text import Text, Variable

_SENT = Variable("request_uri")
_NO_ENDPOINT = ("503",)
_TOO_LARGE = 413
_NOTHING = Owed("CustomErrors", "upstream", Text(()))
_WITHHELD = (
    *("upgrade", "connection", "x-real-ip", "x-scheme"),
    *("x-forwarded-host", "x-forwarded-port"),
    *("x-forwarded-proto", "x-forwarded-scheme"),
    *("x-original-forwarded-for", "x-original-forwarded-host"),
)


def read_stand_in(place: InEffect) -> StandIn | None:
    """Return the upstream that answers for a 503 of nginx's own; ``None``: none does."""
    code = place.header("x-code") if place.module else None
    if code is None or canonical(code) != _NO_ENDPOINT:
        return None
    return StandIn(", ".join(sorted(item.partition(".sticky_")[0] for item in place.passed_to)))


def seen_stand_in(expected: ExpectedRoute) -> StandIn | None:
    """Return what can be seen of a route's stand-in."""
    own = expected.route.feature(StandIn)
    if own is None or not isinstance(expected.route.action, Proxy):
        return None
    return StandIn(expected.called(own.upstream))


def read_custom_errors(place: InEffect) -> CustomErrors | None:
    """Return for which statuses which upstream answers instead; ``None``: for none.

    What the location of each page does is compared in `page_differs`.
    """
    pages = dict(pages_of(place))
    if not pages:
        return None
    upstreams = {item.partition(SESSIONS)[0] for page in pages.values() for item in page.passed_to}
    if len(upstreams) != 1:
        raise NoValue("upstream", "several that are asked, or nobody")
    (upstream,) = upstreams
    intercept = place.args(f"{place.module}_intercept_errors") == ("on",)
    return CustomErrors(tuple(sorted(pages)), upstream, intercept)


def pages_of(place: InEffect) -> Iterator[tuple[int, InEffect]]:
    """Yield the location of each status that has a page. Raises `NoValue`."""
    for item in place.all("error_page"):
        named = place.named(item.args[-1])
        page = None if named is None else named.handed_on
        if page is None or page.passing is None:
            continue
        *codes, changed = item.args[:-1]
        if changed != "=" or not all(code.isdecimal() for code in codes):
            raise NoValue("codes", "a page whose status is not its own")
        yield from ((int(code), page) for code in codes)


def seen_custom_errors(expected: ExpectedRoute) -> CustomErrors | None:
    """Return what can be seen of a route's error pages."""
    own = expected.route.feature(CustomErrors)
    if own is None or not isinstance(expected.route.action, Proxy):
        return None
    return replace(own, codes=tuple(sorted(own.codes)), upstream=expected.called(own.upstream))


def page_differs(place: InEffect, expected: ExpectedRoute) -> Unequal | None:
    """Return what the location of an error page does otherwise than it has to.

    It requests the root and sends what it stands in for, of the client its address alone, and the
    body where nginx has it whole.
    """
    if expected.route.feature(CustomErrors) is None or not isinstance(expected.route.action, Proxy):
        return None
    plain = replace(
        expected, route=replace(expected.route, features=_about_answers(expected.route))
    )
    own = {name.lower() for name, _ in expected.settings.policies.request_headers}
    for code, page in pages_of(place):
        owing = dict(owed_about(code, expected.route, "CustomErrors"))
        owing["x-original-uri"] = Owed("CustomErrors", "upstream", Text((_SENT,)))
        owing.update((name, _NOTHING) for name in _WITHHELD if name not in own)
        whole = code != _TOO_LARGE and _is_read_whole(place)
        if not whole:
            owing["content-length"] = _NOTHING
        found = headers_differ(page, plain, owing) or answers_differ(page, plain)
        if found is not None:
            return found
        rewrites = [item.args for item in page.here.all("rewrite")]
        if rewrites != [("^", "/", "break")] or page.module != "proxy":
            why = "the root, by HTTP"
            return Unequal("CustomErrors", "upstream", why, render(tuple(rewrites)))
        body = page.argument("proxy_pass_request_body", "on")
        limits = tuple([item.args("client_max_body_size") for item in (place, page)])
        if body != ("on" if whole else "off") or (whole and limits[0] != limits[1]):
            why = "a body within the route's limit" if whole else "no body"
            got = f"{body}, limit {render(limits[1])}"
            return Unequal("CustomErrors", "upstream", why, got)
    return None


def _is_read_whole(place: InEffect) -> bool:
    """gRPC passes a body on as it comes, and so do others without a buffer for requests."""
    buffered = place.argument(f"{place.module}_request_buffering", "on")
    return place.module != "grpc" and buffered == "on"


def _about_answers(route: Route) -> tuple[RouteFeature, ...]:
    """Features whose headers an error page has too."""
    own = (item for item in route.features if item.card.heads_answers)
    return tuple(
        replace(item, added=tuple(each for each in item.added if each.always))
        if isinstance(item, AnswerHeaders)
        else item
        for item in own
    )


def check_custom_errors(feature: CustomErrors) -> Iterator[tuple[str, ...]]:
    """Yield who answers in place of each status."""
    yield from (("error_page", str(code), feature.upstream) for code in feature.codes)


def forward_stand_in(
    _feature: StandIn, _host: Host, route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the headers that describe to a stand-in what it stands in for."""
    yield "X-Code", *_NO_ENDPOINT
    yield "X-Namespace", route.origin.namespace
    yield "X-Ingress-Name", route.origin.name
    if route.service is not None:
        yield "X-Service-Name", route.service.service
        yield "X-Service-Port", str(route.service.port)
