"""The rows of the table of routes: the IR as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.ir import Config, DeadRoute, Host, Proxy, Route, RouteOrigin
from ingc.ir.features.canary import Canary
from ingc.ir.features.passthrough import Passthrough


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route. What is absent is ``None``."""

    host: str | None
    """``None`` for every host that no rule names."""
    path: str
    path_type: str | None
    """``None`` for a default backend."""
    ingress: str | None
    """``namespace/name``; ``None`` for what comes from no Ingress."""
    field: str | None
    """As Kubernetes writes it; ``None`` for what comes from no Ingress."""
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
    canary_service: str | None = None
    """Its Service, ``namespace/name``."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A port beside http, or the TLS of a host that is passed on unopened."""

    protocol: Literal["tcp", "udp", "tls"]
    listen: int
    """The port of nginx."""
    host: str | None
    """Of TLS; ``None`` for a port."""
    service: str | None
    """``namespace/name``; ``None``: connections are closed, and no Service is known."""
    port: int | str | None
    """The Service's, as the input names it: a number or a name."""
    upstream: str | None
    """Among those of the stream block; ``None``: connections are closed."""


def streams(config: Config) -> tuple[StreamRow, ...]:
    """Return the rows of what the stream block does: the ports, then the hosts by name."""
    return (*_ports(config), *_unopened(config))


def _ports(config: Config) -> Iterator[StreamRow]:
    for item in config.stream.services:
        service, _, port = item.service.rpartition(":")
        written = int(port) if port.isdigit() else port
        yield StreamRow(item.protocol, item.port, None, service, written, item.upstream)


def _unopened(config: Config) -> Iterator[StreamRow]:
    services = {item.name: item.service for item in config.stream.upstreams}
    for host in config.hosts:
        passed = host.feature(Passthrough) if host.features else None
        if passed is None:
            continue
        service = services.get(passed.upstream or "")
        yield StreamRow(
            "tls",
            config.settings.https_port,
            host.name or None,
            service.name if service else None,
            service.port if service else None,
            passed.upstream,
        )


def table(config: Config) -> tuple[RouteRow, ...]:
    """Return the rows: hosts by name, the paths of each by precedence, dead routes last."""
    services = {item.name: item.service.name for item in config.upstreams}
    return tuple(row for host in config.hosts for row in _rows(host, services))


def _rows(host: Host, services: dict[str, str]) -> list[RouteRow]:
    rows = [_row(host, route, services) for route in host.routes]
    if _says_something(host):
        rows.append(_row(host, host.default, services))
    rows.extend(_row(host, item.route, services, item) for item in host.dead)
    return rows


def _says_something(host: Host) -> bool:
    """A default is a row where an Ingress has it, and where it is all there is."""
    default = host.default
    if default.origin.name or not host.name:
        return bool(default.origin.name) or isinstance(default.action, Proxy)
    return not host.routes


def _row(
    host: Host, route: Route, services: dict[str, str], dead: DeadRoute | None = None
) -> RouteRow:
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
        canary_service=services.get(canary.upstream) if canary else None,
    )


def _source(origin: RouteOrigin) -> str | None:
    if origin.source is None:
        return None
    span = origin.source.span(origin.path)
    return f"{origin.source.file}:{span.line}" if span else origin.source.file
