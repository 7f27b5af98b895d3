"""What hosts have in common, counted, so that one host more or less need not look at all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ingc.ir import Host, Proxy
from ingc.ir.features.external_auth import remembers
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.tracing import Traced

Mentions = frozenset[str]
"""Names that stand in a text: of variables, with a dollar sign, zones, upstreams with sessions."""

_VARIABLE = re.compile(r"\$\{?(\w+)").findall
_ZONE = re.compile(r"limit_(?:req zone=|conn )([^\s;]+)").findall
_SESSIONS = re.compile(r"[\w.-]+\.sticky_[\w.-]+").findall


def mentions_of(text: str) -> Mentions:
    """Return what a text mentions, and perhaps more."""
    found = {f"${name}" for name in _VARIABLE(text)}
    if "limit_" in text:
        found.update(_ZONE(text))
    if ".sticky_" in text:
        found.update(_SESSIONS(text))
    return frozenset(found)


def _is_loose(host: Host) -> bool:
    return host.twin is not None or any(name.startswith(("*.", "~")) for name in host.names)


def _has_regex(host: Host) -> bool:
    return any(name.startswith("~") for name in host.names)


def _has(kind: type) -> Callable[[Host], bool]:
    def has(host: Host) -> bool:
        routes = (*host.routes, host.default)
        return any(isinstance(item, kind) for route in routes for item in route.features)

    return has


def _passes_grpc(host: Host) -> bool:
    return any(
        isinstance(route.action, Proxy)
        and isinstance(item, BackendProtocol)
        and item.name in ("GRPC", "GRPCS")
        for route in (*host.routes, host.default)
        for item in route.features
    )


LOOSE = "loose"
"""A host that may take names which are not written down: a wildcard, a regex, a twin."""
REGEX = "regex"
"""One with a name that is a regex, so that its place among the servers is another."""
HTTPS = "https"
_TRAITS: Mapping[str, Callable[[Host], bool]] = {
    LOOSE: _is_loose,
    REGEX: _has_regex,
    "remembers": remembers,
    HTTPS: lambda host: host.answers_https,
    "firewall": _has(Firewall),
    "traced": _has(Traced),
    "grpc": _passes_grpc,
}
TOGETHER = (LOOSE, REGEX, "remembers")
"""What the proof compares among all hosts that have it."""
ALONE = (HTTPS, "firewall", "traced", "grpc")
"""What the frame has to have, or not, if any host has it."""


def traits_of(host: Host) -> frozenset[str]:
    """Return the traits that a host has."""
    return frozenset([name for name, has in _TRAITS.items() if has(host)])


def upstreams_of(host: Host) -> frozenset[str]:
    """Return the names of all upstreams that some route of a host may use."""
    routes = (*host.routes, host.default)
    return frozenset([name for route in routes for name in route.upstreams])


def names_of(host: Host) -> tuple[str, ...]:
    """Return every name of a host, its twin too."""
    twin = host.twin
    return (*host.names, twin) if twin else host.names


@dataclass(slots=True)
class HostTally:
    """What hosts are, by what they have in common."""

    users: dict[str, dict[str, None]] = field(default_factory=dict)
    """The hosts that may use an upstream, by its name."""
    owners: dict[str, str] = field(default_factory=dict)
    """The host that has a name."""
    traits: dict[str, dict[str, None]] = field(default_factory=dict)
    """The hosts that have a trait."""
    mentions: Counter[Mentions] = field(default_factory=Counter)
    """How many hosts mention the same."""
    plain: Counter[str] = field(default_factory=Counter)
    """How many hosts use an upstream as it is."""

    def add(self, host: Host, mentions: Mentions, plain: Iterable[str]) -> bool:
        """Count a host in; false: another one has a name of it already."""
        for name in names_of(host):
            if self.owners.setdefault(name, host.name) != host.name:
                return False
        for name in upstreams_of(host):
            self.users.setdefault(name, {})[host.name] = None
        for name in traits_of(host):
            self.traits.setdefault(name, {})[host.name] = None
        self.mentions[mentions] += 1
        self.plain.update(plain)
        return True

    def remove(self, host: Host, mentions: Mentions, plain: Iterable[str]) -> None:
        """Count a host out."""
        for name in names_of(host):
            del self.owners[name]
        for name in upstreams_of(host):
            del self.users[name][host.name]
            if not self.users[name]:
                del self.users[name]
        for name in traits_of(host):
            del self.traits[name][host.name]
        _less(self.mentions, mentions)
        for name in plain:
            _less(self.plain, name)


def _less(counted: Counter[object] | Counter[str] | Counter[Mentions], item: object) -> None:
    counts: Counter[object] = counted  # type: ignore[assignment]
    counts[item] -= 1
    if not counts[item]:
        del counts[item]
