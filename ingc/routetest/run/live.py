"""Replies of a running server: the same requests, sent as they are written."""

from __future__ import annotations

import dataclasses
import http.client
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingc.explain.answer import Answer, Backend, RouteRef, location_text
from ingc.explain.question import Question
from ingc.routetest.run.reply import CannotAsk, NoAnswer, Replier, Reply
from ingc.serve.client import HandshakeRefused, HttpAnswer, send
from ingc.syntax.header_rules import Headers
from ingc.syntax.url import Url

ROUTE_HEADER = "X-Ingc-Route"
"""In which a server with ``--debug-header`` names the rule: ``ns/name/rule/path``, such as
``web/shop/spec.rules[0]/http.paths[1]``."""

_PORT = re.compile(r"(?<=[^/:]):(\d+)(?=[/?#]|\Z)")


class LiveReplier:
    """Sends the requests to servers, one for http and one for https, or just one of them."""

    def __init__(self, servers: Sequence[Url], beside: Replier | None = None) -> None:
        """``beside`` knows the rules, for the coverage."""
        self._servers = {url.scheme: url for url in servers}
        self._ports = {str(url.port) for url in servers}
        self._beside = beside

    def reply(self, question: Question, *, headers: bool) -> Reply:
        """Send a request; see `ingc.routetest.reply.Replier`."""
        del headers
        server = self._servers.get(question.scheme)
        if server is None:
            raise CannotAsk(f"no server for {question.scheme} is given")
        if question.client_ip is not None:
            raise CannotAsk("the address of the client can't be chosen")
        if question.presented is not None:
            raise CannotAsk("a client certificate can't be presented")
        url = Url(question.scheme, question.host, question.target)
        try:
            received = send(
                url,
                server.port,
                address=server.host,
                method=question.method,
                headers=question.headers,
            )
        except HandshakeRefused as error:
            return Reply(Answer(question, refused=True, why=str(error)), live=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(getattr(error, "strerror", None) or str(error)) from error
        return self._with_rule(self._read(question, received))

    def refs(self) -> Iterable[RouteRef]:
        """Return the rules of the input, where one is given."""
        return self._beside.refs() if self._beside else ()

    def _read(self, question: Question, received: HttpAnswer) -> Reply:
        location = received.header("Location")
        if location is not None:
            location = location_text(self._without_port(location))
        headers = tuple(
            (name, location if name.lower() == "location" and location else value)
            for name, value in received.headers
        )
        route = _route(received.header(ROUTE_HEADER))
        # Any backend may write what the responder does. It is not believed of another machine, nor
        # where the server names another rule.
        story = _story(received) if received.loopback else None
        if story is None or (route and (route.ingress, route.field) != (story.ingress, story.rule)):
            # The server names the rule, which may have a backend, or nginx answers for it.
            backend = Backend("", None, None) if route and location is None else None
            answer = Answer(question, received.status, location, route=route, backend=backend)
            return Reply(answer, received.status, headers, headers_known=True, live=True)
        answer = Answer(
            question,
            redirect=location,
            route=RouteRef(story.ingress, story.rule, "", None) if story.ingress else None,
            backend=Backend("", story.service, story.port),
            upstream_uri=story.target,
        )
        return Reply(
            answer,
            received.status,
            headers,
            headers_known=True,
            upstream_headers=story.headers,
            upstream_headers_known=True,
            live=True,
        )

    def _without_port(self, location: str) -> str:
        """Leave out the port of a server on trial: the tests are for the usual ones."""

        def kept(match: re.Match[str]) -> str:
            return "" if match[1] in self._ports else match[0]

        scheme, found, rest = location.partition("://")
        return f"{scheme}{found}{_PORT.sub(kept, rest, count=1)}" if found else location

    def _with_rule(self, reply: Reply) -> Reply:
        """Put the input's own rule in the place of the one that the server names."""
        if self._beside is None:
            return reply
        answer = reply.answer
        expected = self._beside.reply(answer.request, headers=False).answer
        if answer.route is None:
            own = expected.route if answer.backend is None else None
            return _by_rule(reply, own, answer.backend) if own else reply
        known = self._rules.get((answer.route.ingress, answer.route.field))
        if known is None:
            return reply
        backend = answer.backend
        if backend is not None and backend.service is None:
            backend = _backend_of(known, expected, reply.status)
        return _by_rule(reply, known, backend)

    @cached_property
    def _rules(self) -> dict[tuple[str | None, str | None], RouteRef]:
        return {(ref.ingress, ref.field): ref for ref in self.refs()}


def _by_rule(reply: Reply, route: RouteRef, backend: Backend | None) -> Reply:
    return dataclasses.replace(
        reply, answer=dataclasses.replace(reply.answer, route=route, backend=backend)
    )


def _backend_of(rule: RouteRef, expected: Answer, status: int | None) -> Backend | None:
    """Return who answered for a rule that the server named, as far as the input shows."""
    if expected.route is None or (expected.route.ingress, expected.route.field) != (
        rule.ingress,
        rule.field,
    ):
        return Backend("", rule.service, rule.port)
    if expected.alternatives or status in rule.may_answer:
        return Backend("", None, None)
    return expected.backend


_NAMED = ("ingress", "rule", "service", "port")


@dataclass(frozen=True, slots=True)
class _Story:
    """What the responder reports of a request."""

    ingress: str | None
    rule: str | None
    service: str | None
    port: str | None
    target: str
    headers: Headers


def _story(received: HttpAnswer) -> _Story | None:
    """Return what the responder reports; ``None`` where the answer has not its very form."""
    import json

    try:
        told = json.loads(received.body)
        sent = told["request"]
        headers = tuple([(_text(name), _text(value)) for name, value in sent["headers"]])
        named = {name: _text(told[name]) if told[name] is not None else None for name in _NAMED}
        return _Story(**named, target=_text(sent["target"]), headers=headers)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _text(value: object) -> str:
    """Return a text of the responder, which has bytes of Latin-1 alone. Raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError
    value.encode("latin-1")
    return value


def _route(header: str | None) -> RouteRef | None:
    parts = (header or "").split("/")
    if len(parts) < 3:
        return None
    return RouteRef("/".join(parts[:2]), ".".join(parts[2:]), "", None)
