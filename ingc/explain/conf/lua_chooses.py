"""What the Lua of a controller chooses by the objects: canaries and the default backend."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ingc.explain.answer import Answer, Backend
from ingc.explain.conf.controller import DEFAULT_BACKEND
from ingc.explain.conf.evidence import CanaryRule, WatchedObjects
from ingc.explain.question import Question
from ingc.model.tree import Statement

Canaries = Mapping[str, tuple[CanaryRule, ...]]


def by_objects(answer: Answer, evidence: WatchedObjects, canaries: Canaries) -> Answer:
    """Return the answer of a controller that watches the objects.

    Of several canaries of an upstream none is chosen: their order decides, which is not known.
    """
    backend = answer.backend
    if backend is None:
        return answer
    if backend.name == DEFAULT_BACKEND:
        return _by_default(answer, evidence)
    rules = canaries.get(backend.name, ())
    return _with_canary(answer, rules[0], answer.request) if len(rules) == 1 else answer


def _by_default(answer: Answer, evidence: WatchedObjects) -> Answer:
    """Return what the default backend answers, which a flag of the controller names."""
    if evidence.default_backend is None:
        return answer
    if not evidence.default_backend:
        why = "the controller has no --default-backend-service"
        return dataclasses.replace(answer, backend=None, upstream_uri=None, status=404, why=why)
    backend = Backend(DEFAULT_BACKEND, evidence.default_backend, None)
    return dataclasses.replace(answer, backend=backend)


def _with_canary(answer: Answer, rule: CanaryRule, question: Question) -> Answer:
    taken = rule.takes(question)
    canary = Backend(rule.name, rule.service, rule.port)
    if taken:
        return dataclasses.replace(answer, backend=canary)
    if taken is None and rule.share:
        return dataclasses.replace(answer, alternatives=((canary, rule.share),))
    return answer


def by_upstream(http: Statement, evidence: WatchedObjects) -> Canaries:
    """Return the canaries by the upstream that they share requests with: that of their path.

    ingress-nginx gives a canary to the upstream, so that it counts for all routes to it.
    """
    found: dict[str, tuple[CanaryRule, ...]] = {}
    for server in http.all("server") if evidence.canaries else ():
        names = [name.lower() for item in server.all("server_name") for name in item.args]
        host = _rule_host(names[0]) if names else ""
        for location in server.all("location"):
            sets = {item.args[0]: item.args[1] for item in location.all("set")}
            path = sets.get("$location_path", "").replace("${literal_dollar}", "$")
            upstream = sets.get("$proxy_upstream_name", "")
            rules = evidence.canaries.get((host, path), ())
            if rules:
                known = {id(rule): rule for rule in (*found.get(upstream, ()), *rules)}
                found[upstream] = tuple(known.values())
    return found


def _rule_host(name: str) -> str:
    r"""Return the host of a rule by a server_name: ``~^(?<subdomain>[\w-]+)\.a\.test$``."""
    if name.startswith("~") and "]+)" in name:
        return "*" + name.partition("]+)")[2].replace("\\", "").removesuffix("$")
    return "" if name == "_" else name
