"""The whole story of a request: the answer, both decisions, what is applied, and what is near."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from ingc.compiler import Result
from ingc.diagnostics import Diagnostic, Severity, Span
from ingc.explain.answer import Answer
from ingc.explain.compiled.api import CompiledAsker
from ingc.explain.compiled.applied import applied, resolved
from ingc.explain.compiled.candidates import (
    Contender,
    Named,
    NormalStep,
    contenders,
    names,
    normalisation,
    of_other_hosts,
)
from ingc.explain.compiled.excerpt import part_for
from ingc.explain.compiled.findings import findings, left_out, without_tls
from ingc.explain.compiled.nearest import Near, nearest
from ingc.explain.compiled.pods import NOTHING, Behind, behind
from ingc.explain.compiled.quirk import Quirk, quirk_of
from ingc.explain.compiled.words import Applied
from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.applied import conf_applied
from ingc.explain.conf.candidates import conf_contenders, conf_names
from ingc.explain.conf.reading import conf_of
from ingc.explain.question import Question
from ingc.match import Match
from ingc.syntax.host import BadHost, read_host


@dataclass(frozen=True, slots=True)
class Lines:
    """Where nginx.conf says it; 0 where that is not known."""

    file: str
    server: int
    location: int


@dataclass(frozen=True, slots=True)
class Story:
    """What becomes of a request, and why."""

    answer: Answer
    steps: tuple[NormalStep, ...] = ()
    """How nginx normalises the target; empty where it is taken as it came."""
    names: tuple[Named, ...] = ()
    """The hosts that were candidates, the winner first."""
    contenders: tuple[Contender, ...] = ()
    """The rules that were looked at, the winner first; those of other hosts last."""
    applied: tuple[Applied, ...] = ()
    lines: Lines | None = None
    quirk: Quirk | None = None
    near: tuple[Near, ...] = ()
    """Where no rule takes the request."""
    over_http: Answer | None = None
    """Where https is refused: what http would give."""
    findings: tuple[Diagnostic, ...] = ()
    """What keeps the request from a Pod, or may: errors and warnings about the rule's objects;
    where no rule takes it, the Ingresses that were passed over; where TLS is refused, the
    certificate that is missing."""
    behind: Behind = NOTHING
    """The endpoints and Pods of the Service, as far as the input has them."""
    excerpt: Span | None = None
    """The line of the rule."""


class Teller:
    """Tells stories about one input; build it once and ask it often."""

    def __init__(self, source: Result | Conf) -> None:
        """Raises `LookupError` where nothing was compiled."""
        self._conf: Conf | None = source if isinstance(source, Conf) else None
        self._result: Result | None = None
        self._compiled: CompiledAsker | None = None
        if isinstance(source, Result):
            if source.ir is None:
                raise LookupError("nothing was compiled, so no request can be matched")
            self._result = source
            self._compiled = CompiledAsker(source.ir, source.oracle)

    def short(self, question: Question) -> Story:
        """Return the answer and the rules that were looked at; fast enough for many."""
        if self._compiled is None or self._result is None:
            return self._of_conf(question)
        match = self._compiled.match(question)
        answer = self._compiled.ask(question)
        config = self._compiled.config
        return Story(answer, contenders=contenders(match), applied=applied(question, match, config))

    def tell(self, question: Question) -> Story:
        """Return the whole story."""
        compiled, result = self._compiled, self._result
        if compiled is None or result is None:
            return self._of_conf(question)
        answer = compiled.ask(question)
        if answer.unopened is not None:
            return self._passed_on(answer, compiled, result)
        match = compiled.match(question)
        name = _name(question, result)
        config = compiled.config
        others = tuple(of_other_hosts(config, match, name))
        missed = answer.route is None and not answer.redirect and answer.status == 404
        return Story(
            answer,
            steps=normalisation(question),
            names=names(config, match, name),
            contenders=(*contenders(match), *others),
            applied=(*applied(question, match, config), *resolved(config, answer))
            if answer.status != 403
            else (),
            lines=_lines(result, question, answer, name),
            quirk=quirk_of(match),
            near=nearest(config, match, name) if missed else (),
            over_http=self._over_http(question, answer),
            findings=_findings(answer, match, result, missed=missed),
            excerpt=_excerpt(match) if answer.route else None,
            behind=_behind(answer, match, result),
        )

    def _passed_on(self, answer: Answer, compiled: CompiledAsker, result: Result) -> Story:
        """Tell of TLS that is passed on: the name that it asks for decides, and nothing else."""
        asked = answer.request
        tls = dataclasses.replace(asked, host=asked.sni or asked.host, target="/")
        match, name = compiled.match(tls), _name(tls, result)
        return Story(answer, names=names(compiled.config, match, name))

    def _over_http(self, question: Question, answer: Answer) -> Answer | None:
        if not answer.refused or self._compiled is None:
            return None
        return self._compiled.ask(dataclasses.replace(question, scheme="http", sni=None))

    def _of_conf(self, question: Question) -> Story:
        conf = self._conf
        if conf is None:
            raise LookupError("there is no configuration to ask about")
        answer = conf.ask(question)
        outcome = conf.likeliest(question, headers=True)
        lines = None
        if outcome is not None and outcome.server_line:
            server, location = conf.at(outcome.server_line), conf.at(outcome.location_line)
            file = server.where.rpartition(":")[0] if server else conf.name
            lines = Lines(file, server.line if server else 0, location.line if location else 0)
        return Story(
            answer,
            steps=normalisation(question),
            names=conf_names(conf, question, outcome),
            contenders=conf_contenders(conf, outcome, answer),
            applied=conf_applied(conf, outcome, answer),
            lines=lines,
        )


def _lines(result: Result, question: Question, answer: Answer, name: str) -> Lines | None:
    """Return where the text says it, if it says what the oracle says."""
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


def _name(question: Question, result: Result) -> str:
    target = result.ir.settings.target if result.ir else (1, 26, 0)
    try:
        return read_host(question.host.encode("utf-8", "surrogateescape"), target).decode("latin-1")
    except BadHost:
        return ""


def _behind(answer: Answer, match: Match, result: Result) -> Behind:
    """Return what stands behind the Service that gets the request, or that should have got it."""
    wanted = match.route.service if match.route and answer.status == 503 else None
    if answer.backend is not None and result.ir is not None:
        named = (item.service for item in result.ir.upstreams if item.name == answer.upstream)
        wanted = next(named, None)
    if wanted is None or result.store is None:
        return NOTHING
    return behind(result.store, wanted, answer.backend)


def _findings(
    answer: Answer, match: Match, result: Result, *, missed: bool
) -> tuple[Diagnostic, ...]:
    if missed:
        return left_out(result.diagnostics)
    if answer.refused:
        return without_tls(match.host, result.diagnostics)
    found = findings(match.route, result.diagnostics)
    return tuple(item for item in found if item.severity is not Severity.NOTE)


def _excerpt(match: Match) -> Span | None:
    origin = match.route.origin if match.route else None
    if origin is None or origin.source is None:
        return None
    return origin.source.span((*origin.path, "path")) or origin.source.span(origin.path)
