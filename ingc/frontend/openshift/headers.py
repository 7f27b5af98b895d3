"""The headers that a Route sets and deletes, of requests and of answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RouteHeaderUnusable
from ingc.frontend.wishes import Ask
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.k8s.openshift.headers import HeaderAction
from ingc.k8s.openshift.route import OpenshiftRoute
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.text import Text, Variable, literal, most_bytes
from ingc.syntax.token import MAX_TOKEN_BYTES

_NAME = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_PRINTABLE = re.compile(r"[ -~]*").fullmatch
_FETCHED = re.compile(r"%(?:(%)|\[req\.hdr\(([0-9A-Za-z-]+)\)\])")
_FRAMING = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of the connection, which nginx writes itself on either side."""
_CLAIMED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto")
_OF_ANSWERS = _FRAMING | {"content-type", "date", "server", "x-ingc-route"}


def header_asks(route: OpenshiftRoute, hsts: str | None, sink: Sink) -> Iterator[Ask]:
    """Yield the headers of requests, then those of answers with ``hsts`` before them."""
    for action in route.request_headers:
        value = _of_request(action, sink)
        if value is not None:
            yield RequestHeader(action.name, value)
    headers = {} if hsts is None else {"Strict-Transport-Security": hsts}
    for action in route.response_headers:
        text = _of_answer(action, sink)
        if text is not None:
            headers[action.name] = text
    if headers:
        yield CustomHeaders(tuple(headers.items()))


def _of_request(action: HeaderAction, sink: Sink) -> Text | None:
    """Return what a header is set to, nothing where it is deleted; ``None``, reported: it can't."""
    value, why = action.value or "", _why_not(action, _FRAMING)
    rest = _FETCHED.sub("", value)
    if not why and "%" in rest:
        why = "nginx has %[req.hdr(NAME)] alone, without converters and certificates"
    if why:
        _refuse(action, why, sink)
        return None
    parts: list[str | Variable] = []
    end = 0
    for found in _FETCHED.finditer(value):
        parts += literal(value[end : found.start()]).parts
        parts.append(found[1] or Variable(_variable(found[2])))
        end = found.end()
    return Text((*parts, *literal(value[end:]).parts))


def _variable(name: str) -> str:
    # A client's Host may be another one than that which nginx has judged.
    return "host" if name.lower() == "host" else f"http_{name.lower().replace('-', '_')}"


def _of_answer(action: HeaderAction, sink: Sink) -> str | None:
    value, why = (action.value or "").replace("%%", "\0"), _why_not(action, _OF_ANSWERS)
    if not why and "%" in value:
        why = "nginx sets headers of answers to plain text alone"
    if why:
        _refuse(action, why, sink)
        return None
    return value.replace("\0", "%")


def _why_not(action: HeaderAction, kept: frozenset[str]) -> str:
    if _NAME(action.name) is None:
        return "nginx takes letters, digits, - and _ in a name alone"
    if len(action.name) > LONGEST_NAME:
        return f"its name is longer than the {LONGEST_NAME} characters that nginx takes"
    if action.name.lower() in kept:
        return "nginx writes this header itself"
    value = action.value or ""
    if _PRINTABLE(value) is None:
        return "its value is not printable ASCII"
    return "its value is longer than nginx reads" if most_bytes(value) > MAX_TOKEN_BYTES else ""


def _refuse(action: HeaderAction, why: str, sink: Sink) -> None:
    sink.report(RouteHeaderUnusable(header=action.name[:80], why=why), action.origin)


def forwarded(mode: str) -> Iterator[RequestHeader | KeptHeader]:
    """Yield what the Service gets of who the client is, by set-forwarded-headers."""
    if mode == "append":
        value = Text((Variable("proxy_add_x_forwarded_for"),))
        yield RequestHeader("X-Forwarded-For", value)
    elif mode == "replace":
        yield RequestHeader("X-Forwarded-For", Text((Variable("remote_addr"),)))
    elif mode == "if-none":
        for name in _CLAIMED:
            yield KeptHeader(name)
    else:
        for name in _CLAIMED:
            variable = Variable(f"http_{name.lower().replace('-', '_')}")
            yield RequestHeader(name, Text((variable,)))
