"""Replies without a server: from a compiled input, or from an nginx.conf."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cached_property

from ingc.compiler import Result
from ingc.explain.answer import RouteRef
from ingc.explain.api import asker_of
from ingc.explain.conf.api import Conf
from ingc.explain.conf.reading import conf_of
from ingc.explain.question import Question
from ingc.model import NotModelled, Outcome
from ingc.model.tree import Statement
from ingc.routetest.run.reply import Reply
from ingc.syntax.header_rules import Headers
from ingc.syntax.request import Presented

_ADDED_TO = (200, 201, 204, 206, 301, 302, 303, 304, 307, 308)
"""The statuses of answers that ``add_header`` without ``always`` adds to."""


class StaticReplier:
    """Asks the oracle, or the model of an nginx.conf."""

    def __init__(self, source: Result | Conf) -> None:
        """Raises `LookupError` where nothing was compiled."""
        self._source = source
        self._asker = asker_of(source)

    def reply(self, question: Question, *, headers: bool) -> Reply:
        """Answer a request; see `ingc.routetest.reply.Replier`."""
        answer = self._asker.ask(_as_presented(question))
        reply = Reply(answer, answer.status)
        return self._with_headers(reply) if headers and not answer.unknown else reply

    def refs(self) -> Iterable[RouteRef]:
        """Return the rules, without locations that no request can name."""
        return (ref for ref in self._asker.refs() if not ref.path.startswith(("@", "//ingc/")))

    @cached_property
    def _conf(self) -> Conf | None:
        source = self._source
        if isinstance(source, Conf):
            return source
        if source.config is None or source.ir is None:
            return None
        settings = source.ir.settings
        return conf_of(source.config, settings.target, fragment=settings.fragment)

    def _with_headers(self, reply: Reply) -> Reply:
        """Add the headers that nginx.conf sets; what only a running nginx knows is left open."""
        conf = self._conf
        if conf is None:
            return reply
        try:
            outcomes = conf.outcomes(reply.answer.request, headers=True)
        except (NotModelled, ValueError, LookupError):
            return reply
        outcome = max(outcomes, key=lambda item: item[0])[1]
        found, all_literal = _added(conf, outcome, reply.answer.status)
        passed = {name.lower(): (name, value) for name, value in reply.answer.request.headers}
        passed.update({name.lower(): (name, value) for name, value in outcome.headers})
        literal = tuple(item for item in passed.values() if item[1] and "$" not in item[1])
        return dataclasses.replace(
            reply,
            headers=found,
            headers_known=all_literal and reply.answer.backend is None,
            upstream_headers=literal,
            upstream_headers_known=all("$" not in value for _, value in outcome.headers),
        )


def _added(conf: Conf, outcome: Outcome, status: int | None) -> tuple[Headers, bool]:
    """Return the headers that nginx adds, and whether the values of all are known."""
    if outcome.why:
        literal = tuple(item for item in outcome.sent if "$" not in item[1])
        return literal, literal == outcome.sent
    place = conf.at(outcome.location_line) or conf.at(outcome.server_line)
    scopes: tuple[Statement, ...] = (*place.scopes, place.statement) if place else ()
    added = next((s.all("add_header") for s in reversed(scopes) if s.all("add_header")), ())
    # Of a backend's answer the status is unknown; a header that is added to the usual ones counts.
    used = [item for item in added if "always" in item.args[2:] or (status or 200) in _ADDED_TO]
    found = [(item.args[0], item.args[1]) for item in used if "$" not in item.args[1]]
    if outcome.location is not None:
        found.append(("Location", outcome.location))
    return tuple(found), len(found) >= len(used)


def _as_presented(question: Question) -> Question:
    """Return a question whose client has no certificate, unless the test gives it one, and sends no
    password but in its headers; any is a right one.
    """
    sent = any(name.lower() == "authorization" for name, _ in question.headers)
    known = question.presented or Presented(verified=False)
    return dataclasses.replace(question, presented=known._replace(password=sent))
