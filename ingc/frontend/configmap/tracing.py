"""Where spans go, and which requests have one, where nginx has its OpenTelemetry module."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import cast

from ingc.frontend.configmap.declare import Key, KeyValues
from ingc.frontend.configmap.grammars import HEADER_VALUE
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, HOST, integer, one_of
from ingc.frontend.declarations.modules import OPENTELEMETRY
from ingc.ir.modules import Exporter, Sampler

_SWITCHED = replace(OPENTELEMETRY, switch="enable-opentelemetry")
_NAME = re.compile(r"[A-Za-z0-9._:/-]{1,200}").fullmatch
_COLLECTOR = "otlp-collector-host"


def _ratio(tokens: tuple[str, ...]) -> Decimal:
    try:
        share = Decimal(tokens[0])
    except InvalidOperation as error:
        raise BadValue("it is no number") from error
    if not (0 <= share <= 1) or share != round(share, 4):
        raise BadValue("it is not from 0 to 1 with four digits behind the point")
    return share


def _service_name(tokens: tuple[str, ...]) -> str:
    if not _NAME(tokens[0]):
        raise BadValue("it holds something else than letters, digits and ._:/-")
    return tokens[0]


RATIO = Grammar(
    name="ratio",
    rule="line",
    words="a number from 0 to 1 with four digits at most behind the point",
    examples=("0.01", "1", "0.0125"),
    wrong=("", "1.1", "-0.1", "0.00001", "NaN", "ten"),
    make=_ratio,
    write=str,
)

SERVICE_NAME = Grammar(
    name="service name",
    rule="line",
    words="text of letters, digits and ._:/-",
    examples=("nginx", "shop-front"),
    wrong=("", "a b", "a;b", "$host"),
    make=_service_name,
    write=str,
)

ENABLE = Key(
    "enable-opentelemetry",
    "Trace the requests of all Ingresses that do not decide it themselves.",
    BOOL,
    default="false",
    annotation="enable-opentelemetry",
    see="otel_trace",
    needs=_COLLECTOR,
    module=OPENTELEMETRY,
    harmless=("false",),
)
NAME = Key(
    "opentelemetry-operation-name",
    "What spans are called.",
    HEADER_VALUE,
    under_own_name=True,
    needs=_COLLECTOR,
    see="otel_span_name",
    module=_SWITCHED,
)
TRUST = Key(
    "opentelemetry-trust-incoming-span",
    "Take the span that a client names for the parent.",
    BOOL,
    default="true",
    annotation="opentelemetry-trust-incoming-span",
    needs=_COLLECTOR,
    see="otel_trace_context",
    module=_SWITCHED,
)
HOST_KEY = Key(
    _COLLECTOR,
    "The host of the collector that spans are sent to.",
    HOST,
    under_own_name=True,
    see="otel_exporter",
    module=_SWITCHED,
)
PORT = Key(
    "otlp-collector-port",
    "The collector's port for OTLP in gRPC.",
    integer(1, 65535),
    default="4317",
    needs=_COLLECTOR,
    see="otel_exporter",
    module=_SWITCHED,
)
SERVICE = Key(
    "otel-service-name",
    "What nginx is called in traces.",
    SERVICE_NAME,
    default="nginx",
    needs=_COLLECTOR,
    see="otel_service_name",
    module=_SWITCHED,
)
QUEUE = Key(
    "otel-max-queuesize",
    "How many spans of a worker wait at most; whole batches here.",
    integer(1, 1_000_000),
    default="2048",
    needs=_COLLECTOR,
    see="otel_exporter",
    module=_SWITCHED,
)
DELAY = Key(
    "otel-schedule-delay-millis",
    "After how many milliseconds spans are sent.",
    integer(1, 3_600_000),
    default="5000",
    needs=_COLLECTOR,
    see="otel_exporter",
    module=_SWITCHED,
)
BATCH = Key(
    "otel-max-export-batch-size",
    "How many spans are sent at once.",
    integer(1, 100_000),
    default="512",
    needs=_COLLECTOR,
    see="otel_exporter",
    module=_SWITCHED,
)
SAMPLER = Key(
    "otel-sampler",
    "Which requests without a parent get a span.",
    one_of("AlwaysOn", "AlwaysOff", "TraceIdRatioBased"),
    default="AlwaysOn",
    needs=_COLLECTOR,
    see="otel_trace",
    module=_SWITCHED,
)
SHARE = Key(
    "otel-sampler-ratio",
    "The share of requests that TraceIdRatioBased takes.",
    RATIO,
    default="0.01",
    needs=_COLLECTOR,
    see="split_clients",
    module=_SWITCHED,
)
PARENT = Key(
    "otel-sampler-parent-based",
    "Give a request with a parent a span if the parent has one.",
    BOOL,
    default="true",
    needs=_COLLECTOR,
    see="map",
    module=_SWITCHED,
)
KEYS = (
    ENABLE, NAME, TRUST, HOST_KEY, PORT, SERVICE, QUEUE, DELAY, BATCH, SAMPLER, SHARE, PARENT
)  # fmt: skip


def exporter(values: KeyValues) -> Exporter | None:
    """Return where spans go; ``None`` where no collector is named."""
    host = values.get(HOST_KEY)
    if host is None:
        return None
    share, size = values.value(SHARE), values.value(BATCH)
    sampler = cast("Sampler", values.value(SAMPLER))
    if sampler == "TraceIdRatioBased" and share in (0, 1):
        sampler = "AlwaysOn" if share else "AlwaysOff"
    return Exporter(
        endpoint=f"{host}:{values.value(PORT)}",
        service=values.value(SERVICE),
        interval=values.value(DELAY),
        batch_size=size,
        batch_count=max(1, values.value(QUEUE) // size),
        sampler=sampler,
        percent=f"{(share * 100).normalize():f}%",
        parent_based=values.value(PARENT),
    )
