"""What all Ingresses request for one host, before it is known which other names it gets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingc.diagnostics import Sink
from ingc.frontend.intent import Intent, IntentRoute, TlsGroup
from ingc.frontend.wishes import HostSetting
from ingc.ir import ANY_HOST, Tenancy
from ingc.merge.foreign import foreign_wishes, report_wishes
from ingc.merge.protections import unprotected
from ingc.merge.scopes import settle_host
from ingc.merge.server_snippets import report_leaving, report_shared, without_snippets
from ingc.merge.tls import TlsEntries

Routes = tuple[IntentRoute, ...]


@dataclass(frozen=True, slots=True)
class IntentPart:
    """What one Ingress requests for one host."""

    intent: Intent
    routes: Routes
    default: IntentRoute | None
    tls: tuple[TlsGroup, ...]
    """Its entries for the host."""
    tls_beside: tuple[TlsGroup, ...]
    """All of its entries, where none of them is for the host."""


@dataclass(frozen=True, slots=True)
class HostDraft:
    """What all Ingresses together request for one host."""

    name: str
    owner: str
    """The namespace that decides for the whole host; empty: all of them do."""
    routes: Routes
    """In the order of the Ingresses."""
    defaults: Routes
    tls: tuple[TlsGroup, ...]
    tls_beside: tuple[TlsGroup, ...]
    intents: tuple[Intent, ...]
    """Those that may set what holds for the whole host."""
    settings: tuple[HostSetting, ...]
    """What holds for the whole host; of each annotation the first."""
    tenancy: Tenancy | None


def parts_of(intent: Intent) -> dict[str, IntentPart]:
    """Return what an Ingress requests, by host."""
    entries = TlsEntries(intent.tls)
    redirected = {route.host: route for route in intent.redirected}
    routes: dict[str, list[IntentRoute]] = {}
    for route in intent.routes:
        routes.setdefault(route.host, []).append(route)
    found = {}
    for host in intent.hosts or (ANY_HOST,):
        groups = tuple(entries.of(host)) if host and intent.tls else ()
        beside = (intent.tls,) if host and intent.tls and not groups else ()
        default = intent.default or redirected.get(host)
        found[host] = IntentPart(intent, tuple(routes.get(host, ())), default, groups, beside)
    return found


def draft_host(name: str, owner: str, parts: Sequence[IntentPart], sink: Sink) -> HostDraft:
    """Join what Ingresses request for a host; the parts come in the order of the Ingresses."""
    own = [part for part in parts if owner in ("", part.intent.namespace)]
    foreign = [part.intent for part in parts if owner not in ("", part.intent.namespace)]
    intents = tuple(part.intent for part in own)
    settings = settle_host(name, intents, sink)
    if foreign:
        settings = without_snippets(settings)
    routes = tuple(route for part in parts for route in part.routes)
    defaults = tuple(part.default for part in own if part.default)
    tenancy, refused = _tenancy(_Tenants(name, owner, intents, tuple(foreign)), settings, sink)
    return HostDraft(
        name=name,
        owner=owner,
        routes=tuple(_refused(routes, refused)),
        defaults=tuple(_refused(defaults, refused)),
        tls=tuple(group for part in own for group in part.tls),
        tls_beside=tuple(group for part in own for group in part.tls_beside),
        intents=intents,
        settings=settings,
        tenancy=tenancy,
    )


@dataclass(frozen=True, slots=True)
class _Tenants:
    """Who names a host."""

    name: str
    owner: str
    own: tuple[Intent, ...]
    foreign: tuple[Intent, ...]


def _tenancy(
    host: _Tenants, settings: tuple[HostSetting, ...], sink: Sink
) -> tuple[Tenancy | None, frozenset[str]]:
    """Report what foreign Ingresses, and others that require more, do not get; return who shares
    the host, and the Ingresses that are not served.
    """
    intents = (*host.own, *host.foreign)
    refused = unprotected(host.name, intents, settings, host.owner, sink)
    if not host.foreign:
        return None, refused
    refused |= report_shared(host.name, intents, sink) | report_leaving(host.name, intents, sink)
    ignored = tuple(foreign_wishes(host.name, host.foreign, settings, refused))
    report_wishes(host.name, host.owner, ignored, sink)
    others = dict.fromkeys(intent.namespace for intent in host.foreign)
    wishes = dict.fromkeys((wish.ingress, wish.what) for wish in ignored)
    return Tenancy(host.owner, tuple(others), tuple(wishes)), refused


def _refused(routes: Routes, ingresses: frozenset[str]) -> Iterator[IntentRoute]:
    """Let no route of these Ingresses serve a request of the host."""
    for route in routes:
        refused = route.name in ingresses if ingresses else False
        yield dataclasses.replace(route, broken=True) if refused else route


def by_host(intents: Iterable[Intent]) -> dict[str, list[IntentPart]]:
    """Return what Ingresses, which come in order, request for each host, `ANY_HOST` included."""
    found: dict[str, list[IntentPart]] = {ANY_HOST: []}
    for intent in intents:
        for host, part in parts_of(intent).items():
            found.setdefault(host, []).append(part)
    return found


def intents_by_host(parts: Mapping[str, Sequence[IntentPart]]) -> dict[str, list[Intent]]:
    """Return who names each host, in their order."""
    return {host: [part.intent for part in found] for host, found in parts.items() if found}
