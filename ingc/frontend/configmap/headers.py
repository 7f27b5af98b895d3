"""Headers of requests and answers, and who the client is."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.configmap import ConfigMapValueWrong, HeaderMapWrong
from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues, Setting, needs_module
from ingc.frontend.configmap.grammars import HEADER_VALUE, SHORT_HEADERS
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.grammars import (
    BOOL,
    FULL_OBJECT,
    HEADER,
    NETWORKS,
    ObjectName,
    integer,
)
from ingc.ir.policies import Front
from ingc.k8s.config_map import ConfigMap
from ingc.syntax.header import MOST_BYTES, too_many
from ingc.syntax.text import Text, Variable

ADD_HEADERS = Key(
    "add-headers",
    "A ConfigMap of headers that every answer gets, in place of the backend's.",
    FULL_OBJECT,
    rejects=True,
    see="add_header",
)
PROXY_SET_HEADERS = Key(
    "proxy-set-headers",
    "A ConfigMap of headers that every backend gets.",
    FULL_OBJECT,
    rejects=True,
    see="proxy_set_header",
)
HIDE_HEADERS = Key(
    "hide-headers",
    "Headers of backends' answers that are not passed on.",
    SHORT_HEADERS,
    rejects=True,
    see="proxy_hide_header",
)
BACKEND_SERVER = Key(
    "allow-backend-server-header",
    "Pass the backend's Server header on in place of nginx's.",
    BOOL,
    default="false",
    see="proxy_pass_header",
)
HSTS = Key(
    "hsts",
    "Send Strict-Transport-Security with every answer on https.",
    BOOL,
    default="true",
    see="add_header",
)
HSTS_SUBDOMAINS = Key(
    "hsts-include-subdomains",
    "Add includeSubDomains to it.",
    BOOL,
    default="true",
    see="add_header",
)
HSTS_MAX_AGE = Key(
    "hsts-max-age", "For how many seconds.", integer(), default="31536000", see="add_header"
)
HSTS_PRELOAD = Key("hsts-preload", "Add preload to it.", BOOL, default="false", see="add_header")
REQUEST_ID = Key(
    "generate-request-id",
    "Give requests without an X-Request-ID one.",
    BOOL,
    default="true",
    see="map",
)
ORIGINAL_URI = Key(
    "proxy-add-original-uri-header",
    "Tell backends the request target as sent in X-Original-URI.",
    BOOL,
    default="false",
    see="proxy_set_header",
)
USE_FORWARDED = Key(
    "use-forwarded-headers",
    "Believe X-Forwarded-For (but for use-proxy-protocol), -Proto, -Port and -Host: a proxy in "
    "front sets them.",
    BOOL,
    default="false",
    rejects=True,
    see="real_ip_header",
)
REAL_IP = Key(
    "enable-real-ip",
    "Take the client's address from forwarded-for-header.",
    BOOL,
    default="false",
    rejects=True,
    see="real_ip_header",
)
FORWARDED_FOR = Key(
    "forwarded-for-header",
    "The header that names the client's address.",
    HEADER,
    default="X-Forwarded-For",
    rejects=True,
    see="real_ip_header",
)
FORWARDED_HOST = Key(
    "forwarded-host-header",
    "The header that X-Original-Forwarded-Host repeats.",
    HEADER,
    default="X-Forwarded-Host",
    see="proxy_set_header",
)
FULL_FORWARDED_FOR = Key(
    "compute-full-forwarded-for",
    "Add the peer to X-Forwarded-For instead of replacing it.",
    BOOL,
    default="false",
    needs="use-forwarded-headers",
    see="proxy_set_header",
)
PROXIES = Key(
    "proxy-real-ip-cidr",
    "The proxies whose word on the client's address is taken.",
    NETWORKS,
    default="0.0.0.0/0",
    rejects=True,
    see="set_real_ip_from",
)
PROXY_PROTOCOL = Key(
    "use-proxy-protocol",
    "Every connection begins with a PROXY line, which names the client.",
    BOOL,
    default="false",
    rejects=True,
    see="listen",
)
SERVER_TOKENS = Key(
    "server-tokens",
    "Name nginx's version in the Server header and on error pages.",
    BOOL,
    default="false",
    sets="server_tokens",
)
UNDERSCORES = Key(
    "enable-underscores-in-headers",
    "Take headers with underscores in their names.",
    BOOL,
    default="false",
    sets="underscores_in_headers",
)
IGNORE_INVALID = Key(
    "ignore-invalid-headers",
    "Leave headers with other characters in their names out.",
    BOOL,
    default="true",
    sets="ignore_invalid_headers",
)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield the directives that are made of keys here."""
    if values.value(BACKEND_SERVER):
        yield "proxy_pass_header", ("Server",)


def hsts(values: KeyValues) -> str | None:
    """Return Strict-Transport-Security; ``None``: none is sent."""
    if not values.value(HSTS):
        return None
    subdomains = "; includeSubDomains" if values.value(HSTS_SUBDOMAINS) else ""
    preload = "; preload" if values.value(HSTS_PRELOAD) else ""
    return f"max-age={values.value(HSTS_MAX_AGE)}{subdomains}{preload}"


def front(values: KeyValues) -> Front:
    """Return what is believed of the proxies in front."""
    believed = values.value(USE_FORWARDED)
    protocol = values.value(PROXY_PROTOCOL)
    sent_for = values.value(FORWARDED_FOR)
    address = ""
    if protocol:
        address = "proxy_protocol"
    elif believed or values.value(REAL_IP):
        address = sent_for
    return Front(
        proxy_protocol=protocol,
        address_header=address,
        proxies=tuple(str(item) for item in values.value(PROXIES)) if address else (),
        believed=believed,
        appended=believed and values.value(FULL_FORWARDED_FOR),
        sent_for=sent_for,
        sent_host=values.value(FORWARDED_HOST),
    )


def added_headers(values: KeyValues) -> tuple[tuple[str, Text], ...]:
    """Return the headers that every answer gets."""
    return _headers(values, ADD_HEADERS)


def backend_headers(values: KeyValues) -> tuple[tuple[str, Text], ...]:
    """Return the headers that every backend is sent beside the usual ones."""
    headers = _headers(values, PROXY_SET_HEADERS)
    if values.value(ORIGINAL_URI):
        return (("X-Original-URI", Text((Variable("request_uri"),))), *headers)
    return headers


def _headers(values: KeyValues, key: Key[ObjectName]) -> tuple[tuple[str, Text], ...]:
    named = values.get(key)
    if named is None:
        return ()
    found = values.store.config_maps.get((named.namespace, named.name))
    state = _fault_of(found)
    if found is None or state:
        entry = ConfigMapValueWrong(
            key=key.name,
            value=str(named),
            why=f"that ConfigMap {state}",
            words="the namespace and name of a ConfigMap in the input",
            examples=key.grammar.examples,
        )
        values.report(entry, key)
        return ()
    lines = (_header(values, found, name) for name in sorted(found.data))
    return tuple(line for line in lines if line is not None)


def _fault_of(found: ConfigMap | None) -> str:
    if found is None:
        return "is not in the input"
    if found.broken:
        return "can not be read"
    return f"has names of more than {MOST_BYTES} bytes" if too_many(found.data) else ""


def _header(values: KeyValues, found: ConfigMap, name: str) -> tuple[str, Text] | None:
    text = found.data[name]
    place: Origin = found.place_of(name)
    try:
        header = HEADER.read(name)
        header = SHORT_HEADERS.make((header,))[0]
        value = HEADER_VALUE.read(text.strip()) if text.strip() else Text(())
    except BadValue as error:
        values.sink.report(HeaderMapWrong(header=name, why=str(error)), place)
        return None
    return header, value


GROUP = KeyGroup(
    "Headers",
    (
        ADD_HEADERS,
        PROXY_SET_HEADERS,
        HIDE_HEADERS,
        BACKEND_SERVER,
        SERVER_TOKENS,
        HSTS,
        HSTS_SUBDOMAINS,
        HSTS_MAX_AGE,
        HSTS_PRELOAD,
        REQUEST_ID,
        ORIGINAL_URI,
        USE_FORWARDED,
        REAL_IP,
        FORWARDED_FOR,
        needs_module(
            "forwarded-for-proxy-protocol-header",
            "with use-proxy-protocol the PROXY line names the client, and no header does",
            "leave it out, or use one of the two sources alone",
        ),
        FORWARDED_HOST,
        FULL_FORWARDED_FOR,
        PROXIES,
        UNDERSCORES,
        IGNORE_INVALID,
    ),
    settings,
)
