"""Stories of requests to a compiled input, from its objects."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from itertools import chain

from ingc.compiler import Result
from ingc.diagnostics import Diagnostic, Severity, Span
from ingc.explain.answer import Answer
from ingc.explain.compiled.api import CompiledAsker
from ingc.explain.compiled.applied import applied, resolved, weights
from ingc.explain.compiled.candidates import (
    contenders,
    cut_short,
    names,
    normalisation,
    of_other_hosts,
)
from ingc.explain.compiled.client import dropped, of_client
from ingc.explain.compiled.excerpt import part_for
from ingc.explain.compiled.findings import canaries_beside, idle_canaries, left_out, without_tls
from ingc.explain.compiled.nearest import nearest
from ingc.explain.compiled.pods import NOTHING, Behind, behind
from ingc.explain.compiled.quirk import quirk_of
from ingc.explain.compiled.ways import by_way, with_way
from ingc.explain.compiled.words import Applied
from ingc.explain.conf.api import BadConf
from ingc.explain.conf.reading import conf_of
from ingc.explain.question import Question
from ingc.explain.story import Lines, Story, Unless
from ingc.ir import Config
from ingc.match import Match
from ingc.match.snippets import ROUTE_ANSWERS, SERVER_ANSWERS
from ingc.reach.api import Reach, Verdict
from ingc.reach.reported import Findings
from ingc.resolve.ways.cluster import Cluster
from ingc.syntax.host import BadHost, read_host

_FORBIDDEN = 403
_MISSED = (404, 503)
"""Of requests that no rule takes: which one, the kinds of those who name the host say."""


class CompiledTeller:
    """Returns stories about a compiled input; an `ingc.explain.story.Teller`."""

    def __init__(self, result: Result) -> None:
        """Raises `LookupError` where nothing was compiled."""
        if result.ir is None:
            raise LookupError("nothing was compiled, so no request can be matched")
        self._result = result
        self._config = result.ir
        self._asker = CompiledAsker(result.ir, result.oracle)
        self._cluster = None
        if result.store is not None and result.options is not None:
            self._cluster = Cluster(result.store, result.options)

    @cached_property
    def _reach(self) -> Reach | None:
        result = self._result
        if result.store is None:
            return None
        return Reach(result.store, self._config, result.diagnostics)

    def short(self, question: Question) -> Story:
        """Return the answer and the rules that were looked at."""
        answer, match = self._answered(question)
        return Story(
            answer,
            contenders=contenders(match),
            applied=applied(question, self._asker.seen(question), match, self._config),
            unless=self._unless(question, match),
        )

    def tell(self, question: Question) -> Story:
        """Return the whole story."""
        answer, match = self._answered(question)
        config, result = self._config, self._result
        # Where nginx sees no request, the name that TLS requests has decided.
        by_tls = question.sni if match.sees_no_request else None
        name = _name(by_tls or question.host, config)
        if answer.unopened is not None:
            upstream = answer.unopened.name
            reach = self._unopened(upstream, match)
            shared = (weights(item) for item in config.stream.upstreams if item.name == upstream)
            return Story(
                answer,
                names=names(config, match, name),
                applied=tuple(chain.from_iterable(shared)),
                unless=(),
                reach=reach,
            )
        missed = answer.route is None and not answer.redirect and answer.status in _MISSED
        return Story(
            answer,
            steps=normalisation(question),
            names=names(config, match, name),
            contenders=(
                *contenders(match),
                *cut_short(match),
                *of_other_hosts(config, match, name),
            ),
            applied=self._applied(question, match, answer),
            unless=self._unless(question, match),
            lines=_lines(result, question, answer, name),
            quirk=quirk_of(match),
            near=nearest(config, match, name) if missed else (),
            over_http=self._over_http(question, answer),
            findings=_findings(answer, match, result, name, missed=missed),
            excerpt=_excerpt(match) if answer.route else None,
            behind=_behind(answer, match, result, self._cluster),
            reach=self._reached(answer, match),
        )

    def _unopened(self, upstream: str, match: Match) -> Verdict | None:
        """Return why nobody gets TLS that is passed on; the host's first rule names the Service."""
        if self._reach is None or match.host is None:
            return None
        rule = next(iter(match.host.routes), match.host.default)
        named = (item for item in self._config.stream.upstreams if item.name == upstream)
        found = next(named, None)
        return self._reach.verdict(rule, found) if found is not None else None

    def _reached(self, answer: Answer, match: Match) -> Verdict | None:
        """Return why nobody gets the request, or who may not."""
        if self._reach is None or match.route is None:
            return None
        if answer.backend is None:
            return self._reach.of_answer(match.route, answer.status)
        named = (item for item in self._config.upstreams if item.name == answer.upstream)
        return self._reach.verdict(match.route, next(named, None))

    def _answered(self, question: Question) -> tuple[Answer, Match]:
        match = self._asker.match(question)
        answer = self._asker.answer(question, match)
        if match.unread and match.unopened is None:
            match = dataclasses.replace(match, host=None, uri=b"")  # nothing of it is read
        return answer, match

    def _applied(self, question: Question, match: Match, answer: Answer) -> tuple[Applied, ...]:
        config = self._config
        seen = self._asker.seen(question)
        first = (*of_client(question, seen, config), *dropped(question.headers, config.settings))
        if answer.status == _FORBIDDEN and match.why not in (ROUTE_ANSWERS, SERVER_ANSWERS):
            return first
        return (*first, *applied(question, seen, match, config), *resolved(config, answer))

    def _unless(self, question: Question, match: Match) -> tuple[Unless, ...]:
        found = self._asker.may_refuse(question, match)
        return tuple(
            Unless(self._asker.answer(question, item.match), item.why, item.match.page)
            for item in found
        )

    def _over_http(self, question: Question, answer: Answer) -> Answer | None:
        if not answer.refused:
            return None
        return self._asker.ask(dataclasses.replace(question, scheme="http", sni=None))


def _lines(result: Result, question: Question, answer: Answer, name: str) -> Lines | None:
    """Return where the text stands, if it agrees with the oracle."""
    if result.config is None or result.ir is None:
        return None
    settings = result.ir.settings
    if question.sni is not None:
        return None  # two names decide
    try:
        text = part_for(result.config, name)
        conf = conf_of(text, settings.target, fragment=settings.fragment)
    except BadConf:
        return None
    outcome = conf.likeliest(question)
    if outcome is None or (outcome.upstream is None) != (answer.upstream is None):
        return None
    server, location = conf.at(outcome.server_line), conf.at(outcome.location_line)
    if server is None:
        return None
    shift = 1 if settings.fragment else 0
    return Lines("nginx.conf", server.line - shift, location.line - shift if location else 0)


def _name(host: str, config: Config) -> str:
    raw = host.encode("utf-8", "surrogateescape")
    try:
        return read_host(raw, config.settings.target).decode("latin-1")
    except BadHost:
        return ""


def _behind(answer: Answer, match: Match, result: Result, cluster: Cluster | None) -> Behind:
    """Return what stands behind the Service that gets the request, or that should have got it."""
    wanted = match.route.service if match.route and answer.status == 503 else None
    if answer.backend is not None and result.ir is not None:
        named = (item.service for item in result.ir.upstreams if item.name == answer.upstream)
        wanted = next(named, None)
    if wanted is None or result.store is None:
        return NOTHING
    found = behind(result.store, wanted, answer.backend)
    return with_way(found, by_way(cluster, wanted)) if cluster is not None else found


def _findings(
    answer: Answer, match: Match, result: Result, name: str, *, missed: bool
) -> tuple[Diagnostic, ...]:
    if missed:
        found = result.diagnostics
        return (*left_out(found), *idle_canaries(result.store, name, found))
    if answer.refused:
        return without_tls(match.host, result.diagnostics)
    about = Findings(result.diagnostics).about(match.route)
    own = tuple(item for item in about if item.severity is not Severity.NOTE)
    beside = canaries_beside(match.route, result.diagnostics)
    return (*own, *(item for item in beside if item not in own))


def _excerpt(match: Match) -> Span | None:
    origin = match.route.origin if match.route else None
    if origin is None or origin.source is None:
        return None
    return origin.source.span((*origin.path, "path")) or origin.source.span(origin.path)
