"""What a route, a host or an upstream does beside its plain work: small, typed features.

A feature that is absent is absent; nothing here has an "unset" value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ingc.syntax.text import Text

Argument = str | int | Text
"""An argument of a directive. A plain ``str`` holds no ``$``."""


class RouteFeature:
    """Something that one route does. A route has at most one of a type, but for `Tuning`."""

    __slots__ = ()
    before_https: ClassVar[bool] = False
    """True where it answers some requests before the redirect to https does."""

    may_answer: ClassVar[tuple[int, ...]] = ()
    """The statuses with which it may answer in place of the route's action."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The names of upstreams that it sends requests to."""
        return ()


class HostFeature:
    """Something that a whole host does. It has at most one of a type, but for `ServerTuning`."""

    __slots__ = ()


class UpstreamFeature:
    """Something that an upstream does, for every route that uses it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Tuning(RouteFeature):
    """One simple directive of a location, as nginx names it, such as ``proxy_read_timeout 5s``."""

    directive: str
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class ServerTuning(HostFeature):
    """One simple directive of a server, such as ``ssl_ciphers``."""

    directive: str
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class RequestHeader(RouteFeature):
    """A header of the request to the backend, in place of what is told by default."""

    name: str
    value: Text


@dataclass(frozen=True, slots=True)
class UseRegex(RouteFeature):
    """The paths of the route's host are regexes; `ingc.merge` acts on it."""


@dataclass(frozen=True, slots=True)
class Rewrite(RouteFeature):
    """Replace the whole path before proxying: the query stays.

    A target that is a URL is answered with a redirect to it (302).
    """

    target: Text
    """Literal text, captures of the route's regex, variables."""
    prefix: Text | None = None
    """The value of X-Forwarded-Prefix."""
    pattern: str | None = None
    """The caseless regex whose match is replaced; ``None``: the route's path, not anchored."""

    @property
    def redirects(self) -> bool:
        """Whether nginx makes a redirect of it, by how the target begins."""
        first = self.target.parts[0]
        if isinstance(first, str):
            return first.startswith(("http://", "https://"))
        return first.name == "scheme"


@dataclass(frozen=True, slots=True)
class HttpsRedirect(RouteFeature):
    """Answer plain http with a redirect to https."""

    status: int = 308
    keep_slash: bool = False
    """True: the path as sent; else without one trailing slash."""
    with_port: bool = False
    """True: nginx's https port is named, whatever it is."""


@dataclass(frozen=True, slots=True)
class AppRoot(HostFeature):
    """A request for exactly ``/`` is redirected to a path of the same host."""

    path: str


@dataclass(frozen=True, slots=True)
class WwwRedirect(HostFeature):
    """The twin of the host, with or without ``www.``, is redirected to it."""

    status: int = 308


@dataclass(frozen=True, slots=True)
class Alias(HostFeature):
    """More names for the host's servers: exact ones, wildcards, or ``~`` and a regex."""

    names: tuple[str, ...]


Protocol = Literal["HTTP", "HTTPS", "AUTO_HTTP", "GRPC", "GRPCS", "FCGI"]


@dataclass(frozen=True, slots=True)
class BackendProtocol(RouteFeature):
    """How the backend is spoken to; absent: HTTP."""

    name: Protocol
