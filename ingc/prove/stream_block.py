"""The ``stream`` block: ports with Services behind them, and who opens the TLS of the https port.

What nginx listens on, and what it does there, is read from the text and compared with the IR, port
by port. Names are `ingc.prove.features.passthrough`'s, endpoints `ingc.prove.readers`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ingc.ir import Config, Settings
from ingc.ir.features.access import AccessList
from ingc.ir.stream import PORT_TUNINGS, PortService
from ingc.model.scopes import inherited, setting
from ingc.model.tree import Statement
from ingc.prove.unequal import Unequal
from ingc.prove.values import milliseconds, read_number, render
from ingc.syntax.address import listened_on

_LOOPBACK = "127.0.0.1"
_SILENCE = "24h"
_CLOSED = "ingc-closed"
_TRIES = {
    "proxy_next_upstream": "on",
    "proxy_next_upstream_timeout": "0",
    "proxy_next_upstream_tries": "0",
}
"""nginx's own defaults."""
_BLOCK = """
    deny map map_hash_bucket_size map_hash_max_size proxy_next_upstream proxy_next_upstream_timeout
    proxy_next_upstream_tries proxy_timeout resolver server upstream
"""
_SERVER = """
    listen proxy_pass proxy_protocol proxy_responses proxy_timeout return set set_real_ip_from
    ssl_preread
"""
_RULES = ("allow", "deny")
_OF_BLOCK = frozenset(_BLOCK.split())
_OF_SERVER = PORT_TUNINGS.union(_SERVER.split(), _RULES)
Called = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Port:
    """What one server of the block does."""

    addresses: frozenset[str]
    port: int
    udp: bool = False
    accepts_proxy: bool = False
    sends_proxy: bool = False
    reads_names: bool = False
    """True where it looks at the name in a TLS hello."""
    passed_to: str = ""
    """An upstream, an address, or a variable; empty: every connection is closed."""
    believed: tuple[str, ...] = ()
    """Whose PROXY lines name the client."""
    silence: int = 0
    """So many milliseconds both sides may stay silent."""
    responses: int | None = None
    tunings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Directives of `PORT_TUNINGS`, in the order of their names."""
    rules: tuple[tuple[str, str], ...] = ()
    """``allow`` or ``deny``, and whom, in their order."""


def stream_differs(config: Config, stream: Statement | None, called: Called) -> Unequal | None:
    """Return the first difference between the block and what is expected.

    ``called`` gives what a text calls an upstream.
    """
    if stream is None or not config.needs_stream:
        same = stream is None and not config.needs_stream
        return None if same else Unequal("Stream", "", "a stream block", "none, or nobody's")
    strange = next((i.name for i in stream.block or () if i.name not in _OF_BLOCK), None)
    if strange is not None:
        return Unequal("Stream", "", "nothing more", strange)
    found = _terms_differ(config.settings, stream)
    if found is not None:
        return found
    return _ports_differ(config, stream, called) or _upstreams_differ(config, stream)


def _terms_differ(settings: Settings, stream: Statement) -> Unequal | None:
    policy = settings.policies.stream
    expected = {
        "next_upstream": "on" if policy.next_upstream else "off",
        "next_upstream_timeout": policy.next_upstream_timeout,
        "next_upstream_tries": str(policy.next_upstream_tries),
    }
    for field, wanted in expected.items():
        name = f"proxy_{field}"
        has = (setting((stream,), name) or (_TRIES[name],))[0]
        if has != wanted:
            return Unequal("StreamPolicy", field, wanted, has)
    denied = tuple(item.args[0] for item in stream.all("deny"))
    if denied != settings.policies.blocked.networks:
        return Unequal(
            "Blocked", "networks", render(settings.policies.blocked.networks), render(denied)
        )
    resolver = setting((stream,), "resolver") or ()
    if resolver != settings.resolver:
        return Unequal("Settings", "resolver", render(settings.resolver), render(resolver))
    return None


def _ports_differ(config: Config, stream: Statement, called: Called) -> Unequal | None:
    found: dict[tuple[int, bool], Port] = {}
    for server in stream.all("server"):
        strange = next((i.name for i in server.block or () if i.name not in _OF_SERVER), None)
        if strange is not None:
            return Unequal("PortService", "", "nothing more", strange)
        made = _read(server, stream)
        if made is None or (made.port, made.udp) in found:
            return Unequal("PortService", "port", "one port and protocol of its own", "others")
        found[made.port, made.udp] = made
    wanted = {(item.port, item.udp): item for item in _ports(config, stream, called)}
    for key in {**wanted, **found}:
        wants, has = wanted.get(key), found.get(key)
        if wants != has:
            return _unequal(wants, has)
    return None


def _unequal(expected: Port | None, found: Port | None) -> Unequal:
    if expected is None or found is None:
        return Unequal("PortService", "port", render(expected), render(found))
    fields = ("addresses", "accepts_proxy", "sends_proxy", "reads_names", "passed_to")
    for name in (*fields, "believed", "silence", "responses", "tunings", "rules"):
        one, other = getattr(expected, name), getattr(found, name)
        if one != other:
            port = f"port {expected.port}: "
            return Unequal("PortService", name, f"{port}{one}", f"{port}{other}")
    return Unequal("PortService", "", render(expected), render(found))


def _read(server: Statement, stream: Statement) -> Port | None:
    """Return what a server does; ``None``: it listens on several ports, or as several things."""
    listens = [
        (item.args[0].rpartition(":"), frozenset(item.args[1:])) for item in server.all("listen")
    ]
    ports, flags = {place[2] for place, _ in listens}, {options for _, options in listens}
    if len(ports) != 1 or len(flags) != 1 or not next(iter(flags)) <= {"udp", "proxy_protocol"}:
        return None
    (options,) = flags
    scopes = (stream, server)
    answer, passing = server.first("return"), server.first("proxy_pass")
    passed_to = passing.args[0] if passing is not None else ""
    sets = {item.args[0]: item.args[1] for item in server.all("set")}
    closes = answer is not None and answer.args == ("",)
    if closes == bool(passed_to):
        return None
    responses = setting(scopes, "proxy_responses")
    silence = (setting(scopes, "proxy_timeout") or ("10m",))[0]
    return Port(
        addresses=frozenset(listened_on(place[0]) for place, _ in listens),
        port=read_number(next(iter(ports)), "port"),
        udp="udp" in options,
        accepts_proxy="proxy_protocol" in options,
        sends_proxy=setting(scopes, "proxy_protocol") == ("on",),
        reads_names=setting(scopes, "ssl_preread") == ("on",),
        passed_to=sets.get(passed_to, passed_to),
        believed=tuple(item.args[0] for item in inherited(scopes, "set_real_ip_from")),
        silence=0 if closes else milliseconds(silence),
        responses=read_number(responses[0], "responses") if responses is not None else None,
        tunings=tuple(_tunings_in(scopes)),
        rules=() if closes else _rules_in(server) or _rules_in(stream),
    )


def _tunings_in(scopes: tuple[Statement, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in sorted(PORT_TUNINGS):
        found = setting(scopes, name)
        if found is not None:
            yield name, found


def _rules_in(block: Statement) -> tuple[tuple[str, str], ...]:
    return tuple((i.name, i.args[0]) for i in block.block or () if i.name in _RULES)


def _rules(settings: Settings, listed: AccessList | None) -> tuple[tuple[str, str], ...]:
    """Return the rules of a port: whom nothing is for, then whom the operator lets in."""
    listed = listed if listed is not None else AccessList((), ())
    denied = (*settings.policies.blocked.networks, *listed.deny)
    return (
        *(("deny", network) for network in denied),
        *(("allow", network) for network in listed.allow),
        *((("deny", "all"),) if listed.allow else ()),
    )


def _ports(config: Config, stream: Statement, called: Called) -> Iterator[Port]:
    settings = config.settings
    there = {item.name for item in config.stream.upstreams}
    for service in config.stream.services:
        upstream = service.upstream if service.upstream in there else None
        yield _of_service(service, called(upstream) if upstream is not None else "", settings)
    inner = settings.inner_ports
    if inner is None:
        return
    silence = milliseconds(_SILENCE)
    believes = settings.policies.front.proxy_protocol
    names = _names_read(stream)
    own = Port(
        addresses=_addresses(settings),
        port=settings.https_port,
        accepts_proxy=believes,
        sends_proxy=True,
        reads_names=True,
        passed_to=names.get((settings.https_port, False), ""),
        believed=settings.policies.stream.proxies if believes else (),
        silence=silence,
        rules=_rules(settings, None),
    )
    yield own
    loopback, passed_to = frozenset((_LOOPBACK,)), names.get((inner.backends, False), "")
    yield replace(
        own,
        addresses=loopback,
        port=inner.backends,
        accepts_proxy=True,
        sends_proxy=False,
        passed_to=passed_to,
        believed=(),
    )


def _names_read(stream: Statement) -> Mapping[tuple[int, bool], str]:
    """Return the variables that servers pass to, by ports; their names describe their values."""
    found = {}
    for server in stream.all("server"):
        made = _read(server, stream)
        if made is not None and made.passed_to.startswith("$"):
            found[made.port, made.udp] = made.passed_to
    return found


def _of_service(service: PortService, passed_to: str, settings: Settings) -> Port:
    policy = settings.policies.stream
    udp, open_ = service.protocol == "udp", bool(passed_to)
    return Port(
        addresses=_addresses(settings),
        port=service.port,
        udp=udp,
        accepts_proxy=service.accepts_proxy,
        sends_proxy=service.sends_proxy and open_,
        passed_to=passed_to,
        believed=policy.proxies if service.accepts_proxy and open_ else (),
        silence=milliseconds(policy.timeout) if open_ else 0,
        responses=policy.responses if udp and open_ else None,
        tunings=tuple((n, tuple(map(str, args))) for n, args in policy.tunings) if open_ else (),
        rules=_rules(settings, policy.access) if open_ else (),
    )


def _addresses(settings: Settings) -> frozenset[str]:
    return frozenset(listened_on(item) for item in settings.listen_addresses)


def _upstreams_differ(config: Config, stream: Statement) -> Unequal | None:
    """Compare those that are none of a Service's: ports of the loopback, and a closed one."""
    inner = config.settings.inner_ports
    known = {item.name for item in config.stream.upstreams}
    allowed = {f"{_LOOPBACK}:{inner.own}", f"{_LOOPBACK}:{inner.backends}"} if inner else set()
    for block in stream.all("upstream"):
        if block.args[0] in known:
            continue
        lines = [item.args for item in block.block or ()]
        closed = block.args[0] == _CLOSED and all("down" in args for args in lines)
        inside = all(args[0] in allowed and args[1:] == ("max_fails=0",) for args in lines)
        if not (closed or (inside and len(lines) == 1)):
            return Unequal("InnerPorts", "", "ports of the loopback alone", render(tuple(lines)))
    return None
