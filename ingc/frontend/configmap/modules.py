"""Compression and geography; beside them stand the keys of the firewall and of tracing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.diagnostics.catalogue.configmap import ConfigMapKeyWithoutEffect
from ingc.frontend.configmap import firewall, tracing
from ingc.frontend.configmap.declare import (
    Key,
    KeyGroup,
    KeyValues,
    Setting,
    UnsupportedKey,
    meaningless,
)
from ingc.frontend.configmap.grammars import MIME_TYPES, REGEX
from ingc.frontend.declarations.declare import OfModule
from ingc.frontend.declarations.grammars import BOOL, integer
from ingc.ir.modules import Database
from ingc.option_values import database_kind
from ingc.options import Options

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


_BROTLI = OfModule("brotli", "stock nginx has no brotli", "use use-gzip")
_SWITCHED = replace(_BROTLI, switch="enable-brotli")

BROTLI = Key(
    "enable-brotli",
    "Compress answers with brotli for clients that take it.",
    BOOL,
    default="false",
    see="brotli",
    module=_BROTLI,
    harmless=("false",),
)
BROTLI_LEVEL = Key(
    "brotli-level",
    "How hard to compress.",
    integer(0, 11),
    default="4",
    needs="enable-brotli",
    see="brotli_comp_level",
    module=_SWITCHED,
)
BROTLI_MIN_LENGTH = Key(
    "brotli-min-length",
    "Compress no answers shorter than so many bytes.",
    integer(),
    default="20",
    needs="enable-brotli",
    see="brotli_min_length",
    module=_SWITCHED,
)
BROTLI_TYPES = Key(
    "brotli-types",
    "The MIME types to compress beside text/html.",
    MIME_TYPES,
    default=f"application/xml+rss {_TYPES}",
    needs="enable-brotli",
    see="brotli_types",
    module=_SWITCHED,
)

_GEOIP2 = OfModule("geoip2", "stock nginx has no GeoIP2", "look addresses up elsewhere")
GEOIP2 = Key(
    "use-geoip2",
    "Look clients' addresses up in --geoip2-database, for variables that log formats may name.",
    BOOL,
    default="false",
    see="geoip2",
    module=_GEOIP2,
    harmless=("false",),
)
GEOIP2_RELOAD = Key(
    "geoip2-autoreload-in-minutes",
    "How often nginx looks for newer databases; 0 is never.",
    integer(0, 525_600),
    default="0",
    needs="use-geoip2",
    see="geoip2",
    module=replace(_GEOIP2, switch="use-geoip2"),
    harmless=("0",),
)


def databases(values: KeyValues, options: Options) -> tuple[Database, ...]:
    """Return the databases that addresses are looked up in."""
    if not values.value(GEOIP2):
        return ()
    if not options.geoip2_database:
        why = "no --geoip2-database names a database"
        values.report(ConfigMapKeyWithoutEffect(key=GEOIP2.name, why=why), GEOIP2)
    minutes = values.value(GEOIP2_RELOAD)
    return tuple(Database(path, database_kind(path), minutes) for path in options.geoip2_database)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield what compresses."""
    yield from _brotli(values)
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


def _brotli(values: KeyValues) -> Iterator[Setting]:
    if not values.value(BROTLI):
        return
    yield "brotli", ("on",)
    yield "brotli_comp_level", (values.value(BROTLI_LEVEL),)
    yield "brotli_min_length", (values.value(BROTLI_MIN_LENGTH),)
    # The module compresses text/html in any case, and warns of one that is named.
    types = tuple(t for t in values.value(BROTLI_TYPES) if t != "text/html")
    yield "brotli_types", types or ("text/plain",)


def _jaeger(name: str) -> UnsupportedKey:
    return meaningless(name, "ingress-nginx has no Jaeger any more")


GROUP = KeyGroup(
    "Firewall, geography, compression, tracing",
    (
        *firewall.KEYS,
        meaningless("use-geoip", "ingress-nginx does not read it any more", "false"),
        GEOIP2,
        GEOIP2_RELOAD,
        BROTLI,
        BROTLI_LEVEL,
        BROTLI_MIN_LENGTH,
        BROTLI_TYPES,
        GZIP,
        GZIP_DISABLE,
        GZIP_LEVEL,
        GZIP_MIN_LENGTH,
        GZIP_TYPES,
        *tracing.KEYS,
        meaningless("opentelemetry-config", "it belongs to a module that is gone"),
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
