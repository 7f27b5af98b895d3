"""Canaries that get other requests here than in ingress-nginx, where they hang on Services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations_balance import CanaryServedOtherwise
from ingc.frontend.intent import Intent, IntentRoute
from ingc.frontend.wishes import CanaryWish
from ingc.k8s.backend import ServiceBackend

Service = tuple[str, str, int | str]
"""Namespace, name, and port as a rule names it: by these ingress-nginx knows an upstream."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A canary that is the first of some rules."""

    intent: Intent
    wish: CanaryWish
    split: tuple[tuple[IntentRoute, IntentRoute], ...]
    """Each rule that it belongs to, and its own."""
    missed: tuple[IntentRoute, ...]
    """Its rules that name no other, on hosts that others name."""
    takes: bool
    """False where it gets none of the requests."""


def service_of(route: IntentRoute) -> Service | None:
    """Return the Service that a rule sends requests to."""
    backend = route.backend
    if not isinstance(backend, ServiceBackend):
        return None
    return route.namespace, backend.name, backend.port


def report_served_otherwise(
    canaries: Sequence[Attached], rules: Iterable[IntentRoute], sink: Sink
) -> None:
    """Report canaries that ingress-nginx would give none of their requests, or others.

    There a canary is a property of the Services of its rules, and its own Service has one set of
    values, whichever Ingress names it.
    """
    if not canaries:
        return
    before = _Before({})
    for rule in rules:
        service = service_of(rule)
        if service is not None:
            before.rules.setdefault(service, rule)
    for canary in _there(canaries):
        for why in before.reasons(canary) if canary.takes else ():
            entry = CanaryServedOtherwise(canary=canary.intent.name, why=why)
            sink.report(entry, canary.wish.origin)
        before.add(canary)


def _there(canaries: Sequence[Attached]) -> Iterator[Attached]:
    """Yield canaries in ingress-nginx's order: by age, and of one age the last by name first."""
    dated = (item for item in canaries if item.intent.created)
    by_name = sorted(dated, key=lambda item: item.intent.name, reverse=True)
    yield from sorted(by_name, key=lambda item: item.intent.created)
    yield from (item for item in canaries if not item.intent.created)


@dataclass(frozen=True, slots=True)
class _Before:
    """What stands before a canary in ingress-nginx's order."""

    rules: dict[Service, IntentRoute]
    """The first rule that sends requests to a Service; canaries come after all rules."""
    takers: dict[Service, tuple[Attached, Service]] = field(default_factory=dict)
    """The first canary of a Service, and what gets the requests."""
    users: dict[Service, Attached] = field(default_factory=dict)
    """The first canary that gets the requests."""

    def add(self, canary: Attached) -> None:
        """Note a canary."""
        for primary, own in _services(canary):
            self.takers.setdefault(primary, (canary, own))
            self.users.setdefault(own, canary)

    def reasons(self, canary: Attached) -> Iterator[str]:
        """Yield why ingress-nginx gives a canary other requests, each reason once."""
        pairs = tuple(dict.fromkeys(_services(canary)))
        lost = {service_of(route) for route in canary.missed}
        if any(own in lost for _, own in pairs):
            yield "it gets nothing there, as another of its rules belongs to no rule"
        rule = next((self.rules[own] for _, own in pairs if own in self.rules), None)
        if rule is not None:
            where = f"{rule.host}{rule.path} of {rule.name}"
            yield f"its Service serves {where} too, and there one of the two is not served"
        for primary, own in pairs:
            first, other = self.takers.get(primary, (canary, own))
            if other != own:
                service = f"{primary[0]}/{primary[1]}"
                yield f"there {first.intent.name} is the canary of {service}, on all its paths"
                break
        user = next((self.users[own] for _, own in pairs if own in self.users), None)
        if user is not None and user.wish != replace(canary.wish, origin=user.wish.origin):
            yield f"there the values of {user.intent.name} count, which has the same Service"


def _services(canary: Attached) -> Iterator[tuple[Service, Service]]:
    """Yield each Service that a canary takes requests of, and the one that gets them."""
    for rule, route in canary.split:
        primary, own = service_of(rule), service_of(route)
        if primary is not None and own is not None:
            yield primary, own
