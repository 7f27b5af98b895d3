"""Who owns a rule host: only its owner decides what holds for all of it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import Origin, Related, Sink
from ingc.diagnostics.catalogue.tenancy import (
    HostBelowHostOfAnother,
    HostOwnerUndecided,
    HostOwnerUnused,
)
from ingc.frontend.intent import Intent
from ingc.ir import ANY_HOST
from ingc.merge.order import Age, age
from ingc.options import Options

Firsts = Mapping[str, Intent]
"""The oldest Ingress of each namespace that names a host, the oldest of all first."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The namespaces that have hosts."""

    by_host: Mapping[str, str]
    """Empty where namespaces trust one another."""
    covers: Mapping[str, Age] = field(default_factory=dict)
    """`ANY_HOST` and wildcards → the age of the oldest Ingress with a rule for it."""

    def cover_of(self, name: str, host: str, by: Age) -> str | None:
        """Return from which host of another namespace an Ingress takes a name, or None.

        It is one that is older: a wildcard, or `ANY_HOST`. An Ingress of an age takes the name,
        which may be a wildcard or a regex, for ``host``.
        """
        wildcard = "" if name.startswith(("*.", "~")) else f"*.{name.partition('.')[2]}"
        cover = wildcard if wildcard in self.covers else ANY_HOST
        older = self.covers.get(cover)
        foreign = older is not None and self.by_host[cover] != self.by_host[host]
        return cover if older is not None and foreign and older < by else None


@dataclass(frozen=True, slots=True)
class Below:
    """A host that an older one of another namespace took until now."""

    cover: str
    namespace: str
    place: tuple[Age, int]
    """When it was named first: the Ingress's age, and the place among the hosts there."""
    host: str
    origin: Origin


def settle_owners(named: Mapping[str, Firsts], options: Options, sink: Sink) -> Owners:
    """Return whose each host is, by who names it.

    What nothing but names decides is reported, and exact names below a host of another namespace.
    """
    if options.trust_namespaces:
        return Owners({})
    owners = {host: settle_owner(host, firsts, options, sink) for host, firsts in named.items()}
    report_unnamed(owners, options, sink)
    covers = {host: age for host, firsts in named.items() if (age := cover_age(host, firsts))}
    settled = Owners(owners, covers)
    if covers:
        found = (find_below(host, firsts, settled) for host, firsts in named.items())
        report_all_below(filter(None, found), settled, sink)
    return settled


def firsts_of(intents: Iterable[Intent]) -> Firsts:
    """Return the oldest Ingress of each namespace; they come in order."""
    found: dict[str, Intent] = {}
    for intent in intents:
        found.setdefault(intent.namespace, intent)
    return found


def settle_owner(host: str, firsts: Firsts, options: Options, sink: Sink) -> str:
    """Return the namespace that has a host; empty where namespaces trust one another."""
    if options.trust_namespaces:
        return ""
    given = _given(options).get(host)
    owner = given or next(iter(firsts))
    if given is None:
        _report_undecided(host, firsts, sink)
    elif owner not in firsts:
        _report_unused(host, owner, f"no Ingress of namespace {owner} names the host", sink)
    return owner


def report_unnamed(hosts: Container[str], options: Options, sink: Sink) -> None:
    """Report hosts that the operator gives to a namespace while no rule names them."""
    for host, owner in _given(options).items():
        if host not in hosts and not options.trust_namespaces:
            _report_unused(host, owner, "no rule names the host", sink)


def cover_age(host: str, firsts: Firsts) -> Age | None:
    """Return the age of a host that takes names of others: of its oldest Ingress with a rule.

    One without rules takes no such name.
    """
    if host and not host.startswith("*."):
        return None
    return next((age(intent) for intent in firsts.values() if host in intent.hosts), None)


def find_below(host: str, firsts: Firsts, owners: Owners) -> Below | None:
    """Return from whom a host has its name, where an older one had it until now."""
    mine = next(iter(firsts.values()))
    cover = owners.cover_of(host, host, age(mine)) if host else None
    if cover is None:
        return None
    place = age(mine), mine.hosts.index(host)
    return Below(cover, mine.namespace, place, host, place_of(mine, host))


def report_all_below(found: Iterable[Below], owners: Owners, sink: Sink) -> None:
    """Report, once for each two namespaces, names that an older host took until now."""
    below: dict[tuple[str, str], list[Below]] = {}
    for item in sorted(found, key=lambda item: item.place):
        below.setdefault((item.cover, item.namespace), []).append(item)
    for (cover, _), items in below.items():
        hosts = (item.host for item in items)
        report_below(hosts, cover, owners, items[0].origin, sink)


def _given(options: Options) -> Mapping[str, str]:
    given = options.host_owner
    return {host if host != "*" else ANY_HOST: owner for host, owner in given.items()}


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
