"""Annotations that hold for more than their own Ingress: the first value wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.annotations import HostSettingConflict
from ingc.diagnostics.catalogue.annotations_balance import ServiceSettingConflict
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting, UpstreamSetting
from ingc.ir import UpstreamFeature
from ingc.ir.features.redirects import AppRoot
from ingc.k8s.backend import ServiceBackend
from ingc.merge.order import in_order


def settle_host(host: str, intents: Iterable[Intent], sink: Sink) -> tuple[HostSetting, ...]:
    """Return what holds for a host, by annotation; ``intents`` come in order.

    Another value of a later Ingress is reported with both positions.
    """
    taken: dict[str, tuple[HostSetting, Intent]] = {}
    for intent in intents:
        for setting in intent.asked.hosts:
            if isinstance(setting.feature, AppRoot) and not intent.hosts:
                continue  # a default backend alone has no root to redirect
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


@dataclass(frozen=True, slots=True)
class UpstreamUse:
    """A Service port that an Ingress refers to, and what its annotations set for the upstream."""

    namespace: str
    backend: ServiceBackend
    ingress: str
    settings: tuple[UpstreamSetting, ...]


def upstream_uses(intents: Iterable[Intent]) -> tuple[UpstreamUse, ...]:
    """Return the Service ports whose upstream has settings, in the order of the Ingresses."""
    uses: dict[tuple[str, ServiceBackend], UpstreamUse] = {}
    for intent in in_order(intent for intent in intents if intent.asked.upstreams):
        for route in (*intent.routes, *((intent.default,) if intent.default else ())):
            if isinstance(route.backend, ServiceBackend):
                use = UpstreamUse(
                    intent.namespace, route.backend, intent.name, intent.asked.upstreams
                )
                uses.setdefault((intent.name, route.backend), use)
    return tuple(uses.values())


def settle_upstreams(
    uses: Iterable[UpstreamUse], name_of: Callable[[UpstreamUse], str], sink: Sink
) -> dict[str, tuple[UpstreamFeature, ...]]:
    """Return what holds for each upstream, by its name; ``uses`` come in order."""
    named: dict[str, list[UpstreamUse]] = {}
    for use in uses:
        named.setdefault(name_of(use), []).append(use)
    return {name: settle_upstream(found, sink) for name, found in named.items()}


def settle_upstream(uses: Iterable[UpstreamUse], sink: Sink) -> tuple[UpstreamFeature, ...]:
    """Return what holds for an upstream; ``uses`` are those of it, in order.

    Of each annotation the first value holds, and one of an Ingress before the ConfigMap's.
    Another value of a later Ingress is reported with both positions, once.
    """
    taken: dict[str, tuple[UpstreamSetting, UpstreamUse]] = {}
    reported: set[UpstreamSetting] = set()
    for use in uses:
        for setting in use.settings:
            first, owner = taken.setdefault(setting.annotation, (setting, use))
            if first.feature == setting.feature or setting.origin.object is None:
                continue
            if first.origin.object is None:
                taken[setting.annotation] = (setting, use)
            elif setting not in reported:
                reported.add(setting)
                service = f"{use.namespace}/{use.backend.name}"
                entry = ServiceSettingConflict(
                    annotation=setting.annotation, service=service, winner=owner.ingress
                )
                also = [Related(first.origin, "this value is used")]
                sink.report(entry, setting.origin, also)
    return tuple(setting.feature for _, (setting, _) in sorted(taken.items()) if setting.feature)
