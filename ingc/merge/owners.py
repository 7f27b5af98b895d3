"""Who owns a rule host: only its owner decides what holds for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    _report_below(named, owners, sink)
    return Owners(owners)


def display_name(host: str) -> str:
    """Return a host's name for people."""
    return host or "every unnamed host"


def place_of(intent: Intent, host: str) -> Origin:
    """Return where an Ingress names a host."""
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
        also = [Related(place_of(first, host), "this Ingress counts as the older one")]
        sink.report(entry, place_of(alike[0], host), also)


def _report_unused(host: str, owner: str, why: str, sink: Sink) -> None:
    sink.report(HostOwnerUnused(host=host or "*", owner=owner, why=why), Origin())


def _report_below(named: Mapping[str, Firsts], owners: Mapping[str, str], sink: Sink) -> None:
    """Report, once for each two namespaces, names that an older host took until now."""
    below: dict[tuple[str, str], list[str]] = {}
    covers = {host: _first_rule(host, firsts) for host, firsts in named.items()}
    for host, firsts in named.items():
        if not host or host.startswith("*."):
            continue
        wildcard = f"*.{host.partition('.')[2]}"
        cover = wildcard if wildcard in covers else ANY_HOST
        older, mine = covers.get(cover), next(iter(firsts.values()))
        if older is not None and owners[cover] != owners[host] and age(older) < age(mine):
            below.setdefault((cover, mine.namespace), []).append(host)
    for (cover, namespace), hosts in below.items():
        first = named[hosts[0]][namespace]
        name = cover or "the rules without a host"
        entry = HostBelowHostOfAnother(hosts=tuple(hosts), cover=name, owner=owners[cover])
        sink.report(entry, place_of(first, hosts[0]))


def _first_rule(host: str, firsts: Firsts) -> Intent | None:
    """Return the oldest Ingress with a rule for a host; one without rules takes no such name."""
    return next((intent for intent in firsts.values() if host in intent.hosts), None)
