"""A migration on requests: ingress-nginx's own nginx.conf beside what is compiled.

Requests are made of the hosts and paths of both. What Lua decides and nothing tells is counted
apart: it is neither the same nor a difference, unless no answer of Lua's would be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ingc.diff.blocks import servers_of
from ingc.diff.changes import changes
from ingc.diff.difference import Comparison, Difference, Kind
from ingc.diff.ports import port_differences
from ingc.diff.probes import NOBODY, hosts_of_conf, targets
from ingc.diff.sides import MigrationReply, MigrationSide
from ingc.diff.sites import minds_sites, sites_of
from ingc.explain.answer import Answer, Backend, RouteRef
from ingc.explain.compiled.api import DEFAULT_SERVER
from ingc.explain.conf.evidence import WatchedObjects
from ingc.explain.question import Question
from ingc.prove.witnesses import target_for
from ingc.syntax.pcre import patience

_INTERNAL = (b"/_external-auth-", b"/_mirror-")
"""Locations of the controller's own, which answer nobody."""
_PAGES = ("/healthz", "/nginx_status")
"""Its pages for whoever watches it."""


_METHODS = ("GET", "OPTIONS")
_MOST_SITES = 8
"""So many origins are tried for each path."""


@dataclass(slots=True)
class _Group:
    """Requests that differ in one way."""

    found: Difference
    more: int = 0


def compare_migration(
    old: MigrationSide, new: MigrationSide, evidence: WatchedObjects
) -> Comparison:
    """Return which requests the two sides answer otherwise, and of which that is not known."""
    with patience():
        return _Migration(old, new, evidence).comparison()


class _Migration:
    """Asks both sides."""

    def __init__(self, old: MigrationSide, new: MigrationSide, evidence: WatchedObjects) -> None:
        self._old = old
        self._new = new
        self._ports = evidence.ports
        self._services = evidence.services
        self._upstreams = evidence.upstreams
        self._certificates = evidence.certificates
        self._canary_headers = tuple(dict.fromkeys(evidence.deciding_headers()))[:_MOST_SITES]
        self._sites = tuple(dict.fromkeys((*sites_of(old.conf), *sites_of(new.conf))))[:_MOST_SITES]
        self._unknown: dict[str, list[Question]] = {}
        self._minding: dict[int, bool] = {}

    def comparison(self) -> Comparison:
        """Compare host by host."""
        old, new = hosts_of_conf(self._old.conf), hosts_of_conf(self._new.conf)
        names = sorted(dict.fromkeys((*old, *new)), key=lambda name: name == NOBODY)
        found: list[Difference] = []
        seen: set[object] = set()
        for host in names:
            key = self._servers(host)
            if key in seen:
                continue  # another name of the same
            seen.add(key)
            paths = [*new.get(host, ()), *old.get(host, ())]
            found += self._of_host(host, [p for p in paths if not p.startswith(_INTERNAL)])
        found += port_differences(self._old, self._new)
        return Comparison(tuple(found), tuple(self._unknown_texts()))

    def _unknown_texts(self) -> Iterator[str]:
        for why, questions in self._unknown.items():
            first, count = questions[0], len(questions)
            requests = "1 request" if count == 1 else f"{count} requests, such as"
            yield f"{why}: {requests} {first.method} {first.url}"

    def _of_host(self, host: str, paths: Iterable[bytes]) -> Iterator[Difference]:
        groups: dict[object, _Group] = {}
        for question in self._questions(host, paths):
            before, after = self._old.ask(question), self._new.ask(question)
            found = self._difference(before, after)
            if found is None:
                continue
            key = self._key(found)
            if key in groups:
                groups[key].more += 1
            else:
                groups[key] = _Group(found)
        for group in groups.values():
            yield replace(group.found, more=group.more)

    def _questions(self, host: str, paths: Iterable[bytes]) -> Iterator[Question]:
        """Yield requests for a host: of everybody, of other sites' pages, and for canaries."""
        own = list(paths)
        for target in targets(own):
            for scheme in ("http", "https"):
                yield Question("GET", scheme, host, target)
        special = [("GET", headers) for headers in self._canary_headers]
        if self._sites and self._minds_sites(host):
            special += [(way, (("Origin", site),)) for site in self._sites for way in _METHODS]
        for path in dict.fromkeys(own if special else ()):
            for method, headers in special:
                target = target_for(path).decode("ascii", "replace")
                yield Question(method, "https", host, target, headers)

    def _servers(self, host: str) -> object:
        """Return what decides over a host: the servers of both sides, and whether Lua redirects."""
        found = [servers_of(side.conf, host) for side in (self._old, self._new)]
        if None in found:
            return host
        servers = tuple(id(server) for side in found for server in side or ())
        return servers, self._certificates.of(host)

    def _minds_sites(self, host: str) -> bool:
        """Return whether one of both answers pages of other sites otherwise."""
        for side in (self._old, self._new):
            for server in servers_of(side.conf, host) or ():
                if server is None:
                    continue
                known = self._minding.get(id(server))
                if known is None:
                    known = self._minding[id(server)] = minds_sites(server)
                if known:
                    return True
        return False

    def _difference(self, before: MigrationReply, after: MigrationReply) -> Difference | None:
        replies = (before, after)
        if any(reply.answer.unknown for reply in replies):
            self._note(before, after)
            return None
        shows = not self._same(before.answer, after.answer)
        if shows and any(
            self._same(one, other)
            for one in (before.answer, *before.perhaps)
            for other in (after.answer, *after.perhaps)
        ):
            self._note(before, after)
            return None
        if not shows and (before.unknown or after.unknown):
            self._note(before, after)
            return None
        # Where one redirects, for example, and the other passes on, the rest is implied.
        what = changes(before.means, after.means) if _alike(before, after) else ()
        if (not shows and not what) or _own_page(before.answer, after.answer):
            return None
        if before.answer.refused != after.answer.refused:
            return self._of_tls(before.answer, after.answer)
        was, now = before.answer.route, after.answer.route
        ref = _rule_of(was, now)
        return Difference(
            _kind(before.answer, after.answer, shows),
            before.answer.request.host,
            ref.path if ref else None,
            ref.path_type if ref else None,
            what,
            before.answer,
            after.answer,
            was,
            now,
            shows,
        )

    def _of_tls(self, before: Answer, after: Answer) -> Difference:
        """Return the difference of a host whose TLS one side refuses, whatever the path."""
        host = before.request.host
        was, now = before.route, after.route
        return Difference("changed", host, None, None, (), before, after, was, now, True)

    def _note(self, before: MigrationReply, after: MigrationReply) -> None:
        for reply in (before, after):
            if reply.unknown:
                self._unknown.setdefault(reply.unknown, []).append(reply.answer.request)

    def _key(self, found: Difference) -> object:
        """Return what two differences share that are one to a reader."""
        sides = tuple(
            (item.refused, item.status, item.redirect is None, self._service(item.backend))
            for item in (found.before, found.after)
        )
        if found.before.refused != found.after.refused:
            return found.before.refused, found.after.refused
        was, now = (ref.ingress if ref else None for ref in (found.old, found.new))
        ref = _rule_of(found.old, found.new)
        rule = found.path if ref is None or ref.route is not None else ref.ingress or found.path
        names = tuple(text.partition(":")[0] for text in found.what)
        return found.kind, sides, names, was, now, rule

    def _same(self, one: Answer, other: Answer) -> bool:
        if self._unavailable(one, other) or self._unavailable(other, one):
            return True
        if one.refused or other.refused:
            return one.refused == other.refused
        seen = [
            (item.status, item.redirect, item.file, item.upstream_uri if item.backend else None)
            for item in (one, other)
        ]
        odds = [
            [(self._service(backend), round(share, 4)) for backend, share in item.alternatives]
            for item in (one, other)
        ]
        return (
            seen[0] == seen[1]
            and odds[0] == odds[1]
            and self._service(one.backend) == self._service(other.backend)
            and self._service(one.unopened) == self._service(other.unopened)
        )

    def _unavailable(self, one: Answer, other: Answer) -> bool:
        """Return whether one is a Service, and the other 503, as that Service has no endpoints.

        Lua answers so too, but it is not in the file which Services have any.
        """
        rule = other.route
        if one.backend is None or other.status != 503 or rule is None:
            return False
        if rule.service is None or rule.service not in self._services:
            return False
        named = Backend("", rule.service, rule.port)
        return self._service(one.backend) == self._service(named)

    def _service(self, backend: Backend | None) -> object:
        """Return what a backend is: its Service and port, by number where that is known."""
        if backend is None:
            return None
        if backend.service is None:
            return self._upstreams.get(backend.name, backend.name)
        port = backend.port
        if isinstance(port, str):
            port = self._ports.get((backend.service, port), port)
        return backend.service, port


def _rule_of(was: RouteRef | None, now: RouteRef | None) -> RouteRef | None:
    """Return the rule that a difference is of: one of the manifests before a location."""
    refs = [ref for ref in (now, was) if ref is not None]
    compiled = (ref for ref in refs if ref.route is not None)
    return next(compiled, None) or next((ref for ref in refs if ref.ingress), None) or was or now


def _own_page(one: Answer, other: Answer) -> bool:
    """Return whether one is a page of the controller's own, in place of which no rule stands."""
    pages = (one, other)
    own = any(
        item.server == DEFAULT_SERVER and item.route and item.route.path in _PAGES for item in pages
    )
    return own and all(item.route is None or item.route.ingress is None for item in pages)


def _alike(before: MigrationReply, after: MigrationReply) -> bool:
    one, other = before.answer, after.answer
    return (one.backend is None, one.status) == (other.backend is None, other.status)


def _kind(before: Answer, after: Answer, shows: bool) -> Kind:
    if not shows:
        return "changed"
    if _takes_nothing(before) and after.backend is not None:
        return "added"
    if before.backend is not None and _takes_nothing(after):
        return "removed"
    if before.backend is not None and after.backend is not None:
        same = before.backend.service == after.backend.service
        return "changed" if same else "moved"
    return "changed"


def _takes_nothing(answer: Answer) -> bool:
    return answer.status == 404 and not _has_rule(answer.route)


def _has_rule(ref: RouteRef | None) -> bool:
    return ref is not None and ref.service is not None
