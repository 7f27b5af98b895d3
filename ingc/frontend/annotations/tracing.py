"""Spans of requests, where nginx has its OpenTelemetry module."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.declarations.modules import OPENTELEMETRY
from ingc.frontend.wishes import Ask
from ingc.ir.features.tracing import Traced
from ingc.syntax.text import Text

_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}").fullmatch


def _operation(tokens: tuple[str, ...]) -> str:
    if not _NAME(tokens[0]):
        raise BadValue("it holds something else than letters, digits, - and _")
    return tokens[0]


OPERATION = Grammar(
    name="operation",
    rule="line",
    words="letters, digits, - and _",
    examples=("checkout", "web_front-1"),
    wrong=("", "a b", "a;b", "$request_uri"),
    make=_operation,
    write=str,
)
ENABLE = Annotation(
    "enable-opentelemetry",
    "Trace requests, to the collector that the ConfigMap names, and send backends the span.",
    BOOL,
    default="false",
    see="otel_trace",
    module=OPENTELEMETRY,
)
TRUST = Annotation(
    "opentelemetry-trust-incoming-span",
    "Take the span that a client names for the parent.",
    BOOL,
    default="true",
    needs="enable-opentelemetry",
    see="otel_trace_context",
    module=OPENTELEMETRY,
)
NAME = Annotation(
    "opentelemetry-operation-name",
    "What the span is called.",
    OPERATION,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="enable-opentelemetry",
    see="otel_span_name",
    module=OPENTELEMETRY,
)
COLLECTOR_KEY = "otlp-collector-host"
"""The ConfigMap's key for where spans go."""


def build(values: Values) -> Iterator[Ask]:
    """Request spans; without a collector there is nowhere to send them."""
    if not values.get(ENABLE):
        return
    if COLLECTOR_KEY not in values.defaults:
        if values.own(ENABLE):
            needs = f"the ConfigMap key {COLLECTOR_KEY}"
            values.report(AnnotationWithoutEffect(annotation=ENABLE.name, needs=needs), ENABLE)
        return
    own = values.own(NAME)
    name = Text((own,)) if own is not None else values.defaults.get(NAME.name)
    yield Traced(values.get(TRUST) is not False, name)


FAMILY = Family("Tracing", (ENABLE, TRUST, NAME), build, keys=(COLLECTOR_KEY,))
