"""Headers of answers, and the Host header that the backend gets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.frontend.annotations.declare import (
    Annotation,
    Family,
    Risk,
    UnsupportedAnnotation,
    Values,
)
from ingc.frontend.declarations.declare import Support
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import OBJECT, read_variables
from ingc.frontend.wishes import Ask, CustomHeadersWish
from ingc.ir.features.headers import RequestHeader
from ingc.syntax.text import Text

ALLOWED_KEY = "global-allowed-response-headers"
"""The key of the operator's ConfigMap: the names that `custom-headers` may set."""

CUSTOM_HEADERS = Annotation(
    "custom-headers",
    "Set the headers of every answer that a ConfigMap lists.",
    OBJECT,
    risk=Risk.MEDIUM,
    see="add_header",
)
_NAMES = frozenset(
    {"namespace", "ingress_name", "service_name", "service_port", "proxy_upstream_name"}
)
"""Of the route; `ingc.resolve` writes them out."""


def _upstream_host(text: str) -> Text:
    if re.search(r"\s", text):
        raise BadValue("a host holds no blank")
    return read_variables(text, also=_NAMES)


UPSTREAM_HOST = Grammar(
    name="host with variables",
    rule="template",
    words="text in which $name is $namespace, $ingress_name, $service_name, $service_port, or one "
    "of the variables that tell of the request: $host, $server_name, $server_port, $scheme, "
    "$request_uri, $remote_addr, $http_NAME, $cookie_NAME, $arg_NAME and others",
    examples=("$service_name.$namespace.svc.cluster.local", "$host", "${remote_addr}.example.com"),
    wrong=("", "$document_root", "$", "a;b", '"', "$ssl_certificate", "$uri", "a b"),
    make=lambda tokens: _upstream_host(tokens[0]),
    write=str,
)
UPSTREAM_VHOST = Annotation(
    "upstream-vhost",
    "The Host header that the backend gets.",
    UPSTREAM_HOST,
    rejects=True,
    see="proxy_set_header",
)
HTTP2_PUSH_PRELOAD = UnsupportedAnnotation(
    "http2-push-preload",
    "HTTP/2 push was removed in nginx 1.25.1",
    Support.OBSOLETE,
    "let the application send Link headers with rel=preload, which browsers act on themselves",
)


def build(values: Values) -> Iterator[Ask]:
    """Request a Host header, and for the headers of a ConfigMap."""
    host = values.get(UPSTREAM_VHOST)
    if host is not None:
        yield RequestHeader("Host", host)
    found = values.own(CUSTOM_HEADERS)
    if found is not None:
        allowed = values.defaults.get(ALLOWED_KEY) or ()
        yield CustomHeadersWish(
            found.namespace, found.name, tuple(allowed), values.place(CUSTOM_HEADERS)
        )


FAMILY = Family("Headers", (CUSTOM_HEADERS, UPSTREAM_VHOST, HTTP2_PUSH_PRELOAD), build)
