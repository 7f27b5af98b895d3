"""Compression; and firewalls, geography and tracing, which stock nginx has not."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.configmap.declare import (
    Key,
    KeyGroup,
    KeyValues,
    Setting,
    UnsupportedKey,
    meaningless,
    needs_module,
)
from ingc.frontend.configmap.grammars import MIME_TYPES, REGEX
from ingc.frontend.declarations.grammars import BOOL, integer

_TYPES = (
    "application/atom+xml application/javascript application/x-javascript application/json "
    "application/rss+xml application/vnd.ms-fontobject application/x-font-ttf "
    "application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype "
    "image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component"
)

GZIP = Key("use-gzip", "Compress answers.", BOOL, default="false", see="gzip")
GZIP_DISABLE = Key(
    "gzip-disable",
    "Compress no answers to browsers whose User-Agent matches.",
    REGEX,
    needs="use-gzip",
    see="gzip_disable",
)
GZIP_LEVEL = Key(
    "gzip-level",
    "How hard to compress.",
    integer(1, 9),
    default="1",
    needs="use-gzip",
    see="gzip_comp_level",
)
GZIP_MIN_LENGTH = Key(
    "gzip-min-length",
    "Compress no answers shorter than so many bytes.",
    integer(),
    default="256",
    needs="use-gzip",
    see="gzip_min_length",
)
GZIP_TYPES = Key(
    "gzip-types",
    "The MIME types to compress beside text/html.",
    MIME_TYPES,
    default=_TYPES,
    needs="use-gzip",
    see="gzip_types",
)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield what compresses."""
    if not values.value(GZIP):
        return
    yield "gzip", ("on",)
    yield "gzip_comp_level", (values.value(GZIP_LEVEL),)
    yield "gzip_http_version", ("1.1",)
    yield "gzip_min_length", (values.value(GZIP_MIN_LENGTH),)
    # nginx compresses text/html in any case, and warns of one that is named.
    yield (
        "gzip_types",
        tuple(t for t in values.value(GZIP_TYPES) if t != "text/html") or ("text/plain",),
    )
    yield "gzip_proxied", ("any",)
    yield "gzip_vary", ("on",)
    disabled = values.get(GZIP_DISABLE)
    if disabled:
        yield "gzip_disable", (disabled,)


def _waf(name: str, *harmless: str) -> UnsupportedKey:
    switch = "enable-modsecurity" if name != "enable-modsecurity" else ""
    instead = "put a firewall before or behind nginx"
    return needs_module(
        name, "stock nginx has no ModSecurity", instead, *harmless, protects=True, needs=switch
    )


def _geo(name: str, *harmless: str) -> UnsupportedKey:
    switch = "use-geoip2" if name != "use-geoip2" else ""
    return needs_module(
        name, "stock nginx has no GeoIP2", "look addresses up elsewhere", *harmless, needs=switch
    )


def _brotli(name: str, *harmless: str) -> UnsupportedKey:
    switch = "enable-brotli" if name != "enable-brotli" else ""
    return needs_module(name, "stock nginx has no brotli", "use use-gzip", *harmless, needs=switch)


def _otel(name: str, *harmless: str) -> UnsupportedKey:
    switch = "enable-opentelemetry" if name != "enable-opentelemetry" else ""
    instead = "correlate by the X-Request-ID that every backend gets, or trace in the application"
    return needs_module(name, "stock nginx has no OpenTelemetry", instead, *harmless, needs=switch)


def _jaeger(name: str) -> UnsupportedKey:
    return meaningless(name, "ingress-nginx has no Jaeger any more")


GROUP = KeyGroup(
    "Firewall, geography, compression, tracing",
    (
        _waf("enable-modsecurity", "false"),
        _waf("modsecurity-snippet"),
        _waf("enable-owasp-modsecurity-crs", "false"),
        meaningless("use-geoip", "ingress-nginx does not read it any more", "false"),
        _geo("use-geoip2", "false"),
        _geo("geoip2-autoreload-in-minutes", "0"),
        _brotli("enable-brotli", "false"),
        _brotli("brotli-level"),
        _brotli("brotli-min-length"),
        _brotli("brotli-types"),
        GZIP,
        GZIP_DISABLE,
        GZIP_LEVEL,
        GZIP_MIN_LENGTH,
        GZIP_TYPES,
        _otel("enable-opentelemetry", "false"),
        meaningless("opentelemetry-config", "it belongs to a module that is gone"),
        _otel("opentelemetry-operation-name"),
        _otel("opentelemetry-trust-incoming-span"),
        _otel("otlp-collector-host"),
        _otel("otlp-collector-port"),
        _otel("otel-service-name"),
        _otel("otel-max-queuesize"),
        _otel("otel-schedule-delay-millis"),
        _otel("otel-max-export-batch-size"),
        _otel("otel-sampler"),
        _otel("otel-sampler-ratio"),
        _otel("otel-sampler-parent-based"),
        _jaeger("jaeger-collector-host"),
        _jaeger("jaeger-collector-port"),
        _jaeger("jaeger-endpoint"),
        _jaeger("jaeger-service-name"),
        _jaeger("jaeger-propagation-format"),
        _jaeger("jaeger-sampler-type"),
        _jaeger("jaeger-sampler-param"),
        _jaeger("jaeger-sampler-host"),
        _jaeger("jaeger-sampler-port"),
        _jaeger("jaeger-trace-context-header-name"),
        _jaeger("jaeger-debug-header"),
        _jaeger("jaeger-baggage-header"),
        _jaeger("jaeger-tracer-baggage-header-prefix"),
    ),
    settings,
)
