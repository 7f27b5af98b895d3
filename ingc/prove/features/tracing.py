"""Spans of requests, at each location whose requests have some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.ir.features.tracing import Traced
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_text
from ingc.prove.written import Written
from ingc.syntax.text import Text

_CONTEXTS: Mapping[tuple[str, ...], bool] = {("propagate",): True, ("inject",): False}
_BY_PARENT = ("$otel_parent_id", "$otel_parent_sampled")
_BY_CHANCE = "$otel_trace_id"


@dataclass(frozen=True, slots=True)
class TracedAs:
    """What can be seen of spans at a location."""

    trusting: bool
    name: Text | None
    parent_based: bool
    share: str
    """``on``, ``off``, or the share that chance takes."""


def read_traced(place: InEffect) -> TracedAs | None:
    """Return which requests of a location get a span, and what it is."""
    for scope in place.scopes[:-1]:
        found = next(filter(None, map(scope.first, _LOCAL)), None)
        if found is not None:
            raise NoValue("name", f"{found.name} around the location")
    traced = place.args("otel_trace")
    if traced is None:
        return None
    trusting = _CONTEXTS.get(place.args("otel_trace_context") or ())
    if trusting is None:
        raise NoValue("trusting", "a context that backends do not get")
    name = place.args("otel_span_name")
    parent_based, share = _sampler(traced[0], place.written)
    return TracedAs(trusting, read_text(name[0]) if name is not None else None, parent_based, share)


_LOCAL = ("otel_trace", "otel_trace_context", "otel_span_name")


def _sampler(value: str, written: Written) -> tuple[bool, str]:
    block = written.blocks.get(value.removeprefix("$")) if value.startswith("$") else None
    if block is not None and block.statement.name == "map" and block.source == _BY_PARENT[0]:
        keys = dict(block.entries)
        if len(block.entries) != 2 or keys.get("default") != _BY_PARENT[1] or "" not in keys:
            raise NoValue("parent_based", "a parent's choice that is not followed")
        return True, _share(keys[""], written)
    return False, _share(value, written)


def _share(value: str, written: Written) -> str:
    if value in ("on", "off"):
        return value
    block = written.blocks.get(value.removeprefix("$"))
    if block is None or block.statement.name != "split_clients" or block.source != _BY_CHANCE:
        raise NoValue("share", f"{value}, which is no share of the requests")
    (share, first), *rest = block.entries
    if first != "on" or rest != [("*", "off")]:
        raise NoValue("share", f"{value}, which is no share of the requests")
    return share


def seen_traced(expected: ExpectedRoute) -> TracedAs | None:
    """Return what can be seen of a route's spans."""
    own = expected.route.feature(Traced)
    exporter = expected.settings.policies.exporter
    if own is None or exporter is None:
        return None
    drawn = exporter.sampler == "TraceIdRatioBased"
    share = "on" if exporter.sampler == "AlwaysOn" else "off"
    return TracedAs(
        own.trusting, own.name, exporter.parent_based, exporter.percent if drawn else share
    )
