"""Rules of queries: from what each Ingress requests to merged hosts."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from ingc.diagnostics import Sink
from ingc.engine.intents import CANARIES, HOSTS, KINDS, PARTS
from ingc.engine.queries import Queries, QueryRule
from ingc.frontend.intent import Intent
from ingc.frontend.wishes import HostSetting
from ingc.ir import ANY_HOST
from ingc.merge import HostDraft, IntentPart, MergedHost, draft_host
from ingc.merge.aliases import Granted, claim_names, claims_of
from ingc.merge.canary import attach
from ingc.merge.canary_services import service_of
from ingc.merge.hosts import report_ruleless, settle, with_miss, with_wildcard
from ingc.merge.order import age
from ingc.merge.owners import (
    Owners,
    cover_age,
    find_below,
    firsts_of,
    report_all_below,
    report_unnamed,
    settle_owner,
)
from ingc.merge.tls import wildcard_over
from ingc.options import Options

_COVERS, _BELOW, _CLAIMS = "covers", "hosts below", "claims of a host"
_MISSES, _TLS = "misses", "tls of wildcards"
_SPLIT, _SERVING, _GRANTED = "split by canaries", "hosts of a Service", "granted to a host"


class HostRules:
    """Merges what Ingresses request, host by host."""

    def __init__(self, queries: Queries, options: Options) -> None:
        self._queries, self._options = queries, options
        self._owners = Owners(_Asked(queries), _Covers(queries))

    def rules(self) -> tuple[QueryRule, ...]:
        """Return the rules, in their order."""
        return (
            QueryRule("any host", self._any_host, root=True),
            QueryRule("owner", self._owner, each=HOSTS),
            QueryRule("unnamed owners", self._report_unnamed, root=True),
            QueryRule("draft", self._draft, each=HOSTS),
            QueryRule("below", self._report_below, each=_BELOW),
            QueryRule("claims", self._claims, root=True),
            QueryRule("settled", self._settled, each=HOSTS),
            QueryRule("ruleless", self._report_ruleless, root=True),
            QueryRule("canaries", self._canaries, root=True),
        )

    def merged(self, host: str) -> MergedHost:
        """Return a host with all that others have to do with it."""
        found: MergedHost = self._queries.ask("settled", host)
        over = wildcard_over(host)
        if over != host and self._queries.has(_TLS, over):
            found = with_wildcard(found, self._queries.one(_TLS, over))
        if not self._queries.has(_SPLIT, host):
            return found
        return dataclasses.replace(found, routes=self._queries.one(_SPLIT, host))

    def _any_host(self, _: None, _sink: Sink) -> None:
        self._queries.give(HOSTS, ANY_HOST, True)

    def _parts(self, host: str) -> list[IntentPart]:
        return sorted(self._queries.given(PARTS, host), key=lambda part: age(part.intent))

    def _owner(self, host: str, sink: Sink) -> str:
        firsts = firsts_of(part.intent for part in self._parts(host))
        if not firsts:
            return ""
        oldest = cover_age(host, firsts) if not self._options.trust_namespaces else None
        if oldest is not None:
            self._queries.give(_COVERS, host, oldest)
        return settle_owner(host, firsts, self._options, sink)

    def _report_unnamed(self, _: None, sink: Sink) -> None:
        report_unnamed(_There(self._queries, PARTS), self._options, sink)

    def _draft(self, host: str, sink: Sink) -> HostDraft:
        parts = self._parts(host)
        draft = draft_host(host, self._queries.ask("owner", host), parts, sink)
        claims = claims_of(host, draft.settings, draft.intents)
        if claims:
            self._queries.give(_CLAIMS, host, claims)
        if parts and not self._options.trust_namespaces:
            below = find_below(host, firsts_of(part.intent for part in parts), self._owners)
            if below is not None:
                self._queries.give(_BELOW, (below.cover, below.namespace), below)
        return draft

    def _report_below(self, key: tuple[str, str], sink: Sink) -> None:
        report_all_below(self._queries.given(_BELOW, key), self._owners, sink)

    def _claims(self, _: None, sink: Sink) -> None:
        queries = self._queries
        hosts = queries.keys(_CLAIMS)
        claims = (claim for host in hosts for claim in queries.one(_CLAIMS, host))
        granted = claim_names(claims, _There(queries, HOSTS), self._owners, sink)
        by_host: dict[str, dict[tuple[str, str], HostSetting | None]] = {}
        for key, left in granted.items():
            by_host.setdefault(key[0], {})[key] = left
        for host, found in by_host.items():
            queries.give(_GRANTED, host, found)

    def _settled(self, host: str, sink: Sink) -> MergedHost:
        queries = self._queries
        draft: HostDraft = queries.ask("draft", host)
        granted: Granted = next(iter(queries.given(_GRANTED, host)), {})
        found = settle(draft, granted, sink)
        for service in {service_of(route) for route in found.routes}:
            queries.give(_SERVING, service, host)
        if host == ANY_HOST:
            misses = (queries.one(KINDS, kind) for kind in queries.keys(KINDS))
            return with_miss(found, draft, misses)
        if found.misses:
            queries.give(_MISSES, host, True)
        if host == wildcard_over(host) and found.tls:
            queries.give(_TLS, host, found.tls)
        return found

    def _report_ruleless(self, _: None, sink: Sink) -> None:
        found: MergedHost = self._queries.ask("settled", ANY_HOST)
        if found.default is not None and found.default.ruleless:
            report_ruleless(found, self._queries.keys(_MISSES), sink)

    def _canaries(self, _: None, sink: Sink) -> None:
        queries = self._queries
        canaries: list[Intent] = [queries.one(CANARIES, key) for key in queries.keys(CANARIES)]
        if not canaries:
            return
        hosts = sorted(self._concerned(canaries))
        primaries = {name: queries.ask("settled", name).routes for name in hosts}
        for host, routes in attach(primaries, canaries, sink).items():
            if any(route.canary is not None for route in routes):
                queries.give(_SPLIT, host, routes)

    def _concerned(self, canaries: Iterable[Intent]) -> Iterable[str]:
        """Return the hosts that canaries have to do with: those that they name, and those with a
        Service of theirs; all where one names no host.
        """
        queries = self._queries
        routes = [route for intent in canaries for route in intent.routes]
        named = {route.host for route in routes}
        if ANY_HOST in named:
            return list(queries.keys(HOSTS))
        found = {ANY_HOST, *(host for host in named if queries.has(HOSTS, host))}
        for host in list(found):
            routes += queries.ask("settled", host).routes
        for service in {service_of(route) for route in routes}:
            found.update(queries.given(_SERVING, service))
        return found


class _Asked(Mapping[str, str]):
    """The owner of each host."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def __getitem__(self, host: str) -> str:
        found: str = self._queries.ask("owner", host) if host in self else ""
        if not found:
            raise KeyError(host)
        return found

    def __contains__(self, host: object) -> bool:
        return self._queries.has(HOSTS, host)

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries.keys(HOSTS))

    def __len__(self) -> int:
        return len(self._queries.keys(HOSTS))


class _Covers(Mapping[str, Any]):
    """The hosts that take names of others."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def __getitem__(self, host: str) -> Any:
        if not self._queries.has(_COVERS, host):
            raise KeyError(host)
        return self._queries.one(_COVERS, host)

    def __contains__(self, host: object) -> bool:
        return self._queries.has(_COVERS, host)

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries.keys(_COVERS))

    def __len__(self) -> int:
        return len(self._queries.keys(_COVERS))


class _There(Container[str]):
    """The keys of a kind."""

    def __init__(self, queries: Queries, kind: str) -> None:
        self._queries, self._kind = queries, kind

    def __contains__(self, key: object) -> bool:
        return self._queries.has(self._kind, key)
