"""Headers of requests and answers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Route
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.syntax.request import Request
from ingc.syntax.text import Text


def answer_custom_headers(
    feature: CustomHeaders, _route: Route, _request: Request
) -> Iterator[tuple[str, str | None]]:
    """Yield what every answer has, and what none has."""
    yield from {name.lower(): value or None for name, value in feature.headers}.items()


def forward_request_header(
    feature: RequestHeader, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the header with its value, as nginx sends its bytes.

    One that passes on what the client sent in a header is compared for requests in which no two
    headers are alike; see `ingc.prove.backend_headers`.
    """
    if not any(name.startswith("http_") for name in feature.value.variables):
        value = constant(feature.value)
        yield feature.name, None if value is None else value.encode().decode("latin-1")


def forward_kept_header(
    _feature: KeptHeader, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield nothing: it is compared for requests with it and without, as others of clients' are."""
    yield from ()


def constant(value: Text) -> str | None:
    """Return a text without variables; ``None``: a request decides what it is."""
    parts = [part for part in value.parts if isinstance(part, str)]
    return "".join(parts) if len(parts) == len(value.parts) else None
