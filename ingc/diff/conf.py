"""Two nginx.confs, by the model of nginx: the requests are made of both sides' names and paths.

A server block that is equal on both sides is skipped, unless what all servers share differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingc.diff.blocks import DEFINING, Servers, defined, print_of, servers_of, shared
from ingc.diff.changes import changes
from ingc.diff.conf_checks import check_changes, header_changes
from ingc.diff.difference import Comparison, Difference, Kind
from ingc.diff.probes import NOBODY, hosts_of_conf, targets
from ingc.explain.answer import Answer, Backend, RouteRef
from ingc.explain.conf.api import Conf
from ingc.explain.conf.places import StatementPlace
from ingc.explain.question import Question
from ingc.model import NotModelled, Outcome
from ingc.model.tree import REWRITES, Statement
from ingc.syntax.pcre import patience

_ROUTING = frozenset(
    {"listen", "server_name", "location", "server", "upstream", "map", "geo", "split_clients"}
    | {"proxy_pass", "grpc_pass", "fastcgi_pass", "allow", "deny", "error_page", "include"}
    | {"root", "alias", "add_header"}
    | REWRITES
)
"""Directives whose effect the answers themselves show."""

_Directives = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Reply:
    """One side's answer to a request."""

    answer: Answer
    outcome: Outcome | None
    directives: _Directives


def compare_confs(old: Conf, new: Conf, *, directives: bool = True) -> Comparison:
    """Return what differs between two nginx.confs.

    ``directives``: also simple directives of locations, such as timeouts. They mean nothing where
    the two files were not written by the same hand.
    """
    with patience():
        return _Comparing(old, new, directives=directives).comparison()


class _Comparing:
    """Asks both sides."""

    def __init__(self, old: Conf, new: Conf, *, directives: bool) -> None:
        self._old = old
        self._new = new
        self._directives = directives
        self._shared_equal = print_of(shared(old)) == print_of(shared(new))
        self._unknown: dict[str, None] = {}
        self._keys = ({*_keys(old)}, {*_keys(new)})

    def comparison(self) -> Comparison:
        """Compare host by host."""
        old, new = hosts_of_conf(self._old), hosts_of_conf(self._new)
        names = sorted(dict.fromkeys((*old, *new)), key=lambda name: name == NOBODY)
        found = list(self._definitions(names[0]))
        seen: set[object] = set()
        for host in names:
            servers = (servers_of(self._old, host), servers_of(self._new, host))
            key = host if None in servers else tuple(id(s) for side in servers for s in side or ())
            if key in seen or self._is_equal(*servers):
                continue
            seen.add(key)
            found += self._of_host(host, [*new.get(host, ()), *old.get(host, ())])
        return Comparison(tuple(found), tuple(self._unknown))

    def _definitions(self, host: str) -> Iterator[Difference]:
        """Yield what differs of the definitions in ``http``."""
        old, new = defined(self._old), defined(self._new)
        both = [name for name in new if name in old or not name.startswith("upstream ")]
        gone = [name for name in old if name not in new and not name.startswith("upstream ")]
        what = changes(
            {name: old[name] for name in (*both, *gone) if name in old},
            {name: new[name] for name in both},
        )
        if what and self._directives:
            question = Question("GET", "http", host, "/")
            before, after = self._old.ask(question), self._new.ask(question)
            yield Difference(
                "changed", None, None, None, what, before, after, before.route, after.route, False
            )

    def _is_equal(self, old: Servers | None, new: Servers | None) -> bool:
        if not self._shared_equal or old is None or new is None:
            return False
        return all(
            (one and print_of([one])) == (other and print_of([other]))
            for one, other in zip(old, new, strict=True)
        )

    def _of_host(self, host: str, paths: Iterable[bytes]) -> Iterator[Difference]:
        groups: dict[object, Difference] = {}
        for target in targets(paths):
            for scheme in ("http", "https"):
                found = self._difference(Question("GET", scheme, host, target))
                if found is None:
                    continue
                key = (found.kind, found.path, found.path_type, found.what)
                if key not in groups or (found.shows and not groups[key].shows):
                    groups[key] = found
        yield from groups.values()

    def _difference(self, question: Question) -> Difference | None:
        before, after = self._ask(self._old, question), self._ask(self._new, question)
        if before.answer.unknown or after.answer.unknown:
            self._note_unknown(before, after)
            return None
        shows = _seen(before) != _seen(after) or not _same_backends(before.answer, after.answer)
        what = header_changes(before.answer, before.outcome, after.answer, after.outcome)
        if self._directives:
            what += changes(before.directives, after.directives, missing="not set")
        both = (before.directives, after.directives) if self._directives else None
        what += check_changes(before.outcome, after.outcome, both)
        if not shows and not what:
            self._note_lua(before, after)
            return None
        kind, ref = self._kind(before, after, shows)
        return Difference(
            kind,
            question.host,
            ref.path if ref else question.target,
            ref.path_type if ref else None,
            what if kind in ("changed", "moved") else (),
            before.answer,
            after.answer,
            before.answer.route,
            after.answer.route,
            shows,
        )

    def _note_unknown(self, before: _Reply, after: _Reply) -> None:
        """Keep what can't be known, unless both sides have the same there."""
        if before.answer.unknown and after.answer.unknown:
            one, other = (_location(reply) for reply in (before, after))
            if one is not None and one == other and self._shared_equal:
                return
        for reply in (before, after):
            if reply.answer.unknown:
                self._unknown.setdefault(reply.answer.unknown)

    def _note_lua(self, before: _Reply, after: _Reply) -> None:
        """Keep what Lua and other modules decide otherwise, or in one of the two alone."""
        one, other = (
            _decides(conf, reply) for conf, reply in ((self._old, before), (self._new, after))
        )
        if set(one) != set(other):
            for what in (*one.values(), *other.values()):
                self._unknown.setdefault(what)

    def _kind(self, before: _Reply, after: _Reply, shows: bool) -> tuple[Kind, RouteRef | None]:
        was, now = before.answer.route, after.answer.route
        if not shows:
            return "changed", now or was
        gone = was is not None and _key(before.answer) not in self._keys[1]
        fresh = now is not None and _key(after.answer) not in self._keys[0]
        if fresh:
            return "added", now
        if gone:
            return "removed", was
        moved = not _same_backend(before.answer.backend, after.answer.backend)
        return ("moved" if moved else "changed"), now or was

    def _ask(self, conf: Conf, question: Question) -> _Reply:
        answer = conf.ask(question)
        if answer.unknown:
            return _Reply(answer, None, {"location": _location_of(conf, answer.route)})
        try:
            outcomes = conf.outcomes(question, headers=True)
        except (NotModelled, ValueError, LookupError):
            return _Reply(answer, None, {})
        outcome = max(outcomes, key=lambda item: item[0])[1]
        return _Reply(answer, outcome, _effective(conf, outcome))


def _decides(conf: Conf, reply: _Reply) -> dict[object, str]:
    """Return what may come in place of an answer, and how it is named, by what it does."""
    answer, outcome = reply.answer, reply.outcome
    found: dict[object, str] = {}
    if outcome is None:
        return found
    for item in conf.asides(outcome) if answer.status is None else ():
        found[item.args] = f"{item.args[0]} ({conf.place(item.line)}) may answer first"
    certified = conf.if_certified(answer.request)
    if certified is not None:
        host = answer.request.host_name
        text = f"whether Lua of {conf.name} has a certificate for {host}, and redirects"
        found[certified.status, certified.redirect] = text
    return found


def _location_of(conf: Conf, route: RouteRef | None) -> object:
    """Return a location without where it stands; ``None`` where it is not known."""
    if route is None:
        return None
    for place in _places(conf):
        item = place.statement
        if item.name == "location" and (place.where, item.args[-1]) == (route.place, route.path):
            return print_of([item])
    return None


def _places(conf: Conf) -> Iterator[StatementPlace]:
    number = 1
    while (place := conf.at(number)) is not None:
        yield place
        number += 1


def _location(reply: _Reply) -> object:
    return reply.directives.get("location")


def _effective(conf: Conf, outcome: Outcome) -> _Directives:
    """Return the simple directives that hold for a request, of the innermost block that has any."""
    place = conf.at(outcome.location_line) or conf.at(outcome.server_line)
    found: _Directives = {}
    for scope in (*place.scopes, place.statement) if place else ():
        for name, items in scope.by_name.items():
            # The headers that a backend gets are compared by the outcomes themselves.
            routes = name in _ROUTING or name in DEFINING or name.endswith("_set_header")
            if not routes and all(item.block is None for item in items):
                found[name] = " ".join(arg for item in items for arg in item.args)
    return found


def _seen(reply: _Reply) -> tuple[object, ...]:
    """Return what a client and a backend can see of an answer, but for the backends' names."""
    answer, outcome = reply.answer, reply.outcome
    seen = (answer.status, answer.redirect, answer.refused, answer.upstream_uri, answer.file)
    if outcome is None:
        return seen
    return (*seen, outcome.guards, outcome.protocol, outcome.text, outcome.shown)


def _same_backends(one: Answer, other: Answer) -> bool:
    odds = [[share for _, share in answer.alternatives] for answer in (one, other)]
    if odds[0] != odds[1] or not _same_backend(one.unopened, other.unopened):
        return False
    pairs = zip(one.alternatives, other.alternatives, strict=True)
    return _same_backend(one.backend, other.backend) and all(
        _same_backend(first, second) for (first, _), (second, _) in pairs
    )


def _same_backend(one: Backend | None, other: Backend | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.name == other.name or _addresses(one) == _addresses(other)


def _addresses(backend: Backend) -> frozenset[str]:
    return frozenset(backend.endpoints or (backend.name,))


def _key(answer: Answer) -> object:
    route = answer.route
    return (answer.server, route.path, route.path_type) if route else None


def _keys(conf: Conf) -> Iterator[object]:
    """Yield what identifies each location on both sides."""
    for server in conf.model.http.all("server"):
        names = [name for item in server.all("server_name") for name in item.args]
        for location in _locations(server):
            modifier, path = location.args if len(location.args) == 2 else ("", location.args[0])
            yield names[0] if names else "_", path, modifier or "prefix"


def _locations(block: Statement) -> Iterator[Statement]:
    for location in block.all("location"):
        yield location
        yield from _locations(location)
