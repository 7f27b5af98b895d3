"""Every rule of an input that reaches nobody, by cause: as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics.render.excerpt import shortened
from ingc.ir import Config, Host, Proxy, Route, StatusAnswer
from ingc.reach.api import Reach, Verdict
from ingc.syntax.visible import as_json, visible

_MOST_OF_A_NAME = 200


@dataclass(frozen=True, slots=True)
class LostRoute:
    """A rule that reaches nobody."""

    host: Host
    route: Route

    @property
    def url(self) -> str:
        """Its host and path, ``*`` for the rules without a host; a default backend has no path."""
        name = self.host.name or "*"
        path = self.route.path if self.route.path_type else " default backend"
        return shortened(f"{name}{path}", _MOST_OF_A_NAME)

    @property
    def source(self) -> str | None:
        """``file:line``, looked up now."""
        origin = self.route.origin
        if origin.source is None:
            return None
        span = origin.source.span(origin.path)
        return f"{origin.source.file}:{span.line}" if span else origin.source.file


@dataclass(frozen=True, slots=True)
class LostGroup:
    """The rules that reach nobody by one cause."""

    verdict: Verdict
    routes: tuple[LostRoute, ...]


@dataclass(frozen=True, slots=True)
class ReachReport:
    """What a whole input gives."""

    groups: tuple[LostGroup, ...]
    """Those of one situation together, the most frequent situation first."""
    checked: int
    """How many rules send requests to a Service."""

    @property
    def lost(self) -> int:
        """How many rules reach nobody."""
        return sum(len(group.routes) for group in self.groups)


def report(reach: Reach, config: Config) -> ReachReport:
    """Return every rule that reaches nobody, by cause."""
    found: dict[str, tuple[Verdict, list[LostRoute]]] = {}
    checked = 0
    for host in config.hosts:
        for route in (*host.routes, host.default):
            if not route.origin.name or not isinstance(route.action, Proxy | StatusAnswer):
                continue
            checked += 1
            verdict = reach.of_route(route)
            if verdict is not None and verdict.nobody:
                _, lost = found.setdefault(verdict.sentence, (verdict, []))
                lost.append(LostRoute(host, route))
    groups = [LostGroup(verdict, tuple(lost)) for verdict, lost in found.values()]
    total = Counter(group.verdict.situation for group in groups for _ in group.routes)
    groups.sort(key=lambda group: (-total[group.verdict.situation], group.verdict.situation.value))
    return ReachReport(tuple(groups), checked)


def report_as_text(found: ReachReport) -> str:
    """Print it for people: each cause with its evidence, and the rules that it takes."""
    if not found.groups:
        return f"each of {_many(found.checked)} reaches somebody, as far as the input shows\n"
    verb = "reaches" if found.lost == 1 else "reach"
    lines = [f"{found.lost} of {_many(found.checked)} {verb} nobody"]
    total = Counter(group.verdict.situation for group in found.groups for _ in group.routes)
    heading = None
    for group in found.groups:
        verdict = group.verdict
        if heading is not verdict.situation:
            heading = verdict.situation
            lines += ["", f"{heading.value} ({_many(total[heading])})"]
        lines.append(f"  {visible(verdict.sentence)}")
        lines += [f"    {line}" for line in evidence_lines(verdict)]
        lines += map(_line, group.routes)
    return "\n".join(lines) + "\n"


def evidence_lines(verdict: Verdict) -> Iterator[str]:
    """Yield the evidence, a line for each field: object, field, value, place."""
    for item in verdict.evidence:
        field = f" {item.field}" if item.field else ""
        where = f"  ({visible(item.place)})" if item.place else ""
        yield f"{item.object}{field}: {item.value}{where}"


def _line(lost: LostRoute) -> str:
    where = f"  ({visible(lost.source)})" if lost.source else ""
    return f"  - {lost.url}  {lost.route.origin.ingress} {lost.route.origin.field}{where}"


def _many(number: int) -> str:
    return f"{number} route{'' if number == 1 else 's'}"


def report_as_json(found: ReachReport) -> str:
    """Print it as one JSON object."""
    causes = [
        {**verdict_form(group.verdict), "routes": [_form(item) for item in group.routes]}
        for group in found.groups
    ]
    made = {"checked": found.checked, "lost": found.lost, "causes": causes}
    return as_json(made, 2) + "\n"


def verdict_form(verdict: Verdict) -> dict[str, Any]:
    """Return why a request reaches nobody as plain values."""
    evidence = [
        {
            "object": item.object or None,
            "field": item.field or None,
            "value": item.value,
            "source": item.place,
        }
        for item in verdict.evidence
    ]
    return {
        "situation": verdict.situation.value,
        "nobody": verdict.nobody,
        "sentence": verdict.sentence,
        "evidence": evidence,
    }


def _form(lost: LostRoute) -> dict[str, Any]:
    route = lost.route
    return {
        "host": lost.host.name or None,
        "path": route.path,
        "path_type": route.path_type or None,
        "ingress": route.origin.ingress,
        "field": route.origin.field,
        "service": route.service.name if route.service else None,
        "port": route.service.port if route.service else None,
        "source": lost.source,
    }
