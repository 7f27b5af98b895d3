"""All Intents → one MergedHost per host name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.hosts_paths import (
    DefaultBackendRepeated,
    DefaultNotReachedOnPathMiss,
)
from ingc.frontend.intent import Intent, IntentRoute, IntentTls, TlsGroup
from ingc.frontend.wishes import HostSetting, PassthroughWish
from ingc.ir import Prefix, RouteMatch, Tenancy
from ingc.kinds import NOT_FOUND, Miss
from ingc.merge.aliases import Granted, claim_names, claims_of, with_granted
from ingc.merge.canary import attach
from ingc.merge.drafts import HostDraft, by_host, draft_host, intents_by_host
from ingc.merge.order import in_order
from ingc.merge.owners import firsts_of, settle_owners
from ingc.merge.passthrough import RequestedPassthrough, passthroughs
from ingc.merge.routes import settle_routes
from ingc.merge.settled import DeadIntent
from ingc.merge.tls import check_tls, names_beside, wildcard_over
from ingc.merge.wildcard_tls import entries_below
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
    def misses(self) -> bool:
        """Whether some of its paths have no route and no default backend."""
        everything = (isinstance(r.match, Prefix) and r.match.path == "/" for r in self.routes)
        return self.default is None and not any(everything)

    @property
    def own_routes(self) -> tuple[IntentRoute, ...]:
        """The routes of those who decide what holds for the whole host, and its default backend."""
        owner = self.tenancy.owner if self.tenancy else ""
        own = tuple(route for route in self.routes if owner in ("", route.namespace))
        return (*own, self.default) if self.default else own


def merge(
    intents: Iterable[Intent], sink: Sink, options: Options = _DEFAULTS
) -> tuple[MergedHost, ...]:
    """Merge Intents host by host; conflicts and dead routes are reported.

    The hosts are sorted by name; `ANY_HOST` is always among them, first.
    """
    ordered = in_order(intents)
    canaries = [intent for intent in ordered if intent.canary]
    ordered = [intent for intent in ordered if not intent.canary]
    for intent in ordered:
        check_tls(intent, sink)
    parts = by_host(ordered)
    named = {host: firsts_of(found) for host, found in intents_by_host(parts).items()}
    owners = settle_owners(named, options, sink)
    drafts = [
        draft_host(name, owners.by_host.get(name, ""), parts[name], sink) for name in sorted(parts)
    ]
    claims = (
        claim for draft in drafts for claim in claims_of(draft.name, draft.settings, draft.intents)
    )
    granted = claim_names(claims, parts, owners, sink)
    hosts = [settle(draft, granted, sink) for draft in drafts]
    hosts[0] = with_miss(hosts[0], drafts[0], (intent.kind.miss for intent in ordered))
    report_ruleless(hosts[0], (host.name for host in hosts[1:] if host.misses), sink)
    tls = {host.name: host.tls for host in hosts if host.tls}
    hosts = [with_wildcard(host, tls.get(wildcard_over(host.name), ())) for host in hosts]
    return _attach_canaries(tuple(hosts), canaries, sink)


def settle(draft: HostDraft, granted: Granted, sink: Sink) -> MergedHost:
    """Return a host with the other names that it gets, and what each of its paths is.

    Its ``tls`` entries are its own alone, and no canary is at its routes yet.
    """
    name = draft.name
    settled = settle_routes(name, draft.owner, list(draft.routes), sink)
    own = (route for route in settled.live if draft.owner in ("", route.namespace))
    default = draft.defaults[0] if draft.defaults else None
    for other in draft.defaults[1:]:
        if default is not None:
            entry = DefaultBackendRepeated(host=name or "every other host", winner=default.name)
            sink.report(entry, other.origin, [Related(default.origin, "this one is used")])
    settings = with_granted(name, draft.settings, granted)
    return MergedHost(
        name=name,
        routes=settled.live,
        matches=settled.matches,
        dead=settled.dead,
        default=default,
        tls=draft.tls,
        tls_beside=draft.tls_beside,
        settings=tuple(s for s in settings if not isinstance(s.feature, PassthroughWish)),
        passthrough=passthroughs(name, draft.intents, (*own, *draft.defaults[:1])),
        regex=settled.regex,
        closed=settled.closed,
        causes=settled.causes,
        tenancy=draft.tenancy,
        miss=_miss_of(intent.kind.miss for intent in draft.intents),
    )


def with_miss(host: MergedHost, draft: HostDraft, misses: Iterable[Miss]) -> MergedHost:
    """Return `ANY_HOST` with how a miss is answered where nobody names it: as by all kinds."""
    return host if draft.intents else dataclasses.replace(host, miss=_miss_of(misses))


def _miss_of(misses: Iterable[Miss]) -> Miss:
    """Return how a miss is answered where all kinds agree on it."""
    found = set(misses)
    return found.pop() if len(found) == 1 else NOT_FOUND


def report_ruleless(host: MergedHost, missed: Iterable[str], sink: Sink) -> None:
    """Note where Kubernetes's page could be read as sending path misses to a default backend.

    ``host`` is `ANY_HOST`; ``missed`` are the other hosts that do not take all paths.
    """
    if host.default is None or not host.default.ruleless:
        return
    names = tuple(missed)
    if names:
        sink.report(DefaultNotReachedOnPathMiss(hosts=names), host.default.origin)


def with_wildcard(host: MergedHost, over: tuple[TlsGroup, ...]) -> MergedHost:
    """Return a host also with the ``tls`` entries of the wildcard host over it."""
    if not over or host.name == wildcard_over(host.name):
        return host
    namespaces = {route.namespace for route in host.own_routes}
    tls, others = entries_below(host.tls, namespaces, over)
    return dataclasses.replace(host, tls=tls, tls_of_others=others)


def _attach_canaries(
    hosts: tuple[MergedHost, ...], canaries: list[Intent], sink: Sink
) -> tuple[MergedHost, ...]:
    """Return the hosts with the canaries at their routes."""
    if not canaries:
        return hosts
    primaries = {host.name: host.routes for host in hosts}
    attached = attach(primaries, canaries, sink)
    return tuple(dataclasses.replace(host, routes=attached[host.name]) for host in hosts)
