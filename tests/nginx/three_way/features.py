"""What a request was about, for the counts: they show that no kind of it has got lost."""

from __future__ import annotations

from collections.abc import Iterator

from ingc import ir
from ingc.ir.features.access import AccessList
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.cors import Cors
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.match import Match
from tests.nginx.three_way.answers import PASSWORD
from tests.nginx.three_way.case import Answer, Asking, Cluster
from tests.nginx.three_way.client_kinds import LEAST as OF_CLIENTS
from tests.nginx.three_way.client_kinds import client_kinds

LEAST = {
    **OF_CLIENTS,
    "exact": 0.01,
    "prefix": 0.02,
    "regex": 0.005,
    "default backend": 0.005,
    "exact host": 0.1,
    "wildcard host": 0.05,
    "no host": 0.01,
    "alias": 0.001,
    "rewrite": 0.002,
    "redirect to https": 0.01,
    "redirect of a path": 0.003,
    "app-root": 0.0005,
    "www": 0.001,
    "redirect by rewrite": 0.0003,
    "canary by header": 0.001,
    "canary by cookie": 0.001,
    "canary by weight": 0.001,
    "https": 0.02,
    "TLS refused": 0.01,
    "password asked": 0.001,
    "password given": 0.0005,
    "address denied": 0.001,
    "address allowed": 0.001,
    "preflight": 0.00005,
    "400": 0.02,
    "404": 0.01,
    "405": 0.001,
    "500": 0.00005,
    "503": 0.003,
    "absolute target": 0.01,
    "encoded": 0.02,
    "not normal": 0.02,
    "odd Host": 0.02,
    "other method": 0.05,
    "affinity": 0.0001,
    "another TLS name": 0.0005,
}
"""The share of all requests that each kind has at least, far below the usual."""


def kinds(
    cluster: Cluster, config: ir.Config, asking: Asking, match: Match, found: Answer
) -> Iterator[str]:
    """Yield every kind that a request is of; ``found`` is nginx's answer."""
    yield from _of_request(asking, match)
    yield from client_kinds(cluster, config, asking, match, found)
    if found.status is None:
        yield "TLS refused"
        return
    if asking.scheme == "https":
        yield "https"
    if not found.upstreams and found.location is None:
        yield str(found.status)
    if found.location is not None:
        yield _redirect(match)
    host, route = match.host, match.route
    if host is not None:
        yield from _of_host(host, asking)
    if route is not None and found.location is None:
        yield _location(match, route)
        yield from _of_route(route, asking, match, found)


def _of_request(asking: Asking, match: Match) -> Iterator[str]:
    path = asking.target.partition(b"?")[0]
    if not asking.target.startswith(b"/") and b"://" in asking.target:
        yield "absolute target"
    if b"%" in path:
        yield "encoded"
    if match.uri and b"%" not in path and match.uri != path:
        yield "not normal"
    if asking.host != asking.host.lower() or asking.host.endswith(b".") or b":" in asking.host:
        yield "odd Host"
    if asking.method != "GET":
        yield "other method"
    if asking.scheme == "https" and asking.server_name is not None:
        name = asking.host.partition(b":")[0].rstrip(b".").decode("latin-1")
        if asking.server_name.lower() != name.lower():
            yield "another TLS name"


def _redirect(match: Match) -> str:
    host, route = match.host, match.route
    if host is not None and match.why == "the twin redirects" and host.feature(WwwRedirect):
        return "www"
    if host is not None and match.why and host.feature(AppRoot):
        return "app-root"
    if route is not None and isinstance(route.action, ir.Redirect):
        return "redirect of a path"
    if match.status == 302:
        return "redirect by rewrite"
    to_https = route is not None and route.feature(HttpsRedirect)
    return "redirect to https" if to_https else "another redirect"


def _of_host(host: ir.Host, asking: Asking) -> Iterator[str]:
    if not host.name:
        yield "no host"
    elif host.name.startswith("*."):
        yield "wildcard host"
    else:
        yield "exact host"
    name = asking.host.partition(b":")[0].lower().removesuffix(b".").decode("latin-1")
    suffix = host.name.removeprefix("*.")
    if host.feature(Alias) and not name.endswith(suffix):
        yield "alias"


def _location(match: Match, route: ir.Route) -> str:
    if match.host is not None and route is match.host.default:
        return "default backend" if match.upstream else "no default backend"
    return type(route.match).__name__.lower()


def _of_route(route: ir.Route, asking: Asking, match: Match, found: Answer) -> Iterator[str]:
    lists, auth, canary = (route.feature(kind) for kind in (AccessList, BasicAuth, Canary))
    if isinstance(lists, AccessList):
        yield "address denied" if found.status == 403 else "address allowed"
    if isinstance(auth, BasicAuth):
        yield "password given" if PASSWORD in asking.headers else "password asked"
    if isinstance(canary, Canary):
        yield from _of_canary(canary)
    if found.upstreams and route.feature(Rewrite):
        yield "rewrite"
    if route.feature(Affinity):
        yield "affinity"
    if found.status == 204 and route.feature(Cors):
        yield "preflight"


def _of_canary(canary: Canary) -> Iterator[str]:
    if canary.header is not None:
        yield "canary by header"
    if canary.cookie:
        yield "canary by cookie"
    if canary.percent:
        yield "canary by weight"
