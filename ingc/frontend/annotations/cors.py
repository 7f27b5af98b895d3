"""Which other origins may use a site from a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.annotations_headers import CorsOriginUnusable
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, HEADERS, integer
from ingc.frontend.wishes import Ask
from ingc.ir.features.cors import NULL_ORIGIN, USUAL_HEADERS, USUAL_METHODS, Cors
from ingc.syntax.host import is_subdomain

ANY_ORIGIN = "*"
_LONGEST_LIST = 1000
"""Characters; far more than there are methods, and few enough for one token."""
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:\*\.)?([a-z0-9.-]+)(?::([0-9]{1,5}))?").fullmatch


def _items(tokens: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token for token in tokens if token.strip(" ,")))


def _origins(tokens: tuple[str, ...]) -> tuple[str, ...]:
    found = _items(tokens)
    if not found:
        raise BadValue("it names no origin")
    return found


def _as_written(tokens: tuple[str, ...]) -> str:
    """Return a list with the marks between its items, as ingress-nginx prints it."""
    return "".join(tokens)


def _methods(tokens: tuple[str, ...]) -> str:
    found = _as_written(tokens)
    if len(found) > _LONGEST_LIST:
        raise BadValue(f"it is longer than {_LONGEST_LIST} characters")
    return found


ORIGINS = Grammar(
    name="origins",
    rule="origins",
    words='"*", or origins such as https://example.com:8443 with commas between; the first label '
    'of a host may be "*"',
    examples=("*", "https://example.com, https://*.example.com:8443"),
    wrong=("", ",", "https://a b", "https://a.test;", "https://$host", "https://(a|b).test"),
    make=_origins,
    write=", ".join,
)
METHODS = Grammar(
    name="methods",
    rule="methods",
    words="HTTP methods with commas between",
    examples=("GET, POST", "PATCH"),
    wrong=("", "GET;POST", "GET/POST", "$request_method", ",GET"),
    make=_methods,
    write=str,
)
ALLOWED_HEADERS = Grammar(
    name=HEADERS.name,
    rule=HEADERS.rule,
    words=HEADERS.words,
    examples=HEADERS.examples,
    wrong=HEADERS.wrong,
    make=_as_written,
    write=str,
)
EXPOSED = Grammar(
    name="header names or *",
    rule="exposed",
    words='names of headers with commas between, or "*"',
    examples=("*", "X-Name, Y-Name"),
    wrong=("", "X Name", "X-Name;", "X-*"),
    make=_as_written,
    write=str,
)

ENABLE_CORS = Annotation(
    "enable-cors",
    "Tell browsers which other origins may use the paths, and answer their preflights.",
    BOOL,
    default="false",
    see="add_header",
)
CORS_ALLOW_ORIGIN = Annotation(
    "cors-allow-origin",
    "The origins that may use the paths.",
    ORIGINS,
    default="*",
    risk=Risk.MEDIUM,
    rejects=True,
    needs="enable-cors",
    see="add_header",
)
CORS_ALLOW_METHODS = Annotation(
    "cors-allow-methods",
    "The methods that other origins may use.",
    METHODS,
    default=USUAL_METHODS,
    risk=Risk.MEDIUM,
    needs="enable-cors",
    see="add_header",
)
CORS_ALLOW_HEADERS = Annotation(
    "cors-allow-headers",
    "The headers that other origins may send.",
    ALLOWED_HEADERS,
    default=USUAL_HEADERS,
    risk=Risk.MEDIUM,
    needs="enable-cors",
    see="add_header",
)
CORS_EXPOSE_HEADERS = Annotation(
    "cors-expose-headers",
    "The headers of answers that other origins may read.",
    EXPOSED,
    risk=Risk.MEDIUM,
    needs="enable-cors",
    see="add_header",
)
CORS_ALLOW_CREDENTIALS = Annotation(
    "cors-allow-credentials",
    "Let browsers send cookies and authentication from other origins.",
    BOOL,
    default="true",
    rejects=True,
    needs="enable-cors",
    see="add_header",
)
CORS_MAX_AGE = Annotation(
    "cors-max-age",
    "How many seconds a browser may remember the answer to a preflight; -1 forbids it.",
    integer(-1),
    default="1728000",
    needs="enable-cors",
    see="add_header",
)


def build(values: Values) -> Iterator[Ask]:
    """Request CORS headers and answers to preflights."""
    if not values.get(ENABLE_CORS):
        return
    credentials = values.get(CORS_ALLOW_CREDENTIALS)
    max_age = values.get(CORS_MAX_AGE)
    yield Cors(
        origins=_allowed(values),
        methods=_or_default(values, CORS_ALLOW_METHODS),
        headers=_or_default(values, CORS_ALLOW_HEADERS),
        exposed=values.get(CORS_EXPOSE_HEADERS) or "",
        credentials=credentials is not False,
        max_age=int(CORS_MAX_AGE.default) if max_age is None else max_age,
    )


def _or_default(values: Values, annotation: Annotation[str]) -> str:
    return values.get(annotation) or annotation.default


def _allowed(values: Values) -> tuple[str, ...] | None:
    """An item that is no origin is left out; ``*`` beside others is all that counts."""
    found = values.get(CORS_ALLOW_ORIGIN) or (ANY_ORIGIN,)
    if ANY_ORIGIN in found:
        return None
    origins = {text: _origin(text) for text in found}
    allowed = tuple(dict.fromkeys(origin for origin in origins.values() if origin))
    for text, origin in origins.items():
        if origin is None:
            left = "the other origins hold" if allowed else "none is left, so none is allowed"
            values.report(CorsOriginUnusable(origin=text, left=left), CORS_ALLOW_ORIGIN)
    return allowed


def _origin(text: str) -> str | None:
    origin = text.lower()
    if origin == NULL_ORIGIN:
        return origin
    match = _ORIGIN(origin)
    if match is None or not is_subdomain(match[1]):
        return None
    return origin if match[2] is None or 0 < int(match[2]) < 65536 else None


_ALL: tuple[Annotation[Any], ...] = (
    ENABLE_CORS,
    CORS_ALLOW_ORIGIN,
    CORS_ALLOW_METHODS,
    CORS_ALLOW_HEADERS,
    CORS_EXPOSE_HEADERS,
    CORS_ALLOW_CREDENTIALS,
    CORS_MAX_AGE,
)
FAMILY = Family("CORS", _ALL, build)
