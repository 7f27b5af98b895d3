"""All Intents → one MergedHost per host name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.hosts_paths import (
    DefaultBackendRepeated,
    DefaultNotReachedOnPathMiss,
)
from ingc.frontend.intent import Intent, IntentRoute, IntentTls, TlsGroup
from ingc.frontend.wishes import HostSetting, PassthroughWish
from ingc.ir import ANY_HOST, Prefix, RouteMatch, Tenancy
from ingc.kinds import NOT_FOUND, Miss
from ingc.merge.aliases import claim_names
from ingc.merge.canary import attach
from ingc.merge.foreign import foreign_wishes, report_wishes
from ingc.merge.order import in_order
from ingc.merge.owners import Owners, settle_owners
from ingc.merge.passthrough import RequestedPassthrough, passthroughs
from ingc.merge.protections import unprotected
from ingc.merge.routes import settle_routes
from ingc.merge.scopes import settle_host
from ingc.merge.server_snippets import report_leaving, report_shared, without_snippets
from ingc.merge.settled import DeadIntent
from ingc.merge.tls import TlsEntries, check_tls, names_beside
from ingc.merge.wildcard_tls import with_wildcard
from ingc.options import Options

_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class MergedHost:
    """What all Ingresses together request for one host."""

    name: str
    routes: tuple[IntentRoute, ...]
    """By precedence; no two for the same requests."""
    matches: tuple[RouteMatch, ...]
    """What each of them takes."""
    dead: tuple[DeadIntent, ...]
    default: IntentRoute | None
    tls: tuple[TlsGroup, ...]
    """Entries that cover the host, the one to use first."""
    settings: tuple[HostSetting, ...] = ()
    """What holds for the whole host; of each annotation the first."""
    regex: bool = False
    """True where some path is a regex, so that the routes are tried one after the other."""
    passthrough: tuple[RequestedPassthrough, ...] = ()
    """The Ingresses that want the host's TLS passed on unopened, in their order."""
    closed: bool = False
    """True where a path can't be matched as it is written: nothing of the host may be served."""
    causes: tuple[IntentRoute, ...] = ()
    """The routes that make regexes of the paths of their namespace."""
    tenancy: Tenancy | None = None
    """``None``: one namespace names the host, or all of them decide."""
    tls_beside: tuple[TlsGroup, ...] = ()
    """The entries of Ingresses that have some, but none for this host."""
    miss: Miss = NOT_FOUND
    """How requests are answered that no route takes."""
    tls_of_others: IntentTls | None = None
    """Where the host has no entry, the one of another namespace's wildcard over it."""

    @property
    def names_beside(self) -> tuple[str, ...]:
        """The names that the host has beside its own: aliases that are no regexes, and its twin."""
        found = names_beside((self.name,), self.settings)
        return tuple(name for name in found if not name.startswith("~"))

    @property
    def own_routes(self) -> tuple[IntentRoute, ...]:
        """The routes of those who decide what holds for the whole host, and its default backend."""
        owner = self.tenancy.owner if self.tenancy else ""
        own = tuple(route for route in self.routes if owner in ("", route.namespace))
        return (*own, self.default) if self.default else own


@dataclass(slots=True)
class _Gathered:
    routes: list[IntentRoute] = field(default_factory=list)
    defaults: list[IntentRoute] = field(default_factory=list)
    tls: list[TlsGroup] = field(default_factory=list)
    tls_beside: list[TlsGroup] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    """Those that may set what holds for the whole host."""
    foreign: list[Intent] = field(default_factory=list)
    owner: str = ""
    """Empty: every namespace may."""


def merge(
    intents: Iterable[Intent], sink: Sink, options: Options = _DEFAULTS
) -> tuple[MergedHost, ...]:
    """Merge Intents host by host; conflicts and dead routes are reported.

    The hosts are sorted by name; `ANY_HOST` is always among them, first.
    """
    ordered = in_order(intents)
    canaries = [intent for intent in ordered if intent.canary]
    ordered = [intent for intent in ordered if not intent.canary]
    owners = settle_owners(ordered, options, sink)
    gathered = _gather(ordered, owners, sink)
    names = sorted(gathered)
    settings = {name: _settings(name, gathered[name], sink) for name in names}
    tenancies = {name: _tenancy(name, gathered[name], settings[name], sink) for name in names}
    settings = claim_names(settings, ordered, owners, sink)
    hosts = tuple(
        _settle(name, gathered[name], settings[name], tenancies[name], sink) for name in names
    )
    if not gathered[ANY_HOST].intents:
        hosts = (dataclasses.replace(hosts[0], miss=_miss_of(ordered)), *hosts[1:])
    _check_ruleless_default(hosts, ordered, sink)
    return _attach_canaries(_with_wildcards(hosts), canaries, sink)


def _settings(name: str, found: _Gathered, sink: Sink) -> tuple[HostSetting, ...]:
    settings = settle_host(name, found.intents, sink)
    return without_snippets(settings) if found.foreign else settings


def _gather(ordered: Iterable[Intent], owners: Owners, sink: Sink) -> dict[str, _Gathered]:
    """Return what Ingresses, which come in order, request for each host."""
    gathered: dict[str, _Gathered] = {ANY_HOST: _Gathered(owner=owners.by_host.get(ANY_HOST, ""))}
    for intent in ordered:
        tls = TlsEntries(intent.tls)
        redirected = {route.host: route for route in intent.redirected}
        for host in intent.hosts or (ANY_HOST,):
            found = gathered.setdefault(host, _Gathered(owner=owners.by_host.get(host, "")))
            if owners.is_foreign(host, intent.namespace):
                found.foreign.append(intent)
                continue
            found.intents.append(intent)
            default = intent.default or redirected.get(host)
            if default:
                found.defaults.append(default)
            if host and intent.tls:
                groups = tls.of(host)
                found.tls.extend(groups)
                found.tls_beside.extend(() if groups else (intent.tls,))
        for route in intent.routes:
            gathered[route.host].routes.append(route)
        check_tls(intent, sink)
    return gathered


def _tenancy(
    name: str, found: _Gathered, settings: Iterable[HostSetting], sink: Sink
) -> Tenancy | None:
    """Refuse and report what foreign Ingresses, and others that require more, do not get."""
    intents = (*found.intents, *found.foreign)
    refused = unprotected(name, intents, settings, found.owner, sink)
    if found.foreign:
        refused |= report_shared(name, intents, sink) | report_leaving(name, intents, sink)
    _refuse(refused, found)
    if not found.foreign:
        return None
    ignored = tuple(foreign_wishes(name, found.foreign, settings, refused))
    report_wishes(name, found.owner, ignored, sink)
    others = dict.fromkeys(intent.namespace for intent in found.foreign)
    wishes = dict.fromkeys((wish.ingress, wish.what) for wish in ignored)
    return Tenancy(found.owner, tuple(others), tuple(wishes))


def _refuse(ingresses: frozenset[str], found: _Gathered) -> None:
    """Let no route of these Ingresses serve a request of the host."""
    for routes in (found.routes, found.defaults):
        routes[:] = [
            dataclasses.replace(route, broken=True) if route.name in ingresses else route
            for route in routes
        ]


def _settle(
    name: str,
    gathered: _Gathered,
    settings: tuple[HostSetting, ...],
    tenancy: Tenancy | None,
    sink: Sink,
) -> MergedHost:
    settled = settle_routes(name, gathered.owner, gathered.routes, sink)
    own = (route for route in settled.live if gathered.owner in ("", route.namespace))
    default = gathered.defaults[0] if gathered.defaults else None
    for other in gathered.defaults[1:]:
        if default is not None:
            entry = DefaultBackendRepeated(host=name or "every other host", winner=default.name)
            sink.report(entry, other.origin, [Related(default.origin, "this one is used")])
    return MergedHost(
        name=name,
        routes=settled.live,
        matches=settled.matches,
        dead=settled.dead,
        default=default,
        tls=tuple(gathered.tls),
        tls_beside=tuple(gathered.tls_beside),
        settings=tuple(s for s in settings if not isinstance(s.feature, PassthroughWish)),
        passthrough=passthroughs(name, gathered.intents, (*own, *gathered.defaults[:1])),
        regex=settled.regex,
        closed=settled.closed,
        causes=settled.causes,
        tenancy=tenancy,
        miss=_miss_of(gathered.intents),
    )


def _miss_of(intents: Iterable[Intent]) -> Miss:
    """Return how a miss is answered where all kinds agree on it."""
    found = {intent.kind.miss for intent in intents}
    return found.pop() if len(found) == 1 else NOT_FOUND


def _check_ruleless_default(
    hosts: tuple[MergedHost, ...], intents: list[Intent], sink: Sink
) -> None:
    """Note where Kubernetes's page could be read as sending path misses to a default backend."""
    default = hosts[0].default
    ruleless = {intent.name for intent in intents if not intent.hosts}
    if default is None or default.name not in ruleless:
        return
    missed = tuple(
        host.name
        for host in hosts[1:]
        if host.default is None
        and not any(isinstance(r.match, Prefix) and r.match.path == "/" for r in host.routes)
    )
    if missed:
        sink.report(DefaultNotReachedOnPathMiss(hosts=missed), default.origin)


def _with_wildcards(hosts: tuple[MergedHost, ...]) -> tuple[MergedHost, ...]:
    """Return the hosts, each also with the ``tls`` entries of the wildcard host over it."""
    by_host = {host.name: host.tls for host in hosts if host.tls}
    found = []
    for host in hosts:
        namespaces = {route.namespace for route in host.own_routes}
        tls, others = with_wildcard(host.name, host.tls, namespaces, by_host)
        found.append(dataclasses.replace(host, tls=tls, tls_of_others=others))
    return tuple(found)


def _attach_canaries(
    hosts: tuple[MergedHost, ...], canaries: list[Intent], sink: Sink
) -> tuple[MergedHost, ...]:
    """Return the hosts with the canaries at their routes."""
    if not canaries:
        return hosts
    primaries = {host.name: host.routes for host in hosts}
    attached = attach(primaries, canaries, sink)
    return tuple(dataclasses.replace(host, routes=attached[host.name]) for host in hosts)
