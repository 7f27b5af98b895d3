"""An IR made by hand: for hosts in regex mode, and where a test wants no other stage to run."""

from __future__ import annotations

from collections.abc import Iterable

from ingc import ir

_NOWHERE = ir.Endpoint("127.0.0.1", 9)


def route(match: ir.RouteMatch, service: str) -> ir.Route:
    """Return a route to port 80 of a Service of the namespace ``default``."""
    path = match.pattern if isinstance(match, ir.Regex) else match.path
    origin = ir.RouteOrigin("default", service, "spec.rules[0].http.paths[0]")
    to = ir.ServiceTarget("default", service, "80")
    action = ir.Proxy(f"default_{service}_80")
    return ir.Route(match, action, origin, path, type(match).__name__, to)


def nothing() -> ir.Route:
    """Return the route of a host without a default backend: 404."""
    origin = ir.RouteOrigin("", "", "no default backend")
    return ir.Route(ir.Prefix("/"), ir.StatusAnswer(404), origin, "/", "")


def host(name: str, *routes: ir.Route, regex: bool = False) -> ir.Host:
    """Return a host without a default backend; the routes come in order of precedence."""
    return ir.Host(name, routes, nothing(), regex=regex)


def config_of(
    hosts: Iterable[ir.Host],
    target: tuple[int, int, int] = (1, 26, 0),
    endpoint: ir.Endpoint = _NOWHERE,
    http: int = 80,
    https: int = 443,
    health: str | None = None,
) -> ir.Config:
    """Return the IR of some hosts, all upstreams with the same endpoint.

    `ir.ANY_HOST` answers 404 where it is not among them.
    """
    given = {item.name: item for item in hosts}
    given.setdefault(ir.ANY_HOST, host(ir.ANY_HOST))
    upstreams = {
        item.action.upstream: item.service
        for found in given.values()
        for item in (*found.routes, found.default)
        if isinstance(item.action, ir.Proxy) and item.service
    }
    return ir.Config(
        hosts=tuple(given[name] for name in sorted(given)),
        upstreams=tuple(ir.Upstream(n, (endpoint,), s) for n, s in sorted(upstreams.items())),
        files=(),
        settings=ir.Settings(
            target=target,
            listen_addresses=("127.0.0.1",),
            http_port=http,
            https_port=https,
            redirect_port=None,
            resolver=(),
            access_log="off",
            health_check_path=health,
            fragment=False,
            default_certificate=None,
            echo=True,
        ),
    )
