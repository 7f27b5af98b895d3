"""Pages for errors, from a backend of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, codes
from ingc.frontend.wishes import Ask, ErrorsWish

_CLIENT_GONE = 499
_LIST = codes(400, 599)


def _error_codes(tokens: tuple[str, ...]) -> tuple[int, ...]:
    found = _LIST.make(tokens)
    if _CLIENT_GONE in found:
        raise BadValue("499 means that the client has gone, and nginx sends no page then")
    return found


def _service_name(tokens: tuple[str, ...]) -> str:
    if len(tokens[0]) > 63:
        raise BadValue("the name of a Service is at most 63 characters long")
    return tokens[0]


ERROR_CODES = Grammar(
    name="error codes",
    rule="codes",
    words=_LIST.words,
    examples=("404", "404,503"),
    wrong=("", "401403", "302", "404;503", "499", "404 503"),
    make=_error_codes,
    write=_LIST.write,
)
SERVICE = Grammar(
    name="Service",
    rule="service",
    words="the name of a Service of the same namespace",
    examples=("errors", "error-pages"),
    wrong=("", "shop/errors", "Errors", "errors:80", "1errors", "a.b", "-a"),
    make=_service_name,
    write=str,
)

CUSTOM_HTTP_ERRORS = Annotation(
    "custom-http-errors",
    "Replace answers with these statuses by the default backend's.",
    ERROR_CODES,
    rejects=True,
    see="error_page",
)
DEFAULT_BACKEND = Annotation(
    "default-backend",
    "The Service that answers for custom-http-errors, and where the own one has no endpoint.",
    SERVICE,
    rejects=True,
    see="error_page",
)
DISABLE_PROXY_INTERCEPT_ERRORS = Annotation(
    "disable-proxy-intercept-errors",
    "Let custom-http-errors replace only what nginx itself answers, not the backend's answers.",
    BOOL,
    default="false",
    needs="custom-http-errors",
    see="proxy_intercept_errors",
)


def build(values: Values) -> Iterator[Ask]:
    """Request error pages and a stand-in."""
    found = values.get(CUSTOM_HTTP_ERRORS) or ()
    service = values.own(DEFAULT_BACKEND) or ""
    if found or service:
        yield ErrorsWish(
            codes=found,
            service=service,
            intercept=values.own(DISABLE_PROXY_INTERCEPT_ERRORS) is not True,
            codes_place=values.place(CUSTOM_HTTP_ERRORS),
            service_place=values.place(DEFAULT_BACKEND),
        )


FAMILY = Family(
    "Errors", (CUSTOM_HTTP_ERRORS, DEFAULT_BACKEND, DISABLE_PROXY_INTERCEPT_ERRORS), build
)
