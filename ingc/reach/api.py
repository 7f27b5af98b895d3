"""Whom a rule reaches: the causes in their order, over one input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingc.diagnostics import Diagnostic, Origin
from ingc.ir import Config, Endpoint, Proxy, Route, ServiceTarget, StatusAnswer, Upstream
from ingc.ir.features.errors import StandIn
from ingc.k8s.store import Store
from ingc.reach.cause import Cause, Evidence, Situation
from ingc.reach.chain import Chain
from ingc.reach.edges import dns_down, no_load_balancer
from ingc.reach.recipients import chief, trouble
from ingc.reach.reported import Findings, reported
from ingc.reach.scene import Scene
from ingc.reach.selection import no_replicas, none_ready, pods_not_created, selector_matches_nothing
from ingc.reach.services import (
    dns_name_as_service,
    external_name_loop,
    no_selector,
    port_missing,
    service_missing,
)

OF_RULE: tuple[Callable[[Chain], Cause | None], ...] = (
    service_missing,
    external_name_loop,
    port_missing,
)
"""The causes whose evidence is in the rule."""

OF_SERVICE: tuple[Callable[[Chain], Cause | None], ...] = (
    dns_down,
    no_selector,
    no_replicas,
    pods_not_created,
    none_ready,
    selector_matches_nothing,
)
"""The causes before any Pod is looked at, in the order of the way."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why requests of a rule reach nobody, or reach some of its endpoints alone."""

    cause: Cause
    lost: int = 0
    """How many of the endpoints in use do not answer, where some others do."""
    used: int = 0
    """How many endpoints are in use, where some answer."""
    others: int = 0
    """How many Pods are kept from answering by the same cause, beside the one it names."""
    apart: tuple[Situation, ...] = ()
    """What else keeps Pods from answering."""

    @property
    def nobody(self) -> bool:
        """True where no request reaches a Pod; false where some do."""
        return self.used == 0

    @property
    def situation(self) -> Situation:
        """What stands in the way."""
        return self.cause.situation

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The fields that say so."""
        return self.cause.evidence

    @property
    def sentence(self) -> str:
        """Why, and what to do, in one sentence."""
        if not self.nobody:
            few = f"{self.lost} of {self.used} endpoints"
            answer = "does not answer" if self.lost == 1 else "do not answer"
            return f"{few} {answer}: {self.cause.why}; {self.cause.fix}."
        more = []
        if self.others:
            more.append(f"{self.others} more Pod{'' if self.others == 1 else 's'} likewise")
        more += [f"others: {item.value}" for item in self.apart]
        return self.cause.sentence_with(f" ({', '.join(more)})" if more else "")


_SERVED_BY_NOBODY = (StatusAnswer(503), StatusAnswer(404))
"""What a rule does whose backend can't be used, or is no Service."""


class Reach:
    """Answers for the rules of one input; what one Service port gives is worked out once."""

    def __init__(self, store: Store, config: Config, diagnostics: Iterable[Diagnostic]) -> None:
        self._scene = Scene(store, config)
        self._upstreams = {item.name: item for item in config.upstreams}
        self._findings = Findings(diagnostics)
        self._known: dict[tuple[ServiceTarget, tuple[Endpoint, ...]], Verdict | None] = {}

    def of_route(self, route: Route) -> Verdict | None:
        """Return why a rule's own requests reach nobody; ``None`` where nothing says so."""
        if route.feature(StandIn) is not None:
            return None  # another Service answers in place of its own
        action = route.action
        if isinstance(action, Proxy):
            return self.verdict(route, self._upstreams.get(action.upstream))
        return self.verdict(route, None) if action in _SERVED_BY_NOBODY else None

    def of_answer(self, route: Route, status: int | None) -> Verdict | None:
        """Return why a request of a rule that nginx answers itself reaches nobody."""
        served = status != 503 and (route.action not in _SERVED_BY_NOBODY or status != 404)
        return None if served else self.verdict(route, None)

    def verdict(self, route: Route, upstream: Upstream | None) -> Verdict | None:
        """Return why requests of a rule to an upstream reach nobody; without one it answers 503."""
        origin = route.origin
        findings = self._findings.about(route) if upstream is None else ()
        target = upstream.service if upstream is not None else route.service
        if target is None or not target.namespace:
            if upstream is not None or not origin.name:
                return None
            found = dns_name_as_service(self._scene, origin.namespace, findings)
            return _plain(found or reported(findings))
        at = Origin(origin.object, origin.path, origin.source)
        endpoints = upstream.endpoints if upstream is not None else ()
        # With --partial nginx resolves the name of a Service that the input lacks.
        there = (target.namespace, target.service) in self._scene.store.services
        complete = self._scene.store.from_cluster and (there or upstream is None)
        chain = Chain(self._scene, target, at, endpoints=endpoints, complete=complete)
        found = next(filter(None, (find(chain) for find in OF_RULE)), None)
        if found is not None:
            return Verdict(found)
        key = (target, endpoints)
        if key not in self._known:
            self._known[key] = judge(chain)
        return self._known[key] or _plain(reported(findings))


def _plain(cause: Cause | None) -> Verdict | None:
    return Verdict(cause) if cause is not None else None


def judge(chain: Chain) -> Verdict | None:
    """Return why nobody, or not everybody, behind a Service port answers.

    What is wrong with the rule itself is not looked for.
    """
    for find in OF_SERVICE:
        found = find(chain)
        if found is not None:
            return Verdict(found)
    recipients = chain.recipients
    judged = [(who.name, trouble(chain.scene, who)) for who in recipients]
    troubles = [(name, cause) for name, cause in judged if cause is not None]
    causes = [cause for _, cause in troubles]
    if causes and len(causes) == len(recipients):
        first = chief(causes)
        # A Pod that has addresses of two families is listed twice.
        same = {name for name, cause in troubles if cause.situation is first.situation}
        others = dict.fromkeys(cause.situation for cause in causes)
        apart = tuple(item for item in others if item is not first.situation)
        return Verdict(first, others=len(same) - 1, apart=apart)
    front = no_load_balancer(chain)
    if front is not None:
        return Verdict(front)
    if causes and chain.used:
        return Verdict(chief(causes), lost=len(causes), used=len(recipients))
    return None
