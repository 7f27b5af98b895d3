"""The two sides of a migration: ingress-nginx's own nginx.conf, and what is compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from ingc.diff.evidence import CanaryRule, Evidence
from ingc.diff.meaning import Named, meaning
from ingc.explain.answer import Answer, Backend
from ingc.explain.conf.api import Conf
from ingc.explain.conf.controller import DEFAULT_BACKEND
from ingc.explain.question import Question
from ingc.ir import Config, Route
from ingc.model import Outcome

_CUSTOM = "custom-default-backend-"
_CERTIFICATE = "whether Lua has a certificate for {}, and redirects to https"
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


def controller_side(conf: Conf, evidence: Evidence) -> MigrationSide:
    """Return the side of a controller's file, with what the objects tell beside it."""
    known = conf.with_certificates(evidence.certificates)
    canaries = _by_upstream(known, evidence)
    named = _old_names(known, evidence)

    def ask(question: Question) -> MigrationReply:
        answer, outcome = known.answered(question, headers=True)
        if outcome is None or answer.unknown is not None:
            return MigrationReply(answer, {}, unknown=answer.unknown or "its answer")
        return _controllers_reply(question, answer, outcome)

    def _controllers_reply(question: Question, answer: Answer, outcome: Outcome) -> MigrationReply:
        means = meaning(known, answer, outcome, named)
        certified = known.if_certified(question)
        upstream = answer.upstream or ""
        answer = _by_default(answer, evidence)
        means = {} if answer.backend is None and upstream else means
        unknown = ", ".join(known.asides(outcome)) if answer.status is None else ""
        if unknown:
            return MigrationReply(answer, means, (), f"{unknown} may answer first")
        rules = canaries.get(upstream, ())
        if len(rules) > 1:
            return MigrationReply(answer, means, (), _CANARIES.format(upstream))
        if rules and answer.backend is not None:
            answer = _with_canary(answer, rules[0], question)
        if certified is not None:
            why = _CERTIFICATE.format(question.host_name)
            return MigrationReply(answer, means, (certified,), why)
        return MigrationReply(answer, means)

    return MigrationSide(known, ask)


def _by_default(answer: Answer, evidence: Evidence) -> Answer:
    """Return what the default backend answers, which a flag of the controller names."""
    if answer.backend is None or answer.backend.name != DEFAULT_BACKEND:
        return answer
    if evidence.default_backend:
        backend = Backend(DEFAULT_BACKEND, evidence.default_backend, None)
        return dataclasses.replace(answer, backend=backend)
    return dataclasses.replace(answer, backend=None, upstream_uri=None, status=404)


def _with_canary(answer: Answer, rule: CanaryRule, question: Question) -> Answer:
    taken = rule.takes(question)
    canary = Backend(f"canary {rule.service}", rule.service, rule.port)
    if taken:
        return dataclasses.replace(answer, backend=canary)
    if taken is None and rule.share:
        return dataclasses.replace(answer, alternatives=((canary, rule.share),))
    return answer


def _by_upstream(conf: Conf, evidence: Evidence) -> dict[str, tuple[CanaryRule, ...]]:
    """Return the canaries by the upstream that they share requests with: that of their path."""
    found: dict[str, tuple[CanaryRule, ...]] = {}
    for server in conf.model.http.all("server") if evidence.canaries else ():
        hosts = [name.lower() for item in server.all("server_name") for name in item.args]
        for location in server.all("location"):
            sets = {item.args[0]: item.args[1] for item in location.all("set")}
            path = sets.get("$location_path", "").replace("${literal_dollar}", "$")
            for host in hosts[:1]:
                rules = evidence.canaries.get((_rule_host(host), path), ())
                upstream = sets.get("$proxy_upstream_name", "")
                if rules:
                    found[upstream] = tuple(dict.fromkeys((*found.get(upstream, ()), *rules)))
    return found


def _rule_host(name: str) -> str:
    r"""Return the host of a rule by a server_name: ``~^(?<subdomain>[\w-]+)\.a\.test$``."""
    if name.startswith("~") and "]+)" in name:
        return "*" + name.partition("]+)")[2].replace("\\", "").removesuffix("$")
    return "" if name == "_" else name


def _old_names(conf: Conf, evidence: Evidence) -> Named:
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

    return MigrationSide(conf, ask)


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
