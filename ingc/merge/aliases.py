"""Names beside the rules' hosts: aliases and the twins with or without ``www.``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect, HostNameTaken
from ingc.diagnostics.catalogue.tenancy import RegexAliasOverAnother
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting
from ingc.ir import ANY_HOST
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.merge.owners import Owners, report_below, shown_cover
from ingc.syntax.host import is_wildcard, twin_of

Settings = tuple[HostSetting, ...]


def claim_names(
    settings: Mapping[str, Settings], ordered: Iterable[Intent], owners: Owners, sink: Sink
) -> dict[str, Settings]:
    """Return each host's settings without the names that others have; those are reported.

    ``settings`` are by host; every host that a rule names is among them, and has its name.
    ``ordered`` come in order: of two that want another name the first has it.
    """
    names = {host: f"the host {host}" for host in settings}
    granted: dict[tuple[str, str], HostSetting | None] = {}
    older: list[str] = []
    for host, setting, by in _claims(settings, ordered):
        if isinstance(setting.feature, Alias):
            wanted = setting.feature.names
            over = _over_others((host, *wanted), by, owners, older)
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
        _report_covered(left, host, setting, by, owners, sink)
    return {
        host: tuple(filter(None, (granted.get((host, s.annotation), s) for s in found)))
        for host, found in settings.items()
    }


def _claims(
    settings: Mapping[str, Settings], ordered: Iterable[Intent]
) -> list[tuple[str, HostSetting, Intent]]:
    """Return the settings that add names: by age, of one Ingress aliases first, then by host."""
    intents = {intent.name: (number, intent) for number, intent in enumerate(ordered)}
    claims: list[tuple[tuple[int, bool, str], HostSetting, Intent]] = []
    for host, found in settings.items():
        for setting in found:
            by = setting.origin.object
            if by is not None and isinstance(setting.feature, Alias | WwwRedirect):
                age, intent = intents[f"{by.namespace}/{by.name}"]
                place = age, isinstance(setting.feature, WwwRedirect), host
                claims.append((place, setting, intent))
    claims.sort(key=lambda claim: claim[0])
    return [(place[2], setting, intent) for place, setting, intent in claims]


@dataclass(frozen=True, slots=True)
class _Over:
    """From whom the regexes of a host would take names."""

    cover: str
    owner: str
    fix: str


def _over_others(
    names: tuple[str, ...], by: Intent, owners: Owners, older: Iterable[str]
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


def _report_covered(
    names: Iterable[str],
    host: str,
    setting: HostSetting,
    by: Intent,
    owners: Owners,
    sink: Sink,
) -> None:
    """Report, once for each host that loses names, those that a host gets beside its own."""
    covered: dict[str, list[str]] = {}
    for name in names:
        cover = owners.cover_of(name, host, by)
        if cover is not None:
            covered.setdefault(cover, []).append(name)
    for cover, found in covered.items():
        report_below(found, cover, owners, setting.origin, sink)


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


def _twin_left(
    host: str, setting: HostSetting, owners: dict[str, str], sink: Sink
) -> tuple[str, ...]:
    twin = twin_of(host)
    if twin is None:
        needs = "a rule with a host that is no wildcard"
        entry = AnnotationWithoutEffect(annotation=setting.annotation, needs=needs)
        sink.report(entry, setting.origin)
        return ()
    own = f"the twin of {host}"
    owner = owners.setdefault(twin, own)
    if owner != own:
        _report(setting, twin, owner, sink)
        return ()
    return (twin,)


def _report(setting: HostSetting, name: str, owner: str, sink: Sink) -> None:
    alias = isinstance(setting.feature, Alias)
    fix = f"{name} here, or from {owner}" if alias else f"the annotation, or {owner}"
    entry = HostNameTaken(annotation=setting.annotation, alias=name, owner=owner, fix=fix)
    sink.report(entry, setting.origin)
