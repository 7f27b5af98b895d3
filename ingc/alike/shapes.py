"""Hosts that differ in names alone, found in the IR.

A host's shape is all of it, with a number in the place of each name: of the host, of Ingresses, of
Services, upstreams and certificates. Each kind of name is numbered by itself, in the order in which
its names are met, so that hosts of one shape are one problem with other names in it. Whatever else
a host holds, a name in a feature included, is a part of its shape as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from ingc.alike.template import LONGEST_NAME
from ingc.ir import ANY_HOST, Config, Host, Proxy, Route, RouteOrigin, ServiceTarget, Upstream
from ingc.ir.features.external_auth import remembers
from ingc.ir.features.passthrough import Passthrough
from ingc.match.trie import HostTable
from ingc.plan.upstreams import STICKY_INFIX
from ingc.syntax.host import is_address

HOST, NAMESPACE, INGRESS, SERVICE, UPSTREAM, FILE = range(6)
"""The kinds of names."""
_PLAIN = re.compile(r"(?:[0-4][A-Za-z0-9_.-]+\n|5[A-Za-z0-9_./-]+\n)+").fullmatch
"""What one name may be exchanged for, in any token and comment, each after its kind: in the name of
an upstream a slash would begin a path."""
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ADDRESS = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}").fullmatch
_ADDRESS_V6 = re.compile(r"[0-9a-f.:]+").fullmatch
_DOTTED = re.compile(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*").fullmatch

_MOST_NAMES = 500
_MOST_ENDPOINTS = 100
"""A host with more names, or an upstream with more endpoints, is like no other."""

Name = tuple[int, str]
"""A kind of name, and the name."""
Key = tuple[object, ...]
"""Equal keys, equal shapes."""
_Number = Callable[[int, str], int]


@dataclass(frozen=True, slots=True)
class AlikeHost:
    """A host of a shape."""

    host: Host
    names: tuple[Name, ...]
    """By their numbers."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The hosts of a configuration, by what they have in common."""

    alike: tuple[tuple[AlikeHost, ...], ...]
    """The hosts of each shape that enough of them have."""
    others: tuple[Host, ...]
    """All that are alone."""


def shapes_of(config: Config, fewest: int) -> Shapes:
    """Return the hosts by their shapes; ``fewest`` hosts make one that counts."""
    upstreams = {item.name: item for item in config.upstreams}
    apart = Apart(config.hosts)
    keys = cache(upstream_key)
    found: dict[Key, list[AlikeHost]] = {}
    others: list[Host] = []
    for host in config.hosts:
        made = _member(host, upstreams, keys) if apart.is_apart(host) else None
        if made is None:
            others.append(host)
        else:
            found.setdefault(made[0], []).append(made[1])
    alike = [tuple(members) for members in found.values() if len(members) >= fewest]
    for members in found.values():
        if len(members) < fewest:
            others.extend(member.host for member in members)
    return Shapes(tuple(alike), tuple(sorted(others, key=lambda host: host.name)))


class Apart:
    """Whether what becomes of a host's requests is a matter of that host alone."""

    def __init__(self, hosts: Iterable[Host]) -> None:
        # The host of all other names may have aliases.
        loose = [host for host in hosts if host.names != (ANY_HOST,) and not _has_one_name(host)]
        self._loose = HostTable(loose) if loose else None

    def is_apart(self, host: Host) -> bool:
        """Return whether it has one name, which no other host takes by a pattern or as a twin."""
        if not _has_one_name(host) or remembers(host):
            return False
        return self._loose is None or not self._loose.may_find(host.name)


def _has_one_name(host: Host) -> bool:
    if not _DOTTED(host.name) or (host.features and host.feature(Passthrough) is not None):
        return False
    return not host.features or (host.twin is None and len(host.names) == 1)


def _member(
    host: Host, upstreams: Mapping[str, Upstream], keys: Callable[[Upstream], Key | None]
) -> tuple[Key, AlikeHost] | None:
    numbers: dict[Name, int] = {}

    def number(kind: int, name: str) -> int:
        return numbers.setdefault((kind, name), len(numbers))

    key = _host(host, number)
    used: list[object] = []
    for kind, name in tuple(numbers):
        if kind == UPSTREAM:
            upstream = upstreams.get(name)
            inner = keys(upstream) if upstream is not None else None
            if upstream is None or inner is None:
                return None
            used += (inner, _service(upstream.service, number))
    names = tuple(numbers)
    if len(names) > _MOST_NAMES or not _are_plain(names):
        return None
    return (key, *used), AlikeHost(host, names)


def _are_plain(names: tuple[Name, ...]) -> bool:
    """Return whether each name may stand in the place of another one of its kind."""
    written = "".join([f"{kind}{name}\n" for kind, name in names])
    return (
        _PLAIN(written) is not None
        and written.count("\n") == len(names)
        and STICKY_INFIX not in written
        and max([len(name) for _, name in names]) <= LONGEST_NAME
    )


def _host(host: Host, number: _Number) -> Key:
    name, https = number(HOST, host.name), host.https
    certificate = https.certificate if https is not None else None
    return (
        name,
        https and https.redirect,
        certificate and (number(FILE, certificate.certificate), number(FILE, certificate.key)),
        host.regex,
        host.features,
        tuple([_route(route, number) for route in host.routes]),
        _route(host.default, number),
        host.dead,
    )


def _route(route: Route, number: _Number) -> Key:
    action = route.action
    return (
        route.match,
        number(UPSTREAM, action.upstream) if isinstance(action, Proxy) else action,
        _origin(route.origin, number),
        route.path,
        route.path_type,
        route.service and _service(route.service, number),
        route.features,
    )


def _origin(origin: RouteOrigin, number: _Number) -> Key:
    if not origin.name:
        return (origin,)
    names = number(NAMESPACE, origin.namespace), number(INGRESS, origin.name)
    return (*names, origin.field, origin.kind.name)


def _service(service: ServiceTarget, number: _Number) -> Key:
    if not service.namespace:
        return (service,)
    names = number(NAMESPACE, service.namespace), number(SERVICE, service.service)
    return (*names, service.port)


def upstream_key(upstream: Upstream) -> Key | None:
    """Return all of an upstream but its names and addresses; ``None``: it is like no other.

    Names of the DNS are none of these: nginx may resolve some and not others.
    """
    ends = upstream.endpoints
    if (
        upstream.shares
        or len(ends) > _MOST_ENDPOINTS
        or any(item.dns or not _is_address(item.address) for item in ends)
    ):
        return None
    places: dict[str, int] = {}
    return (
        *[
            (places.setdefault(e.address, len(places)), ":" in e.address, e.port, e.weight)
            for e in ends
        ],
        upstream.features,
        upstream.service.port,
    )


def _is_address(text: str) -> bool:
    """Return whether a text is an address for nginx, and no name that it would resolve."""
    if ":" not in text:
        return _ADDRESS(text) is not None
    return _ADDRESS_V6(text) is not None and is_address(text)


def names_of_upstream(upstream: Upstream) -> tuple[str, ...]:
    """Return the names that `upstream_key` leaves out: its own, its Service's, its addresses."""
    service = upstream.service
    addresses = dict.fromkeys([item.address for item in upstream.endpoints])
    return (upstream.name, service.namespace, service.service, *addresses)
