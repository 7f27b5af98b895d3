"""Names beside the rules' hosts: aliases and the twins with or without ``www.``."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect, HostNameTaken
from ingc.diagnostics.catalogue.tenancy import RegexAliasOverAnother
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting
from ingc.ir import ANY_HOST
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.merge.order import Age, age
from ingc.merge.owners import Owners, report_below, shown_cover
from ingc.syntax.host import is_wildcard, twin_of

Settings = tuple[HostSetting, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """An annotation that adds names to a host."""

    age: Age
    """Of its Ingress."""
    host: str
    setting: HostSetting

    @property
    def place(self) -> tuple[Age, bool, str]:
        """Its place among all: by age, of one Ingress aliases first, then by host."""
        return self.age, isinstance(self.setting.feature, WwwRedirect), self.host


Granted = Mapping[tuple[str, str], HostSetting | None]
"""By host and annotation: the setting without the names that others have; ``None``: none is left"""


def claims_of(host: str, settings: Settings, intents: Iterable[Intent]) -> tuple[Claim, ...]:
    """Return the settings of a host that add names; ``intents`` are those that may set them."""
    ages: dict[str, Age] = {}
    found = []
    for setting in settings:
        by = setting.origin.object
        if by is not None and isinstance(setting.feature, Alias | WwwRedirect):
            ages = ages or {intent.name: age(intent) for intent in intents}
            found.append(Claim(ages[f"{by.namespace}/{by.name}"], host, setting))
    return tuple(found)


def claim_names(
    claims: Iterable[Claim], hosts: Container[str], owners: Owners, sink: Sink
) -> Granted:
    """Return what is left of the claims without the names that others have; those are reported.

    ``hosts`` are those that rules name, and each has its name. Of two that want another name the
    older one has it.
    """
    names = _Names(hosts)
    granted: dict[tuple[str, str], HostSetting | None] = {}
    older: list[str] = []
    for claim in sorted(claims, key=lambda claim: claim.place):
        host, setting = claim.host, claim.setting
        if isinstance(setting.feature, Alias):
            wanted = setting.feature.names
            over = _over_others((host, *wanted), claim.age, owners, older)
            if over is not None:
                wanted = tuple(_without_regexes(setting, wanted, over, sink))
            left = tuple(_names_left(host, setting, wanted, names, sink))
            kept = dataclasses.replace(setting, feature=Alias(left, len(older)))
            granted[host, setting.annotation] = kept if left else None
            if any(map(_is_regex, left)):
                older.append(host)
        else:
            left = _twin_left(host, setting, names, sink)
            granted[host, setting.annotation] = setting if left else None
        _report_covered(left, claim, owners, sink)
    return granted


def with_granted(host: str, settings: Settings, granted: Granted) -> Settings:
    """Return the settings of a host with what is left of its claims."""
    found = (granted.get((host, setting.annotation), setting) for setting in settings)
    return tuple(filter(None, found)) if granted else settings


@dataclass(frozen=True, slots=True)
class _Names:
    """Who has which name."""

    hosts: Container[str]
    others: dict[str, str] = field(default_factory=dict)

    def taken(self, name: str, by: str) -> str:
        """Return who has a name; where nobody has, it is taken."""
        return f"the host {name}" if name in self.hosts else self.others.setdefault(name, by)


@dataclass(frozen=True, slots=True)
class _Over:
    """From whom the regexes of a host would take names."""

    cover: str
    owner: str
    fix: str


def _over_others(
    names: tuple[str, ...], by: Age, owners: Owners, older: Iterable[str]
) -> _Over | None:
    """Return who would lose names to the regexes among a host's names, of which its own is first.

    ``older`` are the hosts that have regexes of older Ingresses.
    """
    host = names[0]
    if not host:
        return None  # a regex there takes nothing new
    if owners.cover_of("~", host, by) is not None:
        owner = owners.by_host[ANY_HOST]
        return _Over(shown_cover(ANY_HOST), owner, "write the names out")
    if any(map(is_wildcard, names)):
        for other in older:
            if owners.by_host.get(other) != owners.by_host.get(host):
                fix = "put it on a host without wildcards"
                return _Over(f"a regex of {other}", owners.by_host[other], fix)
    return None


def _report_covered(names: Iterable[str], claim: Claim, owners: Owners, sink: Sink) -> None:
    """Report, once for each host that loses names, those that a host gets beside its own."""
    covered: dict[str, list[str]] = {}
    for name in names:
        cover = owners.cover_of(name, claim.host, claim.age)
        if cover is not None:
            covered.setdefault(cover, []).append(name)
    for cover, found in covered.items():
        report_below(found, cover, owners, claim.setting.origin, sink)


def _without_regexes(
    setting: HostSetting, names: Iterable[str], over: _Over, sink: Sink
) -> Iterator[str]:
    for name in names:
        if not _is_regex(name):
            yield name
            continue
        entry = RegexAliasOverAnother(
            annotation=setting.annotation,
            alias=name,
            cover=over.cover,
            owner=over.owner,
            fix=over.fix,
        )
        sink.report(entry, setting.origin)


def _is_regex(name: str) -> bool:
    return name.startswith("~")


def _names_left(
    host: str, setting: HostSetting, names: Iterable[str], taken: _Names, sink: Sink
) -> Iterator[str]:
    own = f"the alias of {host or 'the rules without a host'}"
    for name in names:
        owner = taken.taken(name, own)
        if owner == own:
            yield name
        elif name != host:
            _report(setting, name, owner, sink)


def _twin_left(host: str, setting: HostSetting, taken: _Names, sink: Sink) -> tuple[str, ...]:
    twin = twin_of(host)
    if twin is None:
        needs = "a rule with a host that is no wildcard"
        entry = AnnotationWithoutEffect(annotation=setting.annotation, needs=needs)
        sink.report(entry, setting.origin)
        return ()
    own = f"the twin of {host}"
    owner = taken.taken(twin, own)
    if owner != own:
        _report(setting, twin, owner, sink)
        return ()
    return (twin,)


def _report(setting: HostSetting, name: str, owner: str, sink: Sink) -> None:
    alias = isinstance(setting.feature, Alias)
    fix = f"{name} here, or from {owner}" if alias else f"the annotation, or {owner}"
    entry = HostNameTaken(annotation=setting.annotation, alias=name, owner=owner, fix=fix)
    sink.report(entry, setting.origin)
