"""The stream block: Services on ports of their own, and TLS that nginx does not open.

TLS that is passed on takes two steps, on all versions of nginx. The server of the https port reads
the name in the client's hello, and begins every connection with a PROXY line, since nginx can't
choose by a variable whether to. Our own TLS reads the line and so knows the client; for backends,
which expect none, a second server on the loopback takes it off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.ir import ANY_HOST, Config, Host, Settings, Upstream
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.stream import InnerPorts, PortService
from ingc.match.trie import in_server_order
from ingc.plan.frame.http import serves_https
from ingc.plan.layout import (
    Comment,
    Directive,
    Literal,
    Map,
    Server,
    StreamBlock,
    UpstreamBlock,
    Value,
    directive,
)
from ingc.plan.reasons import explained
from ingc.plan.rooms import SPECIAL, room_for_keys
from ingc.plan.servers import server_name, socket
from ingc.plan.upstreams import address_of, resolves_by_variable, server_line
from ingc.syntax.text import Variable

_SNI = Variable("ssl_preread_server_name")
_TLS = Variable("ingc_tls")
_BACKEND = Variable("ingc_tls_backend")
_ADDRESS = Variable("ingc_address")
# Names of Services' upstreams have underscores, so that these can't be theirs.
_OWN_TLS, _BACKENDS, _CLOSED = "ingc-own-tls", "ingc-backend-tls", "ingc-closed"
_LOOPBACK = "127.0.0.1"
_ZONE_SIZE = "64k"
_LONGEST_SILENCE = "24h"
"""For TLS: what is inside has time-outs of its own."""


def plan_stream(config: Config) -> StreamBlock | None:
    """Return the stream block; ``None``: there is nothing in it."""
    if not config.needs_stream:
        return None
    settings = config.settings
    inner = settings.inner_ports
    found = {item.name: item for item in config.stream.upstreams}
    maps: tuple[Map, ...] = ()
    blocks = [_upstream(item, settings) for item in config.stream.upstreams]
    servers = [_service(item, found, settings) for item in config.stream.services]
    if inner is not None:
        maps = _maps(config, found)
        blocks += [_local(_OWN_TLS, inner.own), _local(_BACKENDS, inner.backends)]
        blocks.append(UpstreamBlock(_CLOSED, (directive("server", f"{_LOOPBACK}:1", "down"),)))
        servers += _tls_servers(settings, inner)
    return StreamBlock(
        (*_defaults(settings), *room_for_keys(maps)),
        tuple(explained(maps)),
        tuple(block for block in blocks if block is not None),
        tuple(servers),
    )


def _defaults(settings: Settings) -> tuple[Directive, ...]:
    policy = settings.policies.stream
    blocked = settings.policies.blocked.networks
    resolver = (directive("resolver", *settings.resolver),) if settings.resolver else ()
    return (
        directive("proxy_timeout", policy.timeout),
        directive("proxy_next_upstream", "on" if policy.next_upstream else "off"),
        directive("proxy_next_upstream_timeout", policy.next_upstream_timeout),
        directive("proxy_next_upstream_tries", policy.next_upstream_tries),
        *resolver,
        *(directive("deny", network) for network in blocked),
    )


def _service(service: PortService, found: dict[str, Upstream], settings: Settings) -> Server:
    protocol = (service.protocol,) if service.protocol == "udp" else ()
    proxied = ("proxy_protocol",) if service.accepts_proxy else ()
    directives = [
        directive("listen", socket(address, service.port), *protocol, *proxied)
        for address in settings.listen_addresses
    ]
    upstream = found.get(service.upstream) if service.upstream is not None else None
    if upstream is None:
        directives.append(directive("return", ""))
    else:
        if service.accepts_proxy:
            directives += _believed(settings)
        directives += _of_operator(settings)
        if protocol:
            directives.append(directive("proxy_responses", settings.policies.stream.responses))
        if service.sends_proxy:
            directives.append(directive("proxy_protocol", "on"))
        if resolves_by_variable(upstream, settings):
            directives.append(directive("set", _ADDRESS, address_of(upstream)))
            directives.append(directive("proxy_pass", _ADDRESS))
        else:
            directives.append(directive("proxy_pass", upstream.name))
    title = f"{service.protocol} port {service.port}: {service.service}"
    return Server(Comment(title), tuple(directives), ())


def _of_operator(settings: Settings) -> Iterator[Directive]:
    """What a snippet requests of each port. nginx inherits no rules where a server has its own."""
    policies = settings.policies
    yield from (directive(name, *args) for name, args in policies.stream.tunings)
    listed = policies.stream.access
    if listed is not None:
        denied = (*policies.blocked.networks, *listed.deny)
        yield from (directive("deny", network) for network in denied)
        yield from (directive("allow", network) for network in listed.allow)
        yield from (directive("deny", "all"),) if listed.allow else ()


def _believed(settings: Settings) -> Iterator[Directive]:
    """Take the client's address from the PROXY line of whoever is believed."""
    for network in settings.policies.stream.proxies:
        yield directive("set_real_ip_from", network)


def _upstream(upstream: Upstream, settings: Settings) -> UpstreamBlock | None:
    if resolves_by_variable(upstream, settings):
        return None
    resolve = bool(settings.resolver) and any(endpoint.dns for endpoint in upstream.endpoints)
    # Zones of http and of stream must differ in their names.
    zone = (directive("zone", f"ingc_stream_{upstream.name}", _ZONE_SIZE),) if resolve else ()
    servers = (server_line(endpoint, resolve=resolve) for endpoint in upstream.endpoints)
    return UpstreamBlock(upstream.name, (*zone, *servers))


def _local(name: str, port: int) -> UpstreamBlock:
    return UpstreamBlock(name, (directive("server", f"{_LOOPBACK}:{port}", "max_fails=0"),))


def _tls_servers(settings: Settings, inner: InnerPorts) -> Iterator[Server]:
    proxied = ("proxy_protocol",) if settings.policies.front.proxy_protocol else ()
    listens = (
        directive("listen", socket(address, settings.https_port), *proxied)
        for address in settings.listen_addresses
    )
    silence = directive("proxy_timeout", _LONGEST_SILENCE)
    preread = directive("ssl_preread", "on")
    yield Server(
        Comment("https: who opens the TLS"),
        (
            *listens,
            *(_believed(settings) if proxied else ()),
            preread,
            silence,
            directive("proxy_protocol", "on"),
            directive("proxy_pass", _TLS),
        ),
        (),
    )
    address = f"{_LOOPBACK}:{inner.backends}"
    yield Server(
        Comment("TLS that backends open"),
        (
            directive("listen", address, "proxy_protocol"),
            preread,
            silence,
            directive("proxy_pass", _BACKEND),
        ),
        (),
    )


def _maps(config: Config, found: dict[str, Upstream]) -> tuple[Map, Map]:
    """Return the maps from a name to who opens its TLS, and to the backend that does."""
    settings = config.settings
    own = _OWN_TLS if serves_https(config) else _CLOSED
    ways: list[tuple[Value, Value]] = []
    backends: list[tuple[Value, Value]] = []
    exact_alone = all(_is_exact(name) for host in _passed(config) for name in host.names)
    for host in in_server_order(host for host in config.hosts if host.name != ANY_HOST):
        passed = host.feature(Passthrough)
        if passed is None:
            # Only where a pattern could take its names does such a host need a line.
            names = () if exact_alone else (*host.names, *((host.twin,) if host.twin else ()))
            ways += ((_key(name), own) for name in names)
            continue
        upstream = found.get(passed.upstream) if passed.upstream is not None else None
        way = _CLOSED if upstream is None else _BACKENDS
        for name in host.names:
            ways.append((_key(name), way))
            if upstream is not None:
                backends.append((_key(name), _destination(upstream, settings)))
    flags = ("hostnames",)  # so that a dot at the end of a name does not count
    return (
        Map(_SNI, _TLS, (*ways, ("default", own)), flags=flags),
        Map(_SNI, _BACKEND, (*backends, ("default", _CLOSED)), flags=flags),
    )


def _passed(config: Config) -> Iterable[Host]:
    return (host for host in config.hosts if host.features and host.feature(Passthrough))


def _destination(upstream: Upstream, settings: Settings) -> str:
    by_variable = resolves_by_variable(upstream, settings)
    return address_of(upstream) if by_variable else upstream.name


def _is_exact(name: str) -> bool:
    return not name.startswith(("*.", "~"))


def _key(name: str) -> Literal:
    """Write a name of a host for a map, as the server of http would take it.

    Names come as the client writes them: plain ones are compared without case, regexes as written.
    """
    if _is_exact(name):
        return Literal(f"\\{name}" if name in SPECIAL else name)
    pattern = server_name(name).removeprefix("~")
    if name.startswith("*."):
        pattern = pattern.removesuffix("$") + "[.]?$"
    return Literal(f"~*{pattern}")
