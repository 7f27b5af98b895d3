"""A request that nginx has read, and where redirects of its own send it."""

from __future__ import annotations

from typing import NamedTuple

from ingc.ir import Host, Redirect, Route, Settings
from ingc.ir.features.aliases import WwwRedirect
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.tuning import Tuning
from ingc.ir.policies import VariableMap
from ingc.match.answer import Match
from ingc.match.client import SeenClient
from ingc.match.programs import Course
from ingc.syntax.request import Request
from ingc.syntax.text import Text
from ingc.syntax.uri import RequestTarget


class HeardRequest(NamedTuple):
    """A request that nginx has read."""

    request: Request
    name: bytes
    """``$host``."""
    target: RequestTarget
    client: SeenClient
    course: Course | None = None
    """Where snippets act on it."""
    maps: tuple[VariableMap, ...] = ()
    """The operator's."""

    @property
    def passed(self) -> bytes:
        """The request target that a backend gets where no annotation rewrites it."""
        return self.target.passed if self.course is None else self.course.passed

    @property
    def stopped(self) -> bool:
        """Whether a snippet has ended what the rewrite module does."""
        return self.course is not None and self.course.stopped


def location_of(redirect: Redirect, route: Route, read: HeardRequest, settings: Settings) -> str:
    """Return the Location as nginx sends it: it completes one that begins with a slash."""
    tunings = {item.directive: item.args for item in route.features if isinstance(item, Tuning)}
    location = _expanded(redirect.location, read)
    if not location.startswith("/") or "absolute_redirect" in tunings:
        return location
    scheme = read.request.scheme
    port = settings.https_port if scheme == "https" else settings.http_port
    # Behind a stream server nginx knows a port of the loopback, and names none.
    named = "port_in_redirect" in tunings and settings.inner_ports is None
    written = named and port != (443 if scheme == "https" else 80)
    host = read.name.decode("latin-1")
    return f"{scheme}://{host}{f':{port}' if written else ''}{location}"


def https_location(redirect: HttpsRedirect, read: HeardRequest, settings: Settings) -> str:
    """Return the Location of the redirect to https."""
    port = settings.https_port if redirect.with_port else settings.redirect_port
    authority = read.client.host.decode("latin-1") + (f":{port}" if port else "")
    path = read.target.sent.decode("latin-1")
    return f"https://{authority}{path if redirect.keep_slash else path.removesuffix('/')}"


def to_twin(host: Host, read: HeardRequest) -> Match:
    """Return the redirect to the name with or without www."""
    redirect, target, client = host.feature(WwwRedirect), read.target, read.client
    if redirect is None:
        raise LookupError(f"{host.name} has no twin")
    path = target.sent.decode("latin-1").removesuffix("/")
    location = f"{client.scheme}://{host.name}:{client.port}{path}"
    return Match(redirect.status, None, None, location, host, target.uri, why="the twin redirects")


def _expanded(text: Text, read: HeardRequest) -> str:
    """Return what nginx makes of a redirect's location."""
    if text.constant is not None:
        return text.constant
    args = read.target.args
    values = {
        "scheme": read.request.scheme.encode(),
        "host": read.name,
        "request_uri": read.target.sent,
        "args": args,
        "query_string": args,
        "is_args": b"?" if args else b"",
    }
    parts = (part.encode() if isinstance(part, str) else values[part.name] for part in text.parts)
    return b"".join(parts).decode("latin-1")


def written_location(location: bytes) -> str | None:
    """Return a Location as text; ``None`` for an empty one, which is not foretold."""
    return location.decode("latin-1") or None


def course_of(read: HeardRequest) -> Course:
    """Return what programs act on."""
    target = read.target
    return read.course or Course(
        read.request, read.name, target, target.uri, target.args, read.maps
    )
