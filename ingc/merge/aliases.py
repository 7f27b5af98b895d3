"""Names beside the rules' hosts: aliases and the twins with or without ``www.``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect, HostNameTaken
from ingc.diagnostics.catalogue.tenancy import RegexAliasOverAnother
from ingc.frontend.wishes import HostSetting
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.merge.owners import Owners
from ingc.syntax.host import is_wildcard, twin_of

Settings = tuple[HostSetting, ...]


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Who takes the names that no host has: the oldest rules without a host of their owner."""

    namespace: str
    ingress: str
    """``namespace/name``."""


def claim_names(
    settings: Mapping[str, Settings],
    ingresses: Iterable[str],
    owners: Owners,
    unnamed: Unnamed | None,
    sink: Sink,
) -> dict[str, Settings]:
    """Return each host's settings without the names that others have; those are reported.

    ``settings`` are by host; every host that a rule names is among them, and has its name.
    ``ingresses`` come in order: of two that want another name the first has it.
    """
    ages = {name: number for number, name in enumerate(ingresses)}
    names = {host: f"the host {host}" for host in settings}
    granted: dict[tuple[str, str], HostSetting | None] = {}
    older: list[str] = []
    for host, setting in _claims(settings, ages):
        if isinstance(setting.feature, Alias):
            wanted = setting.feature.names
            since = unnamed is not None and ages[unnamed.ingress] < _age(setting, ages)
            over = _over_others((host, *wanted), unnamed if since else None, owners, older)
            if over is not None:
                wanted = tuple(_without_regexes(setting, wanted, over, sink))
            left = tuple(_names_left(host, setting, wanted, names, sink))
            kept = dataclasses.replace(setting, feature=Alias(left, len(older)))
            granted[host, setting.annotation] = kept if left else None
            if any(map(_is_regex, left)):
                older.append(host)
        else:
            twin = _has_twin(host, setting, names, sink)
            granted[host, setting.annotation] = setting if twin else None
    return {
        host: tuple(filter(None, (granted.get((host, s.annotation), s) for s in found)))
        for host, found in settings.items()
    }


def _claims(
    settings: Mapping[str, Settings], ages: Mapping[str, int]
) -> list[tuple[str, HostSetting]]:
    """Return what asks for more names: by age, of one Ingress aliases first, then by host."""

    def place(claim: tuple[str, HostSetting]) -> tuple[int, bool, str]:
        return _age(claim[1], ages), isinstance(claim[1].feature, WwwRedirect), claim[0]

    claims = ((host, setting) for host, found in settings.items() for setting in found)
    wanted = (claim for claim in claims if isinstance(claim[1].feature, Alias | WwwRedirect))
    return sorted(wanted, key=place)


def _age(setting: HostSetting, ages: Mapping[str, int]) -> int:
    by = setting.origin.object
    return ages.get(f"{by.namespace}/{by.name}", -1) if by is not None else -1


@dataclass(frozen=True, slots=True)
class _Over:
    """From whom the regexes of a host would take names."""

    cover: str
    owner: str
    fix: str


def _over_others(
    names: tuple[str, ...], unnamed: Unnamed | None, owners: Owners, older: Iterable[str]
) -> _Over | None:
    """Return who would lose names to the regexes among a host's names, of which its own is first.

    ``unnamed`` is None where it is younger; ``older`` are the older hosts with regexes.
    """
    host = names[0]
    if not host:
        return None  # a regex there takes nothing new
    namespace = owners.by_host.get(host, "")
    if unnamed is not None and unnamed.namespace != namespace:
        return _Over("the rules without a host", unnamed.namespace, "write the names out")
    if any(map(is_wildcard, names)):
        for other in older:
            owner = owners.by_host.get(other, "")
            if owner != namespace:
                return _Over(f"a regex of {other}", owner, "put it on a host without wildcards")
    return None


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
    host: str, setting: HostSetting, names: Iterable[str], owners: dict[str, str], sink: Sink
) -> Iterator[str]:
    own = f"the alias of {host or 'the rules without a host'}"
    for name in names:
        owner = owners.setdefault(name, own)
        if owner == own:
            yield name
        elif name != host:
            _report(setting, name, owner, sink)


def _has_twin(host: str, setting: HostSetting, owners: dict[str, str], sink: Sink) -> bool:
    twin = twin_of(host)
    if twin is None:
        needs = "a rule with a host that is no wildcard"
        entry = AnnotationWithoutEffect(annotation=setting.annotation, needs=needs)
        sink.report(entry, setting.origin)
        return False
    own = f"the twin of {host}"
    owner = owners.setdefault(twin, own)
    if owner != own:
        _report(setting, twin, owner, sink)
    return owner == own


def _report(setting: HostSetting, name: str, owner: str, sink: Sink) -> None:
    alias = isinstance(setting.feature, Alias)
    fix = f"{name} here, or from {owner}" if alias else f"the annotation, or {owner}"
    entry = HostNameTaken(annotation=setting.annotation, alias=name, owner=owner, fix=fix)
    sink.report(entry, setting.origin)
