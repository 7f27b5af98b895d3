"""A service that decides about each request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from ingc.ir.features.card import (
    ROUTES,
    UPSTREAMS,
    Argument,
    Card,
    Proved,
    Reason,
    RouteFeature,
    UpstreamFeature,
)
from ingc.syntax.text import Text

if TYPE_CHECKING:
    from ingc.ir.config import Host


@dataclass(frozen=True, slots=True)
class Keepalive(UpstreamFeature):
    """How many idle connections are kept, in place of the number for Services."""

    card: ClassVar[Card] = Card(
        stands=UPSTREAMS,
        granted=Reason.WITH_ANOTHER,
        planned=Reason.OF_THE_STAGE,
        proved=Proved.READER,
    )

    connections: int
    """Per worker; 0: none is kept."""
    requests: int
    """Requests after which a connection is closed."""
    timeout: int
    """Seconds that an idle connection stays open."""


@dataclass(frozen=True, slots=True)
class Destination:
    """What nginx itself sends requests to."""

    scheme: Literal["http", "https"]
    upstream: str
    host: str
    """Sent as Host, without a port, and in TLS."""
    uri: Text
    """Begins with a slash, or with a variable that does."""


@dataclass(frozen=True, slots=True)
class CacheTime:
    """How long answers with some statuses are remembered."""

    codes: tuple[int, ...]
    """None: those that nginx takes for successful."""
    time: str
    """As nginx writes it: ``5m``."""


@dataclass(frozen=True, slots=True)
class AuthCache:
    """Answers of an auth service, remembered for one location."""

    key: Text
    times: tuple[CacheTime, ...]


@dataclass(frozen=True, slots=True)
class ExternalAuth(RouteFeature):
    """Let a service decide on each request: it passes with 2xx, is refused with 401 and 403."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        proved=Proved.CHECKS | Proved.HEADERS | Proved.READER,
    )

    may_answer: ClassVar[tuple[int, ...]] = (401, 403, 500)

    service: Destination
    method: str = ""
    """Empty: GET."""
    response_headers: tuple[str, ...] = ()
    """Headers of the service's answer that the backend gets, in place of the client's."""
    request_headers: tuple[tuple[str, Text], ...] = ()
    """More headers that the service gets."""
    redirect: Text | None = None
    """Sent as X-Auth-Request-Redirect; ``None``: the request's path and query."""
    cache: AuthCache | None = None
    always_set_cookie: bool = False
    """Pass on the service's cookie whatever the status of the answer."""
    tunings: tuple[tuple[str, tuple[Argument, ...]], ...] = field(default=(), repr=False)
    """Time-outs of the request to the service, by the names of nginx's directives, in order."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The service."""
        return (self.service.upstream,)


LONGEST_URI = 65535
"""Bytes of the longest URI that leads back from a sign-in page; a longer one is ``/``.

PCRE counts no further in one ``{}``, and the longest has to be worked out for each client.
"""


@dataclass(frozen=True, slots=True)
class SignIn(RouteFeature):
    """Redirect instead of a 401."""

    card: ClassVar[Card] = Card(
        stands=ROUTES,
        granted=Reason.WITH_ANOTHER,
        proved=Proved.CHECKS | Proved.READER,
    )

    may_answer: ClassVar[tuple[int, ...]] = (302,)

    url: Text
    """``$escaped_request_uri`` stands for the request's path and query, percent-encoded."""
    parameter: str
    """The query parameter in which the URL of the request is added; empty: none."""


def remembers(host: Host) -> bool:
    """Return whether answers of an auth service are kept for a route of a host."""
    found = (r.feature(ExternalAuth) for r in (*host.routes, host.default) if r.features)
    return any(item is not None and item.cache is not None for item in found)
