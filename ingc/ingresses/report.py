"""A report for each Ingress: taken, passed over or broken, with its routes and findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Diagnostic, ObjectRef, Severity, Sink
from ingc.frontend.classes import PassedOver, judge_ingresses, watched_namespaces
from ingc.ingresses.events import IngressEvent, events_of
from ingc.k8s.ingress import Ingress
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.routes import RouteRow

KIND = "Ingress"
State = Literal["taken", "passed over", "broken"]


@dataclass(frozen=True, slots=True)
class IngressReport:
    """What became of one Ingress."""

    api_version: str
    """As the object names it, such as ``networking.k8s.io/v1``."""
    namespace: str
    name: str
    uid: str
    """``metadata.uid``; empty where the object has none."""
    state: State
    """``taken``: it is in the configuration; ``passed over``: it is not ours; ``broken``: it is
    ours, and has errors, so that no configuration was made, or (``on_error="isolate"``) that the
    routes concerned answer 503."""
    why: str
    """Why it is passed over or broken; empty where it is taken."""
    hosts: tuple[str, ...]
    """The hosts of its rules, each once, in their order; ``""``: every host that no rule names."""
    routes: tuple[RouteRow, ...]
    """Its rows of `ingc.Result.routes`, dead ones too."""
    diagnostics: tuple[Diagnostic, ...]
    """What was found in it."""

    @property
    def kind(self) -> str:
        """``Ingress``."""
        return KIND

    @property
    def ref(self) -> ObjectRef:
        """What its diagnostics have as their object."""
        return ObjectRef(KIND, self.namespace, self.name)

    @property
    def reference(self) -> dict[str, str]:
        """An ObjectReference (core/v1), as an Event's ``involvedObject`` or ``regarding``."""
        named = {
            "apiVersion": self.api_version,
            "kind": KIND,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {**named, "uid": self.uid} if self.uid else named

    @property
    def events(self) -> tuple[IngressEvent, ...]:
        """An Event for each finding that is more than a note, in the order of the findings."""
        return events_of(self.diagnostics)


def report_ingresses(
    store: Store, options: Options, routes: Iterable[RouteRow], found: Iterable[Diagnostic]
) -> tuple[IngressReport, ...]:
    """Return a report for each Ingress of the input, in its order.

    One without a name, or of an unknown version, has its diagnostics alone.
    """
    rows: dict[str, list[RouteRow]] = defaultdict(list)
    for row in routes:
        if row.ingress is not None:
            rows[row.ingress].append(row)
    findings: dict[ObjectRef, list[Diagnostic]] = defaultdict(list)
    for item in found:
        if item.origin.object is not None:
            findings[item.origin.object].append(item)
    # What there is to report about all of them was reported by the compile.
    watched = watched_namespaces(store, Sink(), options)
    judged = judge_ingresses(store, options, watched)
    return tuple(_report(ingress, why, rows, findings) for ingress, why in judged)


def _report(
    ingress: Ingress,
    passed: PassedOver | None,
    rows: dict[str, list[RouteRow]],
    findings: dict[ObjectRef, list[Diagnostic]],
) -> IngressReport:
    meta = ingress.meta
    found = findings.get(ObjectRef(KIND, meta.namespace, meta.name), [])
    errors = [item for item in found if item.severity is Severity.ERROR]
    state: State = "taken"
    if passed is not None:
        state = "passed over"
    elif errors or ingress.broken:
        state = "broken"
    return IngressReport(
        api_version=ingress.api_version,
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        state=state,
        why=str(passed or (errors[0].message if errors else "")),
        hosts=tuple(dict.fromkeys(rule.host for rule in ingress.rules)),
        routes=tuple(rows.get(f"{meta.namespace}/{meta.name}", ())) if passed is None else (),
        diagnostics=tuple(found),
    )
