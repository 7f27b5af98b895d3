"""Directives that all proxying locations of a server have: written once, in the server.

nginx inherits them into each location, and reads, and keeps, fewer lines. A server of a few lines
stays as a person would write it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import compress
from operator import not_

from ingc.plan.error_lists import hands_on
from ingc.plan.layout import Directive, Location, Server

_WORTH = 24
"""So many lines have to go before a server is written in this way."""

_PASSES = frozenset({"proxy_pass", "grpc_pass", "fastcgi_pass"})
_PLAIN = frozenset({"set", "return", "access_log", "port_in_redirect"})
"""All that a location may hold that does not proxy: nothing inherited changes what it answers,
but for headers."""
HOISTED = frozenset(
    {
        "add_header",
        "client_body_buffer_size",
        "client_max_body_size",
        "limit_conn",
        "limit_req",
        "proxy_buffer_size",
        "proxy_buffering",
        "proxy_buffers",
        "proxy_busy_buffers_size",
        "proxy_connect_timeout",
        "proxy_cookie_domain",
        "proxy_cookie_path",
        "proxy_hide_header",
        "proxy_http_version",
        "proxy_max_temp_file_size",
        "proxy_next_upstream",
        "proxy_next_upstream_timeout",
        "proxy_next_upstream_tries",
        "proxy_read_timeout",
        "proxy_request_buffering",
        "proxy_send_timeout",
        "proxy_set_header",
    }
)
"""What nginx inherits as a whole where a location has none of the same name, and what acts only
where a location proxies; but for ``add_header``, which a location without it must not inherit."""
BUFFERS = frozenset(
    {
        "proxy_buffer_size",
        "proxy_buffers",
        "proxy_busy_buffers_size",
        "proxy_max_temp_file_size",
    }
)
"""What nginx takes only together."""
_ADDS = "add_header"


def hoist(server: Server, headers: tuple[Directive, ...]) -> Server:
    """Return a server with what its proxying locations have in common moved up, if it is worth it.

    ``headers`` are those that every answer gets.
    """
    passes = list(map(_proxies, server.locations))
    proxying = list(compress(server.locations, passes))
    others = compress(server.locations, map(not_, passes))
    if len(proxying) < 2 or not all(map(_is_plain, others)):
        return server
    common = _common(proxying) - {item.name for item in server.directives}
    if not common:
        return server
    moved = tuple(item for item in proxying[0].directives if item.name in common)
    if len(moved) * (len(proxying) - 1) < _WORTH:
        return server
    return dataclasses.replace(
        server,
        directives=(*server.directives, *moved),
        locations=tuple(
            _less(item, common) if proxies else with_own_headers(item, moved, headers)
            for item, proxies in zip(server.locations, passes, strict=True)
        ),
    )


def _proxies(location: Location) -> bool:
    return not _PASSES.isdisjoint([item.name for item in location.directives])


def _is_plain(location: Location) -> bool:
    if hands_on(location):
        return True
    return not location.name.startswith(("@", "//")) and all(
        item.name in _PLAIN for item in location.directives
    )


def _common(locations: Iterable[Location]) -> set[str]:
    """Return the names of which every location has the same directives, in the same order."""
    inherited = [[d for d in item.directives if d.name in HOISTED] for item in locations]
    if all(found == inherited[0] for found in inherited):
        return {item.name for item in inherited[0]}
    first, *rest = map(_by_name, inherited)
    return {name for name, found in first.items() if all(o.get(name) == found for o in rest)}


def _by_name(directives: Iterable[Directive]) -> dict[str, list[Directive]]:
    found: dict[str, list[Directive]] = {}
    for item in directives:
        found.setdefault(item.name, []).append(item)
    return found


def _less(location: Location, common: set[str]) -> Location:
    kept = tuple([item for item in location.directives if item.name not in common])
    return Location(location.origin, location.modifier, location.name, kept)


def with_own_headers(
    location: Location, outer: tuple[Directive, ...], headers: tuple[Directive, ...]
) -> Location:
    """Return a location with the headers that every answer gets, where it has none of its own.

    ``outer`` are directives of its server, of which it would inherit the headers. One that hands
    on to another location answers nothing.
    """
    added = next((item for item in outer if item.name == _ADDS), None)
    if (
        added is None
        or hands_on(location)
        or any(item.name == _ADDS for item in location.directives)
    ):
        return location
    # nginx leaves out a header without a value, and inherits none where a location has one.
    own = headers or (Directive(_ADDS, (added.args[0], "")),)
    return dataclasses.replace(location, directives=(*own, *location.directives))
