"""Names beside the rules' hosts: aliases and the twins with or without ``www.``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect, HostNameTaken
from ingc.frontend.wishes import HostSetting
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.syntax.host import twin_of

Settings = tuple[HostSetting, ...]


def claim_names(
    settings: Mapping[str, Settings], ingresses: Iterable[str], sink: Sink
) -> dict[str, Settings]:
    """Return each host's settings without the names that others have; those are reported.

    ``settings`` are by host; every host that a rule names is among them, and has its name.
    ``ingresses`` come in order: of two that want another name the first has it.
    """
    owners = {host: f"the host {host}" for host in settings}
    granted: dict[tuple[str, str], HostSetting | None] = {}
    regexes = 0
    for host, setting in _claims(settings, ingresses):
        if isinstance(setting.feature, Alias):
            names = tuple(_names_left(host, setting, setting.feature.names, owners, sink))
            left = dataclasses.replace(setting, feature=Alias(names, regexes)) if names else None
            regexes += any(name.startswith("~") for name in names)
        else:
            left = setting if _has_twin(host, setting, owners, sink) else None
        granted[host, setting.annotation] = left
    return {
        host: tuple(filter(None, (granted.get((host, s.annotation), s) for s in found)))
        for host, found in settings.items()
    }


def _claims(
    settings: Mapping[str, Settings], ingresses: Iterable[str]
) -> list[tuple[str, HostSetting]]:
    """Return the settings that add names: by age, of one Ingress aliases first, then by host."""
    ages = {name: number for number, name in enumerate(ingresses)}

    def place(claim: tuple[str, HostSetting]) -> tuple[int, bool, str]:
        by = claim[1].origin.object
        older = ages.get(f"{by.namespace}/{by.name}", -1) if by is not None else -1
        return older, isinstance(claim[1].feature, WwwRedirect), claim[0]

    claims = ((host, setting) for host, found in settings.items() for setting in found)
    wanted = (claim for claim in claims if isinstance(claim[1].feature, Alias | WwwRedirect))
    return sorted(wanted, key=place)


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
