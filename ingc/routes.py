"""The table of routes: the IR as rows that people and programs read."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.ir import Config, DeadRoute, Host, Proxy, Route, RouteOrigin
from ingc.ir.balance import Canary


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route. What is absent is ``None``."""

    host: str | None
    """``None`` for every host that no rule names."""
    path: str
    path_type: str | None
    """``None`` for a default backend."""
    ingress: str | None
    """``namespace/name``; ``None`` for what no Ingress asked for."""
    field: str | None
    """As Kubernetes writes it; ``None`` for what no Ingress asked for."""
    service: str | None
    """``namespace/name``."""
    port: int | str | None
    """As the rule writes it: a number or a name."""
    upstream: str | None
    """The upstream that gets the requests; ``None`` where nginx answers itself."""
    source: str | None
    """``file:line``."""
    answer: int | None = None
    """The status that nginx answers with itself; ``None`` where an upstream answers."""
    dead: str | None = None
    """Why no request reaches the route."""
    canary: str | None = None
    """The upstream that takes a part of the requests."""


def table(config: Config) -> tuple[RouteRow, ...]:
    """Return the rows: hosts by name, the paths of each by precedence, dead routes last."""
    return tuple(row for host in config.hosts for row in _rows(host))


def _rows(host: Host) -> list[RouteRow]:
    rows = [_row(host, route) for route in host.routes]
    if _says_something(host):
        rows.append(_row(host, host.default))
    rows.extend(_row(host, item.route, item) for item in host.dead)
    return rows


def _says_something(host: Host) -> bool:
    """A default is a row where an Ingress asked for it, and where it is all there is."""
    default = host.default
    if default.origin.name or not host.name:
        return bool(default.origin.name) or isinstance(default.action, Proxy)
    return not host.routes


def _row(host: Host, route: Route, dead: DeadRoute | None = None) -> RouteRow:
    action = route.action
    upstream = action.upstream if isinstance(action, Proxy) and not dead else None
    canary = route.feature(Canary) if upstream and route.features else None
    service = route.service
    return RouteRow(
        host=host.name or None,
        path=route.path,
        path_type=route.path_type or None,
        ingress=route.origin.ingress if route.origin.name else None,
        field=route.origin.field if route.origin.name else None,
        service=f"{service.namespace}/{service.service}" if service else None,
        port=service.port if service else None,
        upstream=upstream,
        source=_source(route.origin),
        answer=None if isinstance(action, Proxy) or dead else action.status,
        dead=dead.why if dead else None,
        canary=canary.upstream if canary else None,
    )


def _source(origin: RouteOrigin) -> str | None:
    if origin.source is None:
        return None
    span = origin.source.span(origin.path)
    return f"{origin.source.file}:{span.line}" if span else origin.source.file
