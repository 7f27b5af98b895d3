"""Who owns a rule host: only its owner decides what holds for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ingc.diagnostics import Origin, Related, Sink
from ingc.diagnostics.catalogue.tenancy import (
    HostBelowHostOfAnother,
    HostOwnerUndecided,
    HostOwnerUnused,
)
from ingc.frontend.intent import Intent
from ingc.ir import ANY_HOST
from ingc.merge.order import age
from ingc.options import Options

Firsts = Mapping[str, Intent]
"""The oldest Ingress of each namespace that names a host, the oldest of all first."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The namespaces that have hosts."""

    by_host: Mapping[str, str]
    """Empty where namespaces trust one another."""
    covers: Mapping[str, Intent] = field(default_factory=dict)
    """`ANY_HOST` and wildcards → the oldest Ingress with a rule for it."""

    def cover_of(self, name: str, host: str, by: Intent) -> str | None:
        """Return from which host of another namespace an Ingress takes a name, or None.

        It is one that is older: a wildcard, or `ANY_HOST`. The Ingress takes the name, which may be
        a wildcard or a regex, for ``host``.
        """
        wildcard = "" if name.startswith(("*.", "~")) else f"*.{name.partition('.')[2]}"
        cover = wildcard if wildcard in self.covers else ANY_HOST
        older = self.covers.get(cover)
        foreign = older is not None and self.by_host[cover] != self.by_host[host]
        return cover if older is not None and foreign and age(older) < age(by) else None

    def is_foreign(self, host: str, namespace: str) -> bool:
        """Return whether a host belongs to another namespace."""
        return self.by_host.get(host, namespace) != namespace


def settle_owners(intents: Sequence[Intent], options: Options, sink: Sink) -> Owners:
    """Return whose each host is; ``intents`` come in order.

    What nothing but names decides is reported, and exact names below a host of another namespace.
    """
    if options.trust_namespaces:
        return Owners({})
    named: dict[str, dict[str, Intent]] = {}
    for intent in intents:
        for host in intent.hosts or (ANY_HOST,):
            named.setdefault(host, {}).setdefault(intent.namespace, intent)
    given = {host if host != "*" else ANY_HOST: owner for host, owner in options.host_owner.items()}
    owners = {}
    for host, firsts in named.items():
        owner = owners[host] = given.get(host) or next(iter(firsts))
        if host not in given:
            _report_undecided(host, firsts, sink)
        elif owner not in firsts:
            why = f"no Ingress of namespace {owner} names the host"
            _report_unused(host, owner, why, sink)
    for host in given.keys() - named.keys():
        _report_unused(host, given[host], "no rule names the host", sink)
    covers = {
        host: oldest
        for host, firsts in named.items()
        if not host or host.startswith("*.")
        if (oldest := _first_rule(host, firsts)) is not None
    }
    settled = Owners(owners, covers)
    _report_below(named, settled, sink)
    return settled


def display_name(host: str) -> str:
    """Return a host's name for people."""
    return host or "every unnamed host"


def place_of(intent: Intent, host: str) -> Origin:
    """Return where an Ingress names a host."""
    if intent.kind.host_field:
        return intent.origin.at(*intent.kind.host_field)
    route = next((route for route in intent.routes if route.host == host), None)
    if route is None:
        return intent.origin
    rules, index = route.origin.field[1:3]
    return intent.origin.at("spec", rules, index, "host")


def _report_undecided(host: str, firsts: Firsts, sink: Sink) -> None:
    first, *others = firsts.values()
    alike = [other for other in others if other.created == first.created]
    if alike:
        entry = HostOwnerUndecided(
            host=display_name(host), owner=first.namespace, option=host or "*"
        )
        also = [Related(place_of(first, host), f"this {first.kind.name} counts as the older one")]
        sink.report(entry, place_of(alike[0], host), also)


def _report_unused(host: str, owner: str, why: str, sink: Sink) -> None:
    sink.report(HostOwnerUnused(host=host or "*", owner=owner, why=why), Origin())


def _report_below(named: Mapping[str, Firsts], owners: Owners, sink: Sink) -> None:
    """Report, once for each two namespaces, names that an older host took until now."""
    below: dict[tuple[str, str], list[str]] = {}
    for host, firsts in named.items():
        mine = next(iter(firsts.values()))
        cover = owners.cover_of(host, host, mine) if host else None
        if cover is not None:
            below.setdefault((cover, mine.namespace), []).append(host)
    for (cover, namespace), hosts in below.items():
        origin = place_of(named[hosts[0]][namespace], hosts[0])
        report_below(hosts, cover, owners, origin, sink)


def report_below(
    names: Iterable[str], cover: str, owners: Owners, origin: Origin, sink: Sink
) -> None:
    """Report that names go no longer to a wildcard, or `ANY_HOST`, of another namespace."""
    entry = HostBelowHostOfAnother(
        hosts=tuple(names), cover=shown_cover(cover), owner=owners.by_host[cover]
    )
    sink.report(entry, origin)


def shown_cover(cover: str) -> str:
    """Return the name of a wildcard, or of `ANY_HOST`, for people."""
    return cover or "the rules without a host"


def _first_rule(host: str, firsts: Firsts) -> Intent | None:
    """Return the oldest Ingress with a rule for a host; one without rules takes no such name."""
    return next((intent for intent in firsts.values() if host in intent.hosts), None)
