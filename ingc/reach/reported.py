"""What the compiler reported of a rule; it is the cause where no other is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ingc.diagnostics import Diagnostic, Severity
from ingc.ir import Route
from ingc.kinds import KINDS
from ingc.reach.cause import Cause, Evidence, Situation, clause

_KINDS = frozenset({"Service", "Endpoints", "EndpointSlice"})
_WITH_RULES = frozenset(kind.name for kind in KINDS)
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


class Findings:
    """Diagnostics, by the namespace of what they are about."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        found: dict[str, list[Diagnostic]] = defaultdict(list)
        for item in diagnostics:
            if item.origin.object is not None:
                found[item.origin.object.namespace].append(item)
        self._by_namespace = dict(found)

    def about(self, route: Route | None) -> tuple[Diagnostic, ...]:
        """Return what was found about a rule, its Ingress's annotations, and its Service; worst
        first. A finding about another rule of the Ingress is left out.
        """
        if route is None or not route.origin.name:
            return ()
        spaces = [route.origin.namespace, *([route.service.namespace] if route.service else [])]
        near = (
            item for space in dict.fromkeys(spaces) for item in self._by_namespace.get(space, ())
        )
        found = [item for item in near if _concerns(item, route)]
        return tuple(sorted(found, key=lambda item: _ORDER.index(item.severity)))


def _concerns(item: Diagnostic, route: Route) -> bool:
    at, origin = item.origin, route.origin
    if at.object is None:
        return False
    if at.object.kind in _WITH_RULES:
        if at.object != origin.object:
            return False
        within = min(len(at.field), len(origin.path))
        return at.field[:within] == origin.path[:within] or at.field[:1] == ("metadata",)
    service = route.service
    return (
        service is not None
        and at.object.kind in _KINDS
        and at.object.namespace == service.namespace
        and (at.object.name == service.service or at.object.name.startswith(f"{service.service}-"))
    )


def reported(findings: Iterable[Diagnostic]) -> Cause | None:
    """Return the worst finding as a cause."""
    for item in findings:
        if item.severity is not Severity.NOTE:
            fix = clause(item.help) or f"see ingc explain-code {item.code}"
            evidence = (Evidence(item.origin, clause(item.label) or item.code),)
            return Cause(Situation.REPORTED, clause(item.message), fix, evidence)
    return None
