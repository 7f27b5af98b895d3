"""Names beside the rules' hosts: aliases and the twins with or without ``www.``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect, HostNameTaken
from ingc.frontend.wishes import HostSetting
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.syntax.host import twin_of

Settings = tuple[HostSetting, ...]


def claim_names(settings: Mapping[str, Settings], sink: Sink) -> dict[str, Settings]:
    """Return each host's settings without the names that others have; those are reported.

    ``settings`` are by host; every host that a rule names is among them.
    """
    owners = {host: f"the host {host}" for host in settings}
    claimed: dict[str, Settings] = {}
    for host, found in settings.items():
        claimed[host] = tuple(_without_taken(host, found, owners, sink))
    for host, found in claimed.items():
        twin = twin_of(host)
        kept = []
        for setting in found:
            if not isinstance(setting.feature, WwwRedirect) or twin not in (None, *owners):
                kept.append(setting)
            elif twin is not None:
                _report(setting, twin, owners[twin], sink)
            else:
                needs = "a rule with a host that is no wildcard"
                entry = AnnotationWithoutEffect(annotation=setting.annotation, needs=needs)
                sink.report(entry, setting.origin)
        claimed[host] = tuple(kept)
    return claimed


def _without_taken(
    host: str, found: Settings, owners: dict[str, str], sink: Sink
) -> Iterable[HostSetting]:
    own = f"the alias of {host or 'the rules without a host'}"
    for setting in found:
        if not isinstance(setting.feature, Alias):
            yield setting
            continue
        names = []
        for name in setting.feature.names:
            owner = owners.setdefault(name, own)
            if owner == own:
                names.append(name)
            elif name != host:
                _report(setting, name, owner, sink)
        if names:
            yield dataclasses.replace(setting, feature=Alias(tuple(names)))


def _report(setting: HostSetting, name: str, owner: str, sink: Sink) -> None:
    alias = isinstance(setting.feature, Alias)
    fix = f"{name} here, or from {owner}" if alias else f"the annotation, or {owner}"
    entry = HostNameTaken(annotation=setting.annotation, alias=name, owner=owner, fix=fix)
    sink.report(entry, setting.origin)
