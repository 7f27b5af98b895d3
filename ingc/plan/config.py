"""The IR → the whole layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from ingc.ir import Config, Settings
from ingc.ir.module_use import is_traced
from ingc.plan.contents import Contents
from ingc.plan.features.canary import plain_upstreams
from ingc.plan.frame import http as frame
from ingc.plan.frame.modules import entry_blocks, sampler_maps
from ingc.plan.hoisting import BUFFERS, HOISTED
from ingc.plan.language import inherited
from ingc.plan.layout import (
    Comment,
    Directive,
    Group,
    Layout,
    Location,
    Map,
    Server,
    Unsafe,
    plain,
)
from ingc.plan.passes.around import Around, of_maps, variables_of
from ingc.plan.passes.table import run_passes
from ingc.plan.reasons import explained
from ingc.plan.servers import plan_servers
from ingc.plan.stream import plan_stream
from ingc.plan.upstreams import plan_upstream

_SETTERS = frozenset({"set", "auth_request_set"})


def plan(config: Config) -> Layout:
    """Lay out a configuration for the nginx that the settings name."""
    settings = config.settings
    contents = Contents(config)
    servers = plan_servers(config, contents)
    http = frame.http_groups(config)
    if settings.fragment:
        headers = contents.header_names()
        servers = tuple(_with_defaults(server, settings, headers) for server in servers)
    else:
        http += (*frame.general(settings), *frame.everywhere(settings))
        http += frame.proxying(settings, contents.header_names())
        http += frame.tls(settings) if frame.serves_https(config) else ()
        http += tuple(inherited(_inner(servers), http))
    if contents.http:
        http += (Group(Comment("what locations refer to"), tuple(contents.http)),)
    traced = is_traced(config)
    sampled = sampler_maps(settings, traced=traced)
    maps = (*frame.maps(config), *sampled, *contents.header_maps(), *contents.maps)
    if settings.passes:
        servers, names = _passed(servers, http, maps, settings)
        maps += names
        http += frame.room_for_names(names, settings) if not settings.fragment else ()
    if not settings.fragment:
        http += frame.room_for_variables(
            {item.variable.name for item in maps} | _set(servers), settings
        )
    used = plain_upstreams(config)
    blocks = (plan_upstream(item, settings) for item in config.upstreams if item.name in used)
    _check_names(maps)
    return Layout(
        fragment=settings.fragment,
        main=() if settings.fragment else frame.main_directives(config),
        events=() if settings.fragment else frame.events_directives(settings),
        http=http,
        maps=tuple(explained(maps)),
        upstreams=(*(block for block in blocks if block is not None), *contents.blocks),
        servers=servers,
        stream=plan_stream(config),
        entry_blocks=tuple(entry_blocks(settings, traced=traced)),
    )


def _passed(
    servers: tuple[Server, ...], http: Sequence[Group], maps: Sequence[Map], settings: Settings
) -> tuple[tuple[Server, ...], tuple[Map, ...]]:
    """Return what the passes of the settings make of the servers, and the maps that these need."""
    lines = (item for group in http for item in group.directives)
    used = variables_of((*(arg for item in lines for arg in item.args), *of_maps(maps)))
    around = Around(used)
    return run_passes(servers, settings, around), tuple(around.names.maps)


def _check_names(maps: Iterable[Map]) -> None:
    """Raise `Unsafe` for two maps of one variable: nginx would take the last for both."""
    seen: set[str] = set()
    for item in maps:
        if item.variable.name in seen:
            raise Unsafe(f"two maps of {item.variable}")
        seen.add(item.variable.name)


def _inner(servers: Iterable[Server]) -> Iterator[Directive]:
    for server in servers:
        yield from _of_locations(server.locations)


def _of_locations(locations: Iterable[Location]) -> Iterator[Directive]:
    for location in locations:
        yield from location.directives
        yield from _of_locations(location.locations)


def _with_defaults(server: Server, settings: Settings, headers: tuple[str, ...]) -> Server:
    """In somebody else's ``http`` the defaults go into each server, where they can't clash."""
    inner = tuple(_inner((server,)))
    everywhere = frame.everywhere(settings)
    proxying = frame.proxying(settings, headers)
    tls: tuple[Group, ...] = ()
    if any("ssl" in item.args for item in server.directives if item.name == "listen"):
        tls = frame.tls(settings)
    proxies = any(item.name == "proxy_pass" for item in inner)
    used = proxying if proxies else ()
    others = inherited(inner, (*everywhere, *proxying, *tls))
    groups = (*everywhere, *used, *tls, *others)
    # An annotation may have set it for the host, and what was moved up from locations is whole.
    present = {
        item.name
        for item in server.directives
        if item.name.startswith("ssl_") or item.name in HOISTED
    }
    defaults = [item for group in groups for item in group.directives if item.name not in present]
    if not proxies:
        # Nothing is proxied, and without the frame's buffers a ConfigMap's might not fit.
        defaults = [item for item in defaults if item.name not in BUFFERS]
    directives = (*server.directives, *frame.access_log(settings), *defaults)
    return dataclasses.replace(server, directives=directives)


def _set(servers: Iterable[Server]) -> set[str]:
    """Return the names of the variables that locations set."""
    setters = (item for item in _inner(servers) if item.name in _SETTERS)
    return {plain(item.args[0]).removeprefix("$") for item in setters}
