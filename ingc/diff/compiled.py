"""Two compiled inputs, host by host: hosts that do the same are skipped, of the others every rule
is tried by requests at its edges.

A rule that is new and changes nothing, such as one that another takes everything from, is no
difference: what counts is how requests are answered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from ingc.diff.behaviour import Behaviour, Side, key_of
from ingc.diff.changes import Named, changes, settings_changes
from ingc.diff.difference import Comparison, Difference, Kind
from ingc.diff.feature_values import usual_directives
from ingc.diff.probes import paths_of, request_host, route_targets, targets
from ingc.explain.answer import Answer, backend_text
from ingc.explain.question import Question
from ingc.ir import Config, Host, Route
from ingc.ir.features.aliases import Alias
from ingc.ir.features.canary import Canary, HeaderRule
from ingc.match.oracle import APP_ROOT
from ingc.syntax.host import twin_of
from ingc.syntax.pcre import patience
from ingc.syntax.regex.samples import samples

_NOTHING: Behaviour = ("", {})


def compare(old: Config, new: Config) -> Comparison:
    """Return what differs between two configurations."""
    comparing = _Comparing(Side(old), Side(new))
    with patience():
        return Comparison(tuple(comparing.differences()))


class _Comparing:
    """Asks both sides."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old = old
        self._new = new
        self._taken = {*old.hosts, *new.hosts}

    def differences(self) -> Iterator[Difference]:
        """Yield the differences, by host."""
        yield from self._settings()
        for name in sorted(self._taken):
            old, new = self._old.hosts.get(name), self._new.hosts.get(name)
            if old and new and self._old.print_of(old) == self._new.print_of(new):
                continue
            yield from _unique(self._of_host(name, old, new))

    def _settings(self) -> Iterator[Difference]:
        settings = (self._old.config.settings, self._new.config.settings)
        what = tuple(settings_changes(*settings, usual_directives()))
        if what:
            host_name = request_host(next((name for name in sorted(self._taken) if name), ""))
            yield self._whole(None, Question("GET", "http", host_name, "/"), what)

    def _changes(self, did: Named, does: Named) -> tuple[str, ...]:
        return changes(did, does, (self._old.meaning.usual, self._new.meaning.usual))

    def _of_host(self, name: str, old: Host | None, new: Host | None) -> Iterator[Difference]:
        host_name = request_host(name, self._taken)
        if old is not None and new is not None:
            yield from self._of_whole_host(host_name, old, new)
        for target in _targets(old, new):
            question = Question("GET", "http", host_name, target)
            found = self._difference(question)
            if found is not None and not found.shows:
                found = self._better(question, found)
            elif found is None and self._only_https(old, new):
                found = self._difference(dataclasses.replace(question, scheme="https"))
            if found is not None:
                yield dataclasses.replace(found, what=(*_regex(old, new), *found.what))

    def _better(self, question: Question, found: Difference) -> Difference:
        """Return a difference with a request that shows it, or that reaches at least a backend."""
        candidates = (self._difference(closer) for closer in _closer(question, found))
        others = [item for item in candidates if item is not None]
        reaching = (item for item in (found, *others) if item.before.backend or item.after.backend)
        return next((item for item in others if item.shows), next(reaching, found))

    def _only_https(self, old: Host | None, new: Host | None) -> bool:
        """Return whether something of a host might be seen on https alone."""
        return bool(old and new and old.answers_https and new.answers_https and old.features)

    def _of_whole_host(self, host_name: str, old: Host, new: Host) -> Iterator[Difference]:
        over_tls = Question("GET", "https", host_name, "/")
        before, after = self._ask(over_tls)
        was, now = _tls(old, before), _tls(new, after)
        if was != now:
            yield self._whole(old.name, over_tls, (f"https: {was} → {now}",))
        does, did = self._new.host_does(new), self._old.host_does(old)
        for name in dict.fromkeys((*did, *does)):
            what = self._changes(_only(did, name), _only(does, name))
            if what:
                scheme = "https" if old.answers_https and new.answers_https else "http"
                host = _witness_host(host_name, old, new, name)
                yield self._whole(old.name, Question("GET", scheme, host, "/"), what)

    def _whole(self, host: str | None, question: Question, what: tuple[str, ...]) -> Difference:
        before, after = self._ask(question)
        shows = _seen(before) != _seen(after)
        return Difference(
            "changed", host, None, None, what, before, after, before.route, after.route, shows
        )

    def _ask(self, question: Question) -> tuple[Answer, Answer]:
        return self._old.asker.ask(question), self._new.asker.ask(question)

    def _difference(self, question: Question) -> Difference | None:
        """Return what differs for one request."""
        before, after = self._ask(question)
        if APP_ROOT in (before.why, after.why):
            return None  # what the whole host does comes first, and is reported as such
        old, new = _route(before), _route(after)
        did = self._old.behaviour(old) if old else _NOTHING
        does = self._new.behaviour(new) if new else _NOTHING
        shows = _seen(before) != _seen(after)
        if did == does and not shows:
            return None
        what = self._changes(did[1], does[1]) if old and new else ()
        if did[0] == does[0] and not (shows or what):
            return None  # one side states what holds on the other anyway
        if old is None and new is None:
            return self._made("changed", None, question, what, (before, after), shows)
        moved = did[0] != does[0] and not (before.redirect or after.redirect)
        hidden = did[0] != does[0] and not shows
        kind, route, host = self._kind(old, new, before, after, moved or hidden)
        if old and new and old.path_type != new.path_type and kind == "changed":
            what = (f"pathType: {old.path_type} → {new.path_type}", *what)
        made = self._made(kind, route, question, what, (before, after), shows)
        return dataclasses.replace(made, host=host)

    def _kind(
        self, old: Route | None, new: Route | None, before: Answer, after: Answer, moved: bool
    ) -> tuple[Kind, Route | None, str | None]:
        """Return what happened, and the rule to which it did, with its host."""
        was, now = _host_name(before), _host_name(after)
        gone = old is not None and key_of(was, old) not in self._new.keys
        fresh = new is not None and key_of(now, new) not in self._old.keys
        if old and new and gone and fresh and (was, old.path) == (now, new.path):
            return ("moved" if moved else "changed"), new, now
        if fresh:
            return "added", new, now
        if gone:
            return "removed", old, was
        return ("moved" if moved else "changed"), new or old, now if new else was

    def _made(
        self,
        kind: Kind,
        route: Route | None,
        question: Question,
        what: tuple[str, ...],
        answers: tuple[Answer, Answer],
        shows: bool,
    ) -> Difference:
        before, after = answers
        return Difference(
            kind,
            _host_name(after) or None,
            route.path if route else question.target,
            (route.path_type or None) if route else None,
            what,
            before,
            after,
            before.route,
            after.route,
            shows,
        )


def _closer(question: Question, found: Difference) -> Iterator[Question]:
    """Yield requests that may show what a plain one does not."""
    # A redirect to https may hide what differs, and a header decide for a canary.
    over_tls = dataclasses.replace(question, scheme="https")
    yield over_tls
    for ref in (found.new, found.old):
        canary = ref.route.feature(Canary) if ref is not None and ref.route else None
        if canary is None:
            continue
        sent = [("Cookie", f"{canary.cookie}=always")] if canary.cookie else []
        if canary.header is not None:
            sent.append((canary.header.name, _value(canary.header)))
        for header in sent:
            yield dataclasses.replace(question, headers=(header,))
            yield dataclasses.replace(over_tls, headers=(header,))


def _value(header: HeaderRule) -> str:
    """Return a value with which a header selects the canary."""
    if header.pattern is None:
        return header.value or "always"
    fitting = (text.decode("latin-1") for text in samples(header.pattern))
    return next((text for text in fitting if text and text.isprintable()), "always")


def _regex(old: Host | None, new: Host | None) -> tuple[str, ...]:
    """Return where the paths of a host have become regexes: it explains what else differs."""
    if old is None or new is None or old.regex == new.regex:
        return ()
    which = "some paths are" if old.tenancy or new.tenancy else "paths are"
    return (f"{which} regexes: no → yes" if new.regex else f"{which} regexes: yes → no",)


def _tls(host: Host, answer: Answer) -> str:
    """Return what becomes of a host's TLS, in words."""
    if answer.unopened is not None:
        return f"passed on to {backend_text(answer.unopened)}"
    return "yes" if host.answers_https else "no"


def _only(values: dict[str, object], name: str) -> dict[str, object]:
    return {name: values[name]} if name in values else {}


def _witness_host(host_name: str, old: Host, new: Host, feature: str) -> str:
    """Return a host that a feature of names is about."""
    if feature == "www redirect":
        return twin_of(host_name) or host_name
    if feature != "alias":
        return host_name
    names = [set(item.names) if (item := host.feature(Alias)) else set() for host in (old, new)]
    differing = sorted(name for name in names[0] ^ names[1] if not name.startswith("~"))
    return request_host(differing[0]) if differing else host_name


def _targets(old: Host | None, new: Host | None) -> list[str]:
    """Return the targets to request: first what the rules take, then the edges of their paths."""
    hosts = [host for host in (new, old) if host is not None]
    plain = [target for host in hosts for route in host.routes for target in route_targets(route)]
    around = targets([path for host in hosts for path in paths_of(host)])
    return list(dict.fromkeys((*plain, *around)))


def _route(answer: Answer) -> Route | None:
    route = answer.route.route if answer.route else None
    return route if route is not None and route.origin.name else None


def _host_name(answer: Answer) -> str:
    """Return the name of the host that answers, as the rules write it."""
    name = answer.server or ""
    return "" if name == "_" else name


def _seen(answer: Answer) -> tuple[object, ...]:
    """Return what a client and a backend can see of an answer."""
    names = [(item.service, str(item.port)) for item in (answer.backend,) if item]
    odds = [(item.service, str(item.port), share) for item, share in answer.alternatives]
    unopened = backend_text(answer.unopened) if answer.unopened else None
    seen = answer.status, answer.redirect, answer.refused, unopened
    return (*seen, answer.upstream_uri, names, odds)


def _unique(found: Iterable[Difference]) -> Iterator[Difference]:
    """Leave out differences that another request has revealed already; better witnesses first."""
    groups: dict[object, Difference] = {}
    for item in found:
        key = (item.kind, item.host, item.path, item.path_type, item.what)
        if key not in groups or (item.shows and not groups[key].shows):
            groups[key] = item
    yield from groups.values()
