"""Answers about any nginx.conf: nginx's rules over what crossplane has read.

What the model does not know it names with the directive and its place; then there is no answer.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingc.explain.answer import Answer, Backend, RouteRef, text_of
from ingc.explain.compiled import DEFAULT_SERVER
from ingc.explain.question import Question
from ingc.explain.statements import Place, line_bytes, numbered, upstreams, without_lists
from ingc.explain.unmodelled import content_of, differing, opaque, page_for
from ingc.match.oracle import check_line
from ingc.model import Model, NotModelled, Outcome, Request
from ingc.prove.structure import Mismatch, parse
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.regex import BadRegex
from ingc.syntax.uri import BadTarget, read_target
from ingc.target import Version

SOME_CLIENT = "198.18.0.1"
"""The address of a client that nothing is known of: of a network that nobody lists."""

_ROUTE = re.compile(r"([^/ ]+/[^/ ]+) (\S+)").fullmatch
_SERVICE = re.compile(r"([a-z0-9-]+)_([a-z0-9-]+)_([a-z0-9-]+)").match
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORT = re.compile(r":([0-9]{1,5})\Z").search


class BadConf(ValueError):
    """Not an nginx.conf that can be read; the text says where and why."""


class Conf:
    """An nginx.conf that can be asked about. `read_conf` and `conf_of` make one."""

    def __init__(
        self,
        parsed: Iterable[Mapping[str, Any]],
        version: Version,
        name: str,
        unread: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.unread = unread
        """Files that are included and could not be read, with their places."""
        self._places: dict[int, Place] = {}
        statements = tuple(numbered(parsed, self._places, name))
        try:
            self.model = Model(statements, version)
            self._open = Model(tuple(without_lists(statements)), version)
        except NotModelled as error:
            raise BadConf(f"{self.place(error.line)}: {error.what} is not modelled") from error
        except (BadRegex, ValueError, LookupError) as error:
            raise BadConf(f"{name}: {error}") from error
        self._line_bytes = line_bytes(self.model.http)
        self._upstreams = dict(upstreams(self.model.http))

    def at(self, number: int) -> Place | None:
        """Return the statement of a number that the model gives for a line."""
        return self._places.get(number)

    def place(self, number: int) -> str:
        """Return ``file:line`` for a number that the model gives for a line."""
        found = self._places.get(number)
        return found.where if found else self.name

    def ask(self, question: Question) -> Answer:
        """Return what becomes of a request."""
        refused = self._refused(question)
        if refused is not None:
            return refused
        import pcre2

        try:
            outcomes = self.outcomes(question)
        except pcre2.LibraryError:
            return Answer(question, 500, why="a regex takes more steps than PCRE allows")
        except NotModelled as error:
            return self._unknown(question, error)
        except (BadRegex, ValueError, LookupError) as error:
            return Answer(question, unknown=f"the configuration can not be followed: {error}")
        first = max(outcomes, key=lambda item: item[0])[1]
        unmodelled = self._unmodelled(question, first)
        if unmodelled is not None:
            return self._halfway(question, first, unmodelled)
        others = {
            item.upstream: odds
            for odds, item in outcomes
            if item.upstream is not None and item.upstream != first.upstream
        }
        return dataclasses.replace(
            self.answer(question, first),
            alternatives=tuple((self.backend(name), odds) for name, odds in others.items()),
        )

    def _refused(self, question: Question) -> Answer | None:
        """Return the answer to a request line that nginx does not take."""
        raw = question.target.encode("utf-8", "surrogateescape")
        host = question.host.encode("utf-8", "surrogateescape")
        try:
            check_line(raw, question.method, self._line_bytes)
            read_target(raw)
            read_host(host, self.model.version)
            if question.method in ("TRACE", "CONNECT"):
                raise BadTarget(405, f"nginx does not take the method {question.method}")
        except (BadTarget, BadHost) as error:
            if self._no_handshake(question):
                return None
            return Answer(question, getattr(error, "status", 400), why=str(error))
        return None

    def _no_handshake(self, question: Question) -> bool:
        """Tell whether TLS is refused, which comes before a request line."""
        if question.scheme != "https":
            return False
        asked = dataclasses.replace(question, target="/", method="GET")
        try:
            return self.outcomes(asked)[0][1].refused
        except (NotModelled, ValueError, LookupError):
            return False

    def outcomes(
        self, question: Question, *, headers: bool = False
    ) -> tuple[tuple[float, Outcome], ...]:
        """Return the model's answers with their odds. Raises `NotModelled`, `ValueError`."""
        model = self.model if question.client_ip is not None else self._open
        return model.outcomes(self.request(question), headers=headers)

    def likeliest(self, question: Question, *, headers: bool = False) -> Outcome | None:
        """Return the model's likeliest answer; ``None`` where it has none."""
        import pcre2

        try:
            found = self.outcomes(question, headers=headers)
        except (NotModelled, ValueError, LookupError, pcre2.LibraryError):
            return None
        return max(found, key=lambda item: item[0])[1]

    def request(self, question: Question) -> Request:
        """Return a question as the model takes it."""
        sni = question.sni
        request = Request(
            question.host.encode("utf-8", "surrogateescape"),
            question.target.encode("utf-8", "surrogateescape"),
            question.scheme,
            question.method,
            question.headers,
            None if sni is None else sni.encode("utf-8", "surrogateescape"),
            question.client_ip or SOME_CLIENT,
        )
        named = _PORT(question.host)
        for port in (int(named[1]) if named else None, _DEFAULT_PORTS[question.scheme]):
            asked = dataclasses.replace(request, port=port)
            if port is not None and self.model.socket(asked) is not None:
                return asked
        return request

    def answer(self, question: Question, outcome: Outcome) -> Answer:
        """Return one of the model's answers in the common form."""
        return Answer(
            question,
            outcome.status,
            outcome.location,
            outcome.refused,
            self._server(outcome.server_line),
            _normalised(question) if outcome.server_line else None,
            self._ref(outcome.location_line),
            self.backend(outcome.upstream) if outcome.upstream is not None else None,
            (),
            text_of(outcome.target) if outcome.upstream is not None else None,
            self._why(outcome, question.scheme),
        )

    def refs(self) -> Iterable[RouteRef]:
        """Return every location, in the order of the file."""
        for number, place in self._places.items():
            if place.statement.name == "location":
                ref = self._ref(number)
                if ref is not None:
                    yield ref

    def backend(self, name: str) -> Backend:
        """Return an upstream, or the address that a pass directive names."""
        own = _SERVICE(name)
        service, port = (f"{own[1]}/{own[2]}", own[3]) if own else (None, None)
        number = int(port) if port and port.isdigit() else port
        return Backend(name, service, number, self._upstreams.get(name, ()))

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
        told = next((s.args[1] for s in location.all("set") if s.args[0] == "$ingc_route"), "")
        known = _ROUTE(told)
        return RouteRef(
            ingress=known[1] if known else None,
            field=known[2] if known else None,
            path=name,
            path_type=modifier or "prefix",
            place=place.where,
        )

    def _why(self, outcome: Outcome, scheme: str) -> str:
        if outcome.refused:
            listens = self.model.listens(scheme)
            return "TLS is refused for this name" if listens else f"nothing listens for {scheme}"
        if outcome.status is None:
            return ""
        if outcome.status == 301 and not outcome.location_line and outcome.uri:
            slashed = text_of(outcome.uri) + "/"
            return f"a location {slashed} passes requests on, so nginx adds the slash"
        where = self.place(outcome.location_line or outcome.server_line)
        return f"nginx answers by itself, {where}"

    def _opaque(self, place: Place | None) -> Place | None:
        """Return a directive at a place, or around it, that decides and is not modelled."""
        found = opaque((*place.scopes, place.statement)) if place else None
        return self.at(found.line) if found else None

    def _unmodelled(self, question: Question, outcome: Outcome) -> str | None:
        """Say what decides beside what the model knows; ``None`` where nothing does."""
        request = self.request(question)
        try:
            name = read_host(request.host, self.model.version)
        except BadHost:
            name = b""
        addresses = differing(self.model.sockets(request), name)
        if addresses:
            return f"which address is asked decides: {', '.join(addresses)} have other servers"
        place = self.at(outcome.location_line) or self.at(outcome.server_line)
        found = self._opaque(place)
        if place is not None and outcome.status == 403 and question.client_ip is not None:
            page = page_for((*place.scopes, place.statement), 403)
            found = self.at(page.line) if page else found
        return f"{found.statement.name} ({found.where}) is not modelled" if found else None

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
        decides = self._opaque(place)
        if decides is not None:
            what = f"{decides.statement.name} ({decides.where}) is not modelled"
        elif "neither passes nor returns" in error.what:
            what = f"the location at {place.where}: {content_of(place.statement)}"
        return Answer(
            question,
            server=self._server(server.line) if server else None,
            uri=_normalised(question) if server else None,
            route=self._ref(location.line) if location else None,
            unknown=what,
        )


def _normalised(question: Question) -> str | None:
    try:
        return text_of(read_target(question.target.encode("utf-8", "surrogateescape")).uri)
    except BadTarget:
        return None


def read_conf(path: Path | str, version: Version = (1, 26, 0)) -> Conf:
    """Read an nginx.conf and the files that it includes. Raises `BadConf`."""
    import crossplane

    failures: list[Exception] = []
    name = str(path)
    payload = crossplane.parse(
        name,
        combine=True,
        strict=False,
        check_ctx=False,
        check_args=False,
        onerror=failures.append,
    )
    for error in failures:
        if not isinstance(error, OSError) or not payload["config"][0]["parsed"]:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise BadConf(reason if name in str(reason) else f"{name}: {reason}")
    unread = tuple(
        f"{item['file']}:{item['line']}: {item['error']}" if item.get("line") else item["error"]
        for item in payload["errors"]
    )
    return Conf(payload["config"][0]["parsed"], version, name, unread)


def conf_of(text: str, version: Version, *, fragment: bool = False) -> Conf:
    """Read the text of an nginx.conf that was compiled. Raises `BadConf`."""
    parsed = parse(f"http {{\n{text}\n}}\n" if fragment else text)
    if isinstance(parsed, Mismatch):
        raise BadConf(f"nginx.conf:{parsed.line}: {parsed.why}")
    return Conf(parsed, version, "nginx.conf")
