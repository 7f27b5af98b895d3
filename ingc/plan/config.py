"""The IR → the whole layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingc.ir import ANY_HOST, Config, Host, Settings
from ingc.ir.module_use import is_traced
from ingc.match.trie import in_server_order
from ingc.plan.contents import Contents
from ingc.plan.frame import http as frame
from ingc.plan.frame.modules import entry_blocks, sampler_maps
from ingc.plan.hoisting import BUFFERS
from ingc.plan.language import inherited
from ingc.plan.layout import Comment, Group, Layout, Map, Server, Unsafe, UpstreamBlock
from ingc.plan.parts import (
    Demands,
    HostPart,
    Shared,
    directives_in,
    joined,
    passes_of,
    variables_set,
)
from ingc.plan.passes.around import Around, of_maps, reached, variables_of
from ingc.plan.passes.table import run_passes
from ingc.plan.reasons import explained
from ingc.plan.rooms import room_for_servers
from ingc.plan.servers import NamesInTls, plan_default, plan_host, redirect_servers
from ingc.plan.stream import plan_stream
from ingc.plan.upstreams import plan_upstream

_PROXYING = ("proxy_", "grpc_", "fastcgi_")
"""How directives begin that count only where requests are passed on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout, and what each host adds to it."""

    layout: Layout
    frame: Layout
    """What all hosts share; see `plan_frame`."""
    default: HostPart
    hosts: Sequence[Host]
    """Those with a name, in the order of their servers."""
    parts: Sequence[HostPart]
    """Theirs, one by one."""


def plan(config: Config) -> Layout:
    """Lay out a configuration for the nginx that the settings name."""
    return plan_parts(config).layout


def plan_parts(config: Config) -> Plan:
    """Lay out a configuration, and return what each host has added too."""
    contents, hosts = Contents.of(config), named_hosts(config)
    parts = plan_hosts(hosts, contents, config.hosts)
    default = plan_default(config, contents, grpc=any(part.demands.grpc for part in parts))
    demands = [part.demands for part in parts]
    own = [server for part in parts for server in part.servers]
    around = plan_frame(config, contents, default, hosts, demands, own)
    used = default.upstreams.union(*(part.upstreams for part in parts))
    servers = around.servers
    if not config.settings.passes:
        shared = shared_by(default, demands)
        servers = _finished((*servers, *own), config.settings, shared)
    upstreams = (*plan_upstreams(config, used), *around.upstreams)
    whole = dataclasses.replace(around, upstreams=upstreams, servers=servers)
    return Plan(whole, around, default, hosts, parts)


def named_hosts(config: Config) -> Sequence[Host]:
    """Return the hosts that have a name, in the order of their servers."""
    return in_server_order(host for host in config.hosts if host.name != ANY_HOST)


def plan_hosts(hosts: Iterable[Host], contents: Contents, others: Iterable[Host]) -> list[HostPart]:
    """Return what some hosts of a configuration add to its layout.

    ``others`` are the hosts that may take a name of theirs: all, or where each has its own names
    alone, those with patterns for names and twins.
    """
    https = NamesInTls(others)
    return [plan_host(host, contents, https) for host in hosts]


def plan_upstreams(config: Config, used: frozenset[str]) -> list[UpstreamBlock]:
    """Return the blocks of the upstreams that some route uses as they are."""
    settings = config.settings
    blocks = (plan_upstream(item, settings) for item in config.upstreams if item.name in used)
    return [block for block in blocks if block is not None]


def shared_by(default: HostPart, demands: Iterable[Demands]) -> Shared:
    """Return what hosts need in ``http``."""
    shared = Shared()
    for item in (default.demands, *demands):
        shared.add(item.pieces)
    return shared


def plan_frame(
    config: Config,
    contents: Contents,
    default: HostPart,
    hosts: Sequence[Host],
    demands: Sequence[Demands],
    own: Iterable[Server] = (),
) -> Layout:
    """Return the layout of all that hosts share, without their own servers and upstreams.

    ``demands`` are those of ``hosts``, one by one. Where there are passes, all servers are passed
    through them together: ``own`` are those of the hosts.
    """
    settings = config.settings
    shared = Shared()
    shared.add(default.demands.pieces)
    redirects = ((host, item.redirect) for host, item in zip(hosts, demands, strict=True))
    servers = (*default.servers, *redirect_servers(redirects, settings, shared))
    for item in demands:
        shared.add(item.pieces)
    passes, variables = joined((default.demands, *demands))
    http = _http(config, shared, passes)
    traced = is_traced(config)
    sampled = sampler_maps(settings, traced=traced)
    maps = (*frame.maps(config), *sampled, *shared.header_maps(contents.usual), *shared.maps)
    if settings.passes:
        servers = _finished((*servers, *own), settings, shared)
        servers, names = _passed(servers, http, maps, settings)
        variables = variables_set(directives_in(servers))
        maps += names
        http += frame.room_for_names(names, settings) if not settings.fragment else ()
    if not settings.fragment:
        http += frame.room_for_variables(
            variables.union(item.variable.name for item in maps), settings
        )
    _check_names(maps)
    return Layout(
        fragment=settings.fragment,
        main=() if settings.fragment else frame.main_directives(config),
        events=() if settings.fragment else frame.events_directives(settings),
        http=http,
        maps=tuple(explained(maps)),
        upstreams=tuple(shared.blocks),
        servers=servers,
        stream=plan_stream(config),
        entry_blocks=(*entry_blocks(settings, traced=traced), *shared.entries),
    )


def _http(config: Config, shared: Shared, passes: frozenset[str]) -> tuple[Group, ...]:
    """Return what stands in ``http`` itself, but for the room that names need."""
    settings = config.settings
    http = frame.http_groups(config)
    if not settings.fragment:
        http += (*frame.general(settings), *frame.everywhere(settings))
        http += frame.proxying(settings, shared.header_names())
        http += frame.tls(settings) if frame.serves_https(config) else ()
        http += tuple(inherited(passes, http))
    if shared.http:
        http += (Group(Comment("what locations refer to"), tuple(shared.http)),)
    return http


def _passed(
    servers: tuple[Server, ...], http: Sequence[Group], maps: Sequence[Map], settings: Settings
) -> tuple[tuple[Server, ...], tuple[Map, ...]]:
    """Return what the passes of the settings make of the servers, and the maps that these need."""
    lines = [item for group in http for item in group.directives]
    used = variables_of((*(arg for item in lines for arg in item.args), *of_maps(maps)))
    counting = (item for item in lines if not item.name.startswith(_PROXYING))
    read = reached(variables_of(arg for item in counting for arg in item.args), maps)
    room = None if settings.fragment else room_for_servers(lines)
    around = Around(used, read, room)
    return run_passes(servers, settings, around), tuple(around.names.maps)


def _finished(
    servers: tuple[Server, ...], settings: Settings, shared: Shared
) -> tuple[Server, ...]:
    if not settings.fragment:
        return servers
    headers = shared.header_names()
    return tuple(_with_defaults(server, settings, headers) for server in servers)


def _check_names(maps: Iterable[Map]) -> None:
    """Raise `Unsafe` for two maps of one variable: nginx would take the last for both."""
    seen: set[str] = set()
    for item in maps:
        if item.variable.name in seen:
            raise Unsafe(f"two maps of {item.variable}")
        seen.add(item.variable.name)


def _with_defaults(server: Server, settings: Settings, headers: tuple[str, ...]) -> Server:
    """In somebody else's ``http`` the defaults go into each server, where they can't clash."""
    inner = tuple(directives_in((server,)))
    everywhere = frame.everywhere(settings)
    proxying = frame.proxying(settings, headers)
    tls: tuple[Group, ...] = ()
    if any("ssl" in item.args for item in server.directives if item.name == "listen"):
        tls = frame.tls(settings)
    proxies = any(item.name == "proxy_pass" for item in inner)
    used = proxying if proxies else ()
    others = inherited(passes_of(inner), (*everywhere, *proxying, *tls))
    groups = (*everywhere, *used, *tls, *others)
    # The host may set it by itself, and what was moved up from locations is whole.
    present = {item.name for item in server.directives}
    defaults = [item for group in groups for item in group.directives if item.name not in present]
    if not proxies:
        # Nothing is proxied, and without the frame's buffers a ConfigMap's might not fit.
        defaults = [item for item in defaults if item.name not in BUFFERS]
    log = frame.access_log(settings) if "access_log" not in present else ()
    directives = (*server.directives, *log, *defaults)
    return dataclasses.replace(server, directives=directives)
