"""Answers about any nginx.conf: nginx's rules over what crossplane has read.

What the model does not know it names with the directive and its place; then there is no answer.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ingc.explain.answer import Answer, Backend, RouteRef, location_text, text_of
from ingc.explain.compiled.api import DEFAULT_SERVER
from ingc.explain.conf.controller import ControllerFacts, in_nginx_words, is_controllers
from ingc.explain.conf.evidence import CanaryRule, WatchedObjects
from ingc.explain.conf.lua_chooses import by_objects, by_upstream
from ingc.explain.conf.modules import asides, passed_over, without_modules
from ingc.explain.conf.places import (
    StatementPlace,
    differing,
    numbered,
    upstreams,
)
from ingc.explain.conf.reasons import why_file, why_itself
from ingc.explain.conf.streams import Streams, Way
from ingc.explain.conf.tries import either_way, otherwise
from ingc.explain.question import Question
from ingc.model import Model, NotModelled, Outcome
from ingc.model.outcome import ALL_HEADERS, NO_HEADERS, DependsOnFiles
from ingc.model.tree import LATE, Statement
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.regex.reading import BadRegex, TooManySteps
from ingc.syntax.request import Request
from ingc.syntax.uri import BadTarget, read_target
from ingc.syntax.url import DEFAULT_PORTS
from ingc.target import Version

_STUCK = (TooManySteps, NotModelled, ValueError, LookupError)
_TOO_MANY_STEPS = "a regex takes more steps than PCRE allows"
_ROUTE = re.compile(r"([^/ ]+/[^/ ]+) (\S+)").fullmatch
_WITH_LOCATIONS = ("server", "location")
_SERVICE = re.compile(r"([a-z0-9-]+)_([a-z0-9-]+)_([a-z0-9-]+)").match


class BadConf(ValueError):
    """Not an nginx.conf that can be read; the text gives the place and the reason."""


class Conf:
    """An nginx.conf that answers questions. `read_conf` and `conf_of` make one."""

    def __init__(
        self,
        parsed: Sequence[Mapping[str, Any]],
        version: Version,
        name: str,
        unread: tuple[str, ...] = (),
        *,
        inside: bool = False,
        evidence: WatchedObjects | None = None,
    ) -> None:
        """``evidence`` comes with a file that somebody else has written: it may be a controller's
        that watches the objects, and hold directives of other modules. Raises `BadConf`.
        """
        self.name = name
        self.unread = unread
        """Files that are included and could not be read, with their places."""
        self.inside = inside
        """The file has no ``http`` block and is taken for the inside of one."""
        self._places: dict[int, StatementPlace] = {}
        self.evidence = evidence
        self.controller: ControllerFacts | None = None
        """The ingress-nginx that has written the file, if one has."""
        self._parsed = parsed
        if evidence is not None:
            if is_controllers(parsed):
                parsed, self.controller = in_nginx_words(parsed, evidence.certificates)
            parsed = list(without_modules(parsed, known=self.controller is not None))
        statements = tuple(numbered(parsed, self._places, name))
        try:
            self.model = Model(statements, version)
            self.streams = Streams(statements)
        except NotModelled as error:
            raise BadConf(f"{self.place(error.line)}: {error.what} is not modelled") from error
        except (BadRegex, ValueError, LookupError) as error:
            raise BadConf(f"{name}: {error}") from error
        self._upstreams = dict(upstreams(self.model.http))

    @property
    def passed(self) -> Iterable[Mapping[str, Any]]:
        """The directives of other modules that were passed over, as crossplane has them."""
        if self.evidence is None:
            return ()
        return passed_over(self._parsed, known=self.controller is not None)

    def with_evidence(self, evidence: WatchedObjects) -> Conf:
        """Return the file with what the objects tell of the controller that has written it."""
        return Conf(
            self._parsed,
            self.model.version,
            self.name,
            self.unread,
            inside=self.inside,
            evidence=evidence,
        )

    @cached_property
    def _certified(self) -> Conf:
        """The same, with certificates also for the hosts of which that is not known."""
        known = self.evidence or WatchedObjects()
        certificates = dataclasses.replace(known.certificates, assumed=True)
        return self.with_evidence(dataclasses.replace(known, certificates=certificates))

    @cached_property
    def canaries(self) -> Mapping[str, tuple[CanaryRule, ...]]:
        """The canaries that the objects have, by the upstream whose requests they take."""
        if self.controller is None or self.evidence is None:
            return {}
        return by_upstream(self.model.http, self.evidence)

    def if_certified(self, question: Question) -> Answer | None:
        """Return the answer if the host has a certificate, where that decides and is not known."""
        if self.controller is None or self.evidence is None or question.scheme != "http":
            return None
        known = self.evidence.certificates
        if known.assumed or known.of(question.host_name) is not None:
            return None
        mine, other = self.ask(question), self._certified.ask(question)
        same = (mine.status, mine.redirect) == (other.status, other.redirect)
        return None if same else other

    def asides(self, outcome: Outcome) -> tuple[Statement, ...]:
        """Return what of other modules may answer in place of an outcome; see `ASIDE`."""
        place = self.at(outcome.location_line) or self.at(outcome.server_line)
        return tuple(asides((*place.scopes, place.statement))) if place is not None else ()

    def at(self, number: int) -> StatementPlace | None:
        """Return the statement of a number that the model gives for a line."""
        return self._places.get(number)

    def place(self, number: int) -> str:
        """Return ``file:line`` for a number that the model gives for a line."""
        found = self._places.get(number)
        return found.where if found else self.name

    def ask(self, question: Question) -> Answer:
        """Return what becomes of a request."""
        return self.answered(question)[0]

    def answered(
        self, question: Question, *, headers: bool = False
    ) -> tuple[Answer, Outcome | None]:
        """Return what becomes of a request, and the model's likeliest answer where it has one."""
        try:
            passed = self._passed_on(question)
        except _STUCK as error:
            passed = self._stuck(question, error)
        try:
            outcomes = self.outcomes(question, headers=headers)
        except _STUCK as error:
            return passed or self._stuck(question, error), None
        first = max(outcomes, key=lambda item: item[0])[1]
        return passed or self._judged(question, outcomes, first), first

    def _stuck(self, question: Question, error: Exception) -> Answer:
        """Return the answer where the configuration can't be followed."""
        if isinstance(error, TooManySteps):
            return Answer(question, 500, why=_TOO_MANY_STEPS)
        if isinstance(error, DependsOnFiles):
            return self._either(question, error)
        if isinstance(error, NotModelled):
            return self._unknown(question, error)
        return Answer(question, unknown=f"the configuration can not be followed: {error}")

    def _judged(
        self, question: Question, outcomes: tuple[tuple[float, Outcome], ...], first: Outcome
    ) -> Answer:
        if first.why:
            return Answer(question, first.status, why=first.why)
        unmodelled = self._unmodelled(question)
        if unmodelled is not None:
            return self._halfway(question, first, unmodelled)
        others = {
            item.upstream: odds
            for odds, item in outcomes
            if item.upstream is not None and item.upstream != first.upstream
        }
        answer = dataclasses.replace(
            self.answer(question, first),
            alternatives=tuple((self.backend(name), odds) for name, odds in others.items()),
        )
        return answer if self.evidence is None else by_objects(answer, self.evidence, self.canaries)

    def _either(self, question: Question, error: DependsOnFiles) -> Answer:
        """Return the answers with and without the files that decide."""

        def answer_if(there: tuple[int, ...]) -> Answer:
            found = self._outcomes(question, headers=False, there=there)
            return self.answer(question, max(found, key=lambda item: item[0])[1])

        try:
            ways, last = either_way(error, answer_if)
        except NotModelled as other:
            return self._unknown(question, other)
        except (BadRegex, ValueError, LookupError):
            return self._unknown(question, error)
        if not ways:
            return last
        return dataclasses.replace(self._unknown(question, error), either=(*ways, otherwise(last)))

    def _passed_on(self, question: Question) -> Answer | None:
        """Return the answer to a connection that the stream block keeps from ``http``."""
        way = self._way(question)
        if way is None or (way.port is not None and _listens(self.model, question, way.port)):
            return None
        where = self.place(way.line)
        if way.upstream is None:
            return Answer(question, refused=True, why=f"the stream server at {where} closes it")
        if question.scheme == "http":
            why = f"the stream server at {where} passes connections on to {way.upstream}"
            return Answer(question, unknown=why)
        backend = self.backend(way.upstream, way.endpoints)
        why = f"the stream server at {where} passes it on, so nginx sees no request"
        return Answer(question, why=why, unopened=backend)

    def _way(self, question: Question) -> Way | None:
        """Return where the stream block leads a connection; ``None``: not its business."""
        name = question.host_name if question.sni is None else question.sni
        return self.streams.way(question.port, name.lower())

    def outcomes(
        self, question: Question, *, headers: bool = False
    ) -> tuple[tuple[float, Outcome], ...]:
        """Return the model's answers with their odds. Raises `NotModelled`, `ValueError`."""
        return self._outcomes(question, headers=headers, there=())

    def _outcomes(
        self, question: Question, *, headers: bool, there: tuple[int, ...]
    ) -> tuple[tuple[float, Outcome], ...]:
        wanted = ALL_HEADERS if headers else NO_HEADERS
        return self.model.outcomes(self.request(question), headers=wanted, there=there)

    def likeliest(self, question: Question) -> Outcome | None:
        """Return the model's likeliest answer; ``None`` where it has none."""
        return self.answered(question)[1]

    def request(self, question: Question) -> Request:
        """Return a question as the model takes it."""
        request = question.request
        try:
            way = self._way(question)
        except (NotModelled, ValueError):
            way = None
        inner = way.port if way is not None else None
        for port in (inner, question.port, DEFAULT_PORTS[question.scheme]):
            moved = request._replace(port=port)
            if port is not None and self.model.socket(moved) is not None:
                return moved
        return request

    def answer(self, question: Question, outcome: Outcome) -> Answer:
        """Return one of the model's answers in the common form."""
        missing = outcome.file and outcome.shown == 404 and not outcome.file.endswith(b"/")
        return Answer(
            question,
            404 if missing else outcome.status,
            location_text(outcome.location),
            outcome.refused,
            self._server(outcome.server_line),
            _normalised(question) if outcome.server_line else None,
            self._ref(outcome.location_line),
            self.backend(outcome.upstream) if outcome.upstream is not None else None,
            (),
            text_of(outcome.target) if outcome.upstream is not None else None,
            self._why(outcome, question),
            file=text_of(outcome.file) if outcome.file else None,
        )

    def refs(self) -> Iterable[RouteRef]:
        """Return every location, in the order of the file."""
        for number, place in self._places.items():
            within = place.scopes[-1].name if place.scopes else ""  # in a map, it is a key
            if place.statement.name == "location" and within in _WITH_LOCATIONS:
                ref = self._ref(number)
                if ref is not None:
                    yield ref

    def backend(self, name: str, endpoints: tuple[str, ...] = ()) -> Backend:
        """Return an upstream, or the address that a pass directive names."""
        own = _SERVICE(name)
        service, port = (f"{own[1]}/{own[2]}", own[3]) if own else (None, None)
        if self.controller is not None and name in self.controller.services:
            service, port = self.controller.services[name]
        number = int(port) if port and port.isdecimal() else port or None
        return Backend(name, service, number, endpoints or self._upstreams.get(name, ()))

    def _server(self, number: int) -> str | None:
        place = self.at(number)
        if place is None:
            return None
        names = [name for item in place.statement.all("server_name") for name in item.args]
        return names[0] if names else DEFAULT_SERVER

    def _ref(self, number: int) -> RouteRef | None:
        place = self.at(number)
        if place is None:
            return None
        location = place.statement
        modifier, name = location.args if len(location.args) == 2 else ("", location.args[0])
        sets = {item.args[0]: item.args[1] for item in location.all("set")}
        known = _ROUTE(sets.get("$ingc_route", ""))
        ingress = known[1] if known else None
        if self.controller is not None and sets.get("$namespace") and sets.get("$ingress_name"):
            ingress = f"{sets['$namespace']}/{sets['$ingress_name']}"
        return RouteRef(
            ingress=ingress,
            field=known[2] if known else None,
            path=name,
            path_type=modifier or "prefix",
            place=place.where,
        )

    def _why(self, outcome: Outcome, question: Question) -> str:
        if outcome.refused:
            scheme = question.scheme
            listens = self.model.listens(scheme)
            return "TLS is refused for this name" if listens else f"nothing listens for {scheme}"
        if outcome.file:
            return why_file(outcome, question.method)
        if outcome.status is None:
            return ""
        where = self.place(outcome.location_line or outcome.server_line)
        by_lua = self.at(outcome.answer_line)
        if by_lua is not None and any(scope.name == LATE for scope in by_lua.scopes):
            return f"Lua redirects to https, {where}"
        own = self.at(outcome.answer_line) if not outcome.location_line else None
        by = f"{own.statement.name}, {own.where}" if own is not None else ""
        return why_itself(outcome, where, by)

    def _unmodelled(self, question: Question) -> str | None:
        """Return in words what decides beside what the model knows; ``None`` where nothing does."""
        request = self.request(question)
        try:
            name = read_host(request.host, self.model.version)
        except BadHost:
            name = b""
        try:
            addresses = differing(self.model.sockets(request), name)
        except TooManySteps:
            return _TOO_MANY_STEPS
        if addresses:
            return f"the client's way in decides: {', '.join(addresses)} have other servers"
        return None

    def _halfway(self, question: Question, outcome: Outcome, unknown: str) -> Answer:
        """Return where the request is when something decides that is not modelled."""
        answer = self.answer(question, outcome)
        found = Answer(question, server=answer.server, uri=answer.uri, route=answer.route)
        return dataclasses.replace(found, unknown=unknown)

    def _unknown(self, question: Question, error: NotModelled) -> Answer:
        place = self.at(error.line)
        what = f"{error.what} ({self.place(error.line)}) is not modelled"
        if place is None:
            return Answer(question, unknown=what)
        chain = (*place.scopes, place.statement)
        server = next((item for item in chain if item.name == "server"), None)
        location = next((item for item in reversed(chain) if item.name == "location"), None)
        return Answer(
            question,
            server=self._server(server.line) if server else None,
            uri=_normalised(question) if server else None,
            route=self._ref(location.line) if location else None,
            unknown=what,
        )


def _listens(model: Model, question: Question, port: int) -> bool:
    https = question.scheme == "https"
    return any(item.ssl == https and item.port == port for item in model.all_sockets)


def _normalised(question: Question) -> str | None:
    try:
        return text_of(read_target(question.target.encode("utf-8", "surrogateescape")).uri)
    except BadTarget:
        return None
