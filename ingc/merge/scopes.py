"""Annotations that hold for more than their own Ingress: the first value wins."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.annotations import HostSettingConflict
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting


def settle_host(host: str, intents: Iterable[Intent], sink: Sink) -> tuple[HostSetting, ...]:
    """Return what holds for a host, by annotation; ``intents`` come in order.

    Another value of a later Ingress is reported with both positions.
    """
    taken: dict[str, tuple[HostSetting, Intent]] = {}
    for intent in intents:
        for setting in intent.asked.hosts:
            first, owner = taken.setdefault(setting.annotation, (setting, intent))
            if first.feature != setting.feature:
                entry = HostSettingConflict(
                    annotation=setting.annotation,
                    host=host or "every unnamed host",
                    winner=owner.name,
                )
                also = [Related(first.origin, "this value is used")]
                sink.report(entry, setting.origin, also)
    return tuple(setting for _, (setting, _) in sorted(taken.items()))
