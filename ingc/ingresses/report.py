"""A report for each Ingress: taken, passed over or broken, with its routes and findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Diagnostic, ObjectRef, Severity, Sink
from ingc.frontend.classes import PassedOver, judge_ingresses, watched_namespaces
from ingc.k8s.ingress import Ingress
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.routes import RouteRow

KIND = "Ingress"
_LONGEST_MESSAGE = 1024
"""Bytes; the API server refuses an Event with more (``note`` of events.k8s.io/v1)."""

State = Literal["taken", "passed over", "broken"]


@dataclass(frozen=True, slots=True)
class IngressEvent:
    """What an Event of Kubernetes has to say of a finding (core/v1 Event)."""

    type: Literal["Warning"]
    reason: str
    """One word in CamelCase, the same for each finding of a code: ``BackendMissing``."""
    message: str
    """Code, what is wrong, and what to do; 1024 bytes at most."""


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
        return tuple(
            _event(item) for item in self.diagnostics if item.severity is not Severity.NOTE
        )


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


def _event(found: Diagnostic) -> IngressEvent:
    place = f"{found.field}: " if found.field else ""
    advice = f"; {found.help}" if found.help else ""
    message = f"{found.code} {place}{found.message}{advice}"
    return IngressEvent("Warning", type(found.entry).__name__, _cut(message))


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= _LONGEST_MESSAGE:
        return text
    return data[: _LONGEST_MESSAGE - 3].decode("utf-8", "ignore") + "…"
