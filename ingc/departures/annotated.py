"""Where annotations hold: there for what no path of the host takes, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingc.departures.departure import Departure, DepartureKind, SampleRequest
from ingc.departures.manifests import (
    Manifests,
    RoutedAt,
    met_by,
    name_of,
    request_for,
)
from ingc.ir import ANY_HOST, Host, Redirect, Route
from ingc.ir.features.aliases import WwwRedirect
from ingc.ir.features.cors import Cors
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.k8s.ingress import Ingress

_WHY = "annotations hold for the paths of their Ingress, and no manifest requests more"


class _Seen(NamedTuple):
    """What ingress-nginx answers to a request that no path takes."""

    theirs: str
    method: str = "GET"
    secure: bool = False
    general: bool = False


def annotations_hold(manifests: Manifests) -> Iterator[Departure]:
    """Yield hosts whose unmatched paths carry the annotations of their first Ingress there."""
    for host in manifests.config.hosts:
        if host.name == ANY_HOST:
            continue
        naming = manifests.naming(host.name)
        if naming and not host.routes and not host.default.origin.name:
            yield from _without_paths(host, naming)
        else:
            yield from _of_first(manifests, host, naming)


def _without_paths(host: Host, naming: tuple[Ingress, ...]) -> Iterator[Departure]:
    """A host without paths has what holds for the whole host."""
    twin = host.feature(WwwRedirect)
    if twin is not None:
        request = SampleRequest("GET", f"http://{host.twin}/")
        theirs, ours = "404", f"{twin.status} to {name_of(host.name)}"
        kind, (first, *_) = DepartureKind.ANNOTATIONS, naming
        yield Departure(kind, first.origin, first.meta.namespaced, request, theirs, ours, _WHY)


def _of_first(manifests: Manifests, host: Host, naming: tuple[Ingress, ...]) -> Iterator[Departure]:
    path = manifests.unmatched(host)
    found = (_route_of(host, item.meta.namespaced) for item in naming[:1])
    route = next((item for item in found if item is not None), None)
    if path is None or route is None:
        return
    placed = RoutedAt(host, route)
    for seen in _seen(placed, manifests, path):
        secure = seen.secure and host.answers_https
        answer = manifests.answer(name_of(host.name), path, secure=secure)
        ours = str(answer.status)
        if answer.redirect:
            ours += f" to {answer.redirect}"
        scheme = "https" if secure else "http"
        request = request_for(host, path, scheme=scheme, method=seen.method)
        kind, general = DepartureKind.ANNOTATIONS, seen.general
        yield met_by(route, kind, request, seen.theirs, ours, _WHY, general=general)
        return


def _route_of(host: Host, ingress: str) -> Route | None:
    """Return a route of an Ingress, which carries all of its annotations."""
    routes = (*host.routes, *(dead.route for dead in host.dead))
    return next((route for route in routes if route.origin.ingress == ingress), None)


def _seen(placed: RoutedAt, manifests: Manifests, path: str) -> Iterator[_Seen]:
    """Yield what a client sees of the annotations of a route, the first to answer first."""
    host, route = placed
    if isinstance(route.action, Redirect):
        yield _Seen(f"{route.action.status} to {route.action.location}", secure=True)
    rewrite = route.feature(Rewrite)
    if rewrite is not None and rewrite.redirects:
        yield _Seen(f"302 to {rewrite.target}", secure=True)
    yield from _to_https(route, manifests.answer(name_of(host.name), path).redirect)
    for status in route.may_answer:
        # 500: the auth service fails.
        if status != 500:
            yield _Seen(f"{status} as on the paths of the Ingress", secure=True)
    if route.feature(Cors) is not None:
        yield _Seen("204 with the headers of CORS", method="OPTIONS", secure=True, general=True)


def _to_https(route: Route, ours: str | None) -> Iterator[_Seen]:
    """Yield what the annotations change of the redirect to https, of which ``ours`` has none."""
    redirect = route.feature(HttpsRedirect)
    if redirect is None:
        if ours is not None:
            yield _Seen("404")
    elif ours is None or redirect.status != HttpsRedirect().status:
        yield _Seen(f"{redirect.status} to https")
    elif redirect.keep_slash:
        yield _Seen(f"{redirect.status} to https, with a slash at the path's end kept")
