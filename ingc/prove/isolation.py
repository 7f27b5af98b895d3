"""Which hosts have to go for the rest to be proved: they answer 503."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from ingc.ir import ANY_HOST, Config, Host
from ingc.prove.unproved import Unproved

Prove = Callable[[Config], tuple[Unproved, ...]]
"""Lays out, prints and proves a configuration; returns what could not be proved."""


def hosts_to_silence(
    found: Iterable[Unproved], config: Config, prove: Prove
) -> dict[str, Unproved]:
    """Return the hosts that can't be proved, unless they have been silenced already.

    ``found`` is what could not be proved of a configuration. A text that is not even valid has
    no servers to compare: then each host is proved alone.
    """
    hosts = {item.host.name: item for item in found if item.host is not None and item.host.routes}
    if hosts:
        return hosts
    for host in (host for host in config.hosts if host.routes):
        alone = prove(_alone(config, host))
        if alone:
            return {host.name: alone[0]}
    return {}


def silence(config: Config, names: Iterable[str]) -> Config:
    """Return a configuration in which hosts answer less.

    Of a host of several namespaces first the routes that are not its owner's answer 503, then they
    are left out, then the whole host answers 503.
    """
    silenced = frozenset(names)
    hosts = tuple(_less(item) if item.name in silenced else item for item in config.hosts)
    return dataclasses.replace(config, hosts=hosts)


def _less(host: Host) -> Host:
    owner = host.tenancy.owner if host.tenancy else None
    foreign = [route for route in host.routes if owner not in (None, route.origin.namespace)]
    silenced = {str(route.origin): route.silenced() for route in foreign}
    if any(silenced[str(route.origin)] != route for route in foreign):
        routes = tuple(silenced.get(str(route.origin), route) for route in host.routes)
        return dataclasses.replace(host, routes=routes)
    own = tuple(route for route in host.routes if str(route.origin) not in silenced)
    return dataclasses.replace(host, routes=own) if foreign else host.silenced()


def _alone(config: Config, host: Host) -> Config:
    others = (item.silenced() for item in config.hosts if item.name == ANY_HOST != host.name)
    used = {name for route in (*host.routes, host.default) for name in route.upstreams}
    upstreams = tuple(upstream for upstream in config.upstreams if upstream.name in used)
    return dataclasses.replace(config, hosts=(*others, host), upstreams=upstreams)
