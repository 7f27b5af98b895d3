"""Headers of requests and answers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Route
from ingc.ir.features.headers import CustomHeaders, RequestHeader
from ingc.syntax.request import Request
from ingc.syntax.text import Text, Variable


def answer_custom_headers(
    feature: CustomHeaders, _route: Route, _request: Request
) -> Iterator[tuple[str, str | None]]:
    """Yield what every answer has, and what none has."""
    yield from {name.lower(): value or None for name, value in feature.headers}.items()


def forward_request_header(
    feature: RequestHeader, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the header with its value, unless that is to be what the client sends."""
    own = Variable(f"http_{feature.name.lower().replace('-', '_')}")
    if feature.value != Text((own,)):
        yield feature.name, constant(feature.value)


def constant(value: Text) -> str | None:
    """Return a text without variables; ``None``: a request decides what it is."""
    parts = [part for part in value.parts if isinstance(part, str)]
    return "".join(parts) if len(parts) == len(value.parts) else None
