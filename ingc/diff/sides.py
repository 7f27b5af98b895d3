"""The two sides of a migration: ingress-nginx's own nginx.conf, and what is compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from ingc.diff.meaning import Named, meaning
from ingc.explain.answer import Answer
from ingc.explain.conf.api import Conf
from ingc.explain.conf.controller import DEFAULT_BACKEND
from ingc.explain.conf.evidence import WatchedObjects
from ingc.explain.question import Question
from ingc.ir import Config, Route
from ingc.model import Outcome

_CUSTOM = "custom-default-backend-"
_CERTIFICATE = "whether Lua has a certificate for {}, and redirects to https"
_DEFAULT = "what --default-backend-service of the controller names"
_CANARIES = "which of several canaries of {} Lua asks first"


@dataclass(frozen=True, slots=True)
class MigrationReply:
    """One side's answer to a request."""

    answer: Answer
    means: dict[str, object]
    """What it is made with, by name."""
    perhaps: tuple[Answer, ...] = ()
    """Other answers that may come in its place."""
    unknown: str = ""
    """What decides among them, or makes one that can't be known."""


@dataclass(frozen=True, slots=True)
class MigrationSide:
    """A side that is asked, and the nginx.conf that its requests are made of."""

    conf: Conf
    ask: Callable[[Question], MigrationReply]
    ports: dict[str, object]
    """The Services behind ports of TCP and UDP, as ingress-nginx names their upstreams."""


def controller_side(conf: Conf, evidence: WatchedObjects) -> MigrationSide:
    """Return the side of a controller's file, with what the objects tell beside it."""
    known = conf.with_evidence(evidence)
    named = _old_names(known, evidence)

    def ask(question: Question) -> MigrationReply:
        if question.scheme == "https" and question.host_name.lower() in evidence.unopened:
            root = known.ask(dataclasses.replace(question, target="/"))
            return MigrationReply(Answer(question, unopened=root.backend), {})
        answer, outcome = known.answered(question, headers=True)
        if outcome is None or answer.unknown is not None:
            return MigrationReply(answer, {}, unknown=answer.unknown or "its answer")
        means = meaning(known, answer, outcome, named)
        unknown = [_unknown(known, answer, outcome)]
        perhaps = []
        certified = known.if_certified(question)
        if certified is not None:
            perhaps.append(certified)
            unknown.append(_CERTIFICATE.format(question.host_name))
        if answer.upstream == DEFAULT_BACKEND and evidence.default_backend is None:
            without = dataclasses.replace(answer, backend=None, upstream_uri=None, status=404)
            perhaps.append(without)
            unknown.append(_DEFAULT)
        why = next(filter(None, unknown), "")
        return MigrationReply(answer, means, tuple(perhaps), why)

    ports = {f"{kind} port {port}": name for kind, port, name in known.streams.services()}
    return MigrationSide(known, ask, dict(ports))


def _unknown(conf: Conf, answer: Answer, outcome: Outcome) -> str:
    """Return what decides beside the file and the objects; empty where nothing does."""
    if answer.backend is None:
        return ""
    asides = [f"{item.args[0]} ({conf.place(item.line)})" for item in conf.asides(outcome)]
    if asides:
        return f"{', '.join(asides)} may answer first"
    several = len(conf.canaries.get(outcome.upstream or "", ())) > 1
    return _CANARIES.format(outcome.upstream) if several else ""


def _old_names(conf: Conf, evidence: WatchedObjects) -> Named:
    """Return what gives the Service behind an upstream's name of ingress-nginx."""
    known = {DEFAULT_BACKEND: evidence.default_backend or DEFAULT_BACKEND}
    for service in sorted(evidence.services):
        namespace, _, name = service.partition("/")
        known[f"{_CUSTOM}{namespace}-{name}"] = service
        known.setdefault(f"{_CUSTOM}{name}", service)

    def named(upstream: str) -> str:
        return known.get(upstream) or conf.backend(upstream).service or upstream

    return named


def compiled_side(conf: Conf, config: Config) -> MigrationSide:
    """Return the side of what is compiled; ``conf`` is its text."""
    routes = {
        (route.origin.ingress, route.origin.field): route
        for host in config.hosts
        for route in (*host.routes, host.default)
    }

    def named(upstream: str) -> str:
        return conf.backend(upstream).service or upstream

    def ask(question: Question) -> MigrationReply:
        answer, outcome = conf.answered(question, headers=True)
        if outcome is None or answer.unknown is not None:
            return MigrationReply(answer, {}, unknown=answer.unknown or "its answer")
        answer = _with_rule(answer, routes)
        return MigrationReply(answer, meaning(conf, answer, outcome, named))

    ports = {
        f"{item.protocol} port {item.port}": f"{item.protocol}-{_dashed(item.service)}"
        for item in config.stream.services
    }
    return MigrationSide(conf, ask, dict(ports))


def _dashed(service: str) -> str:
    return service.replace("/", "-").replace(":", "-")


def _with_rule(answer: Answer, routes: dict[tuple[str, str], Route]) -> Answer:
    """Return an answer with the rule that it is of, in place of the location."""
    ref = answer.route
    route = routes.get((ref.ingress or "", ref.field or "")) if ref is not None else None
    if ref is None or route is None:
        return answer
    service = route.service
    made = dataclasses.replace(
        ref,
        path=route.path,
        path_type=route.path_type or None,
        service=service.name if service else None,
        port=service.port if service else None,
        route=route,
    )
    return dataclasses.replace(answer, route=made)
