"""The oracle: a request → the route that takes it, with the losers and their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ingc.ir import ANY_HOST, Config, Exact, Host, Prefix, Proxy, Route
from ingc.match.trie import HostTable, PathMatcher, path_matcher
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, Target, check_bytes, read_authority, read_target

Headers = Iterable[tuple[str, str]]

REQUEST_LINE_BYTES = 8192
"""nginx's ``large_client_header_buffers``: a longer request line is answered with 414."""

CONNECT_AUTHORITY_SINCE = (1, 29, 3)
"""From this nginx on, CONNECT takes ``host:port`` and nothing else; both are refused with 405."""

_METHOD_CHARS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route that could have taken a request, and what came of it."""

    route: Route
    wins: bool
    reason: str


@dataclass(frozen=True)
class Match:
    """The oracle's answer."""

    status: int | None
    """What nginx answers itself; ``None`` where the upstream answers."""
    route: Route | None
    """The route that takes the request, also where its answer is 503 or a redirect comes first."""
    upstream: str | None
    """The name of the upstream that gets the request."""
    redirect: str | None
    """The Location of a redirect."""
    host: Host | None = None
    """The host that takes the request's name; ``None`` where the request line is refused."""
    uri: bytes = b""
    """nginx's ``$uri``."""
    why: str = ""
    """Why no route was asked at all, in words; empty otherwise."""
    _matcher: PathMatcher | None = None

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The winner first, then the losers of its host, each with its reason."""
        return _candidates(self, self._matcher) if self._matcher else ()


class Oracle:
    """Answers which route takes a request. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self._settings = config.settings
        self._hosts = HostTable(config.hosts)
        self._any = next(host for host in config.hosts if host.name == ANY_HOST)
        self._matchers: dict[str, PathMatcher] = {}
        health = config.settings.health_check_path
        self._health = health.encode() if health and not config.settings.fragment else None

    def match(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        scheme: str = "http",
        method: str = "GET",
        headers: Headers = (),
    ) -> Match:
        """Return what becomes of a request.

        ``host`` is the Host header as sent, ``target`` the request target as sent (``/a%20b?c``
        or ``http://host/a``); text is encoded as UTF-8. On https the TLS name is taken to be
        the Host's.
        """
        raw_host = host.encode("utf-8", "surrogateescape") if isinstance(host, str) else host
        raw = target.encode("utf-8", "surrogateescape") if isinstance(target, str) else target
        try:
            name, read = self._read(raw_host, raw, method)
        except BadTarget as error:
            return Match(error.status, None, None, None, why=error.why)
        found = self._hosts.find(name)
        if found is None:
            if scheme == "https" and self._settings.default_certificate is None:
                return _refused(self._any, read.uri, "https is refused for this name")
            return self._answer(self._any, read.uri)
        if found.https is not None and scheme == "http" and found.https.redirect:
            return self._redirect(found, name, read)
        if scheme == "https" and (found.https is None or found.https.certificate is None):
            return _refused(found, read.uri, "https is refused for this host")
        return self._answer(found, read.uri)

    def _read(self, host: bytes, raw: bytes, method: str) -> tuple[bytes, Target]:
        """Refuse what nginx refuses, in its order: line, target, host, method."""
        version = self._settings.target
        _check_line(raw, method)
        authority = method == "CONNECT" and version >= CONNECT_AUTHORITY_SINCE
        read = read_authority(raw) if authority else read_target(raw)
        try:
            name = read_host(host, version)
            if read.host is not None:
                name = read_host(read.host, version)
        except BadHost as error:
            raise BadTarget(400, str(error)) from error
        if method in ("TRACE", "CONNECT"):
            raise BadTarget(405, f"nginx does not take the method {method}")
        return name, read

    def _answer(self, host: Host, uri: bytes) -> Match:
        matcher = self._matchers.get(host.name)
        if matcher is None:
            matcher = self._matchers.setdefault(host.name, path_matcher(host))
        route = matcher.find(uri)
        if route is None and uri == self._health and host is self._any:
            return Match(200, None, None, None, host, uri, "the health check answers", matcher)
        return _outcome(route or host.default, host, uri, matcher)

    def _redirect(self, host: Host, name: bytes, read: Target) -> Match:
        port = self._settings.redirect_port
        authority = name.decode("latin-1") + (f":{port}" if port else "")
        path = read.sent.decode("latin-1").removesuffix("/")
        inner = self._answer(host, read.uri)
        location = f"https://{authority}{path}"
        return Match(308, inner.route, None, location, host, read.uri, "", inner._matcher)


def _check_line(raw: bytes, method: str) -> None:
    """nginx reads a request line byte by byte: what is wrong early counts before its length."""
    if not method or not _METHOD_CHARS.issuperset(method.encode("utf-8", "replace")):
        raise BadTarget(400, "the method is not in upper-case letters")
    if len(method) + len(raw) + len(" " + " HTTP/1.1" + "\r\n") > REQUEST_LINE_BYTES:
        check_bytes(raw[: REQUEST_LINE_BYTES - len(method) - len(" ")])
        raise BadTarget(414, "the request line is longer than nginx reads")


def _refused(host: Host, uri: bytes, why: str) -> Match:
    return Match(None, None, None, None, host, uri, why)


def _outcome(route: Route, host: Host, uri: bytes, matcher: PathMatcher) -> Match:
    if isinstance(route.action, Proxy):
        return Match(None, route, route.action.upstream, None, host, uri, "", matcher)
    asked = route if route.origin.name else None
    return Match(route.action.status, asked, None, None, host, uri, "", matcher)


def _candidates(match: Match, matcher: PathMatcher) -> tuple[Candidate, ...]:
    winner = match.route
    won: list[Candidate] = []
    lost: list[Candidate] = []
    for route, takes in matcher.walk(match.uri):
        if route is winner:
            won.append(Candidate(route, wins=True, reason=_why_won(route)))
        elif takes:
            lost.append(Candidate(route, wins=False, reason=_why_beaten(route, winner)))
        else:
            lost.append(Candidate(route, wins=False, reason=_why_missed(route, match.uri)))
    if winner is not None and not won:
        won.append(Candidate(winner, wins=True, reason="default backend: no path takes it"))
    if match.host is not None:
        lost.extend(
            Candidate(dead.route, wins=False, reason=f"never reached: {dead.why}")
            for dead in match.host.dead
        )
    return (*won, *reversed(lost))


def _why_won(route: Route) -> str:
    match route.match:
        case Exact():
            return "equals the path"
        case Prefix():
            return "the longest prefix, by path elements"
        case _:
            return "the first regex that matches"


def _why_beaten(route: Route, winner: Route | None) -> str:
    match route.match, winner.match if winner else None:
        case Prefix(), Exact():
            return "an Exact path that equals the request beats every Prefix"
        case Prefix(), Prefix():
            return "a longer prefix matches"
        case _:
            return "an earlier regex matches"


def _why_missed(route: Route, uri: bytes) -> str:
    if isinstance(route.match, Exact):
        path = route.match.path.encode()
        if path.rstrip(b"/") == uri.rstrip(b"/"):
            return "Exact: a trailing slash counts"
        return "Exact: the request goes on below it"
    return "the regex does not match"
