"""Spans of requests: which, called what, and what backends get to know."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.tracing import Traced
from ingc.plan.frame.modules import sampled
from ingc.plan.layout import directive
from ingc.plan.pieces import Piece, RoutePlace


def plan_traced(feature: Traced, place: RoutePlace) -> Iterator[Piece]:
    """Trace what is sampled, and send the backend a span in any case."""
    exporter = place.settings.policies.exporter
    if exporter is None:
        return
    name = () if feature.name is None else (directive("otel_span_name", feature.name),)
    context = "propagate" if feature.trusting else "inject"
    yield Piece(
        directives=(
            directive("otel_trace", sampled(exporter)),
            directive("otel_trace_context", context),
            *name,
        )
    )
