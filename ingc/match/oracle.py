"""The oracle: a request → the route that takes it, with the losers and their reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from ingc.ir import ANY_HOST, Config, Exact, Host, Prefix, Proxy, Redirect, Route
from ingc.ir.features.aliases import WwwRedirect
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.tuning import Tuning
from ingc.match.canary import Alternatives, Headers, choose
from ingc.match.cors import is_preflight
from ingc.match.lean import Lean, Plain
from ingc.match.rewriting import redirected_to, sent_upstream
from ingc.match.trie import HostTable, PathMatcher, path_matcher
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.regex.reading import TooManySteps
from ingc.syntax.text import Text
from ingc.syntax.uri import BadTarget, RequestTarget, check_bytes, read_authority, read_target

REQUEST_LINE_BYTES = 8192
"""nginx's ``large_client_header_buffers``: a longer request line is answered with 414."""

CONNECT_AUTHORITY_SINCE = (1, 29, 3)
"""From this nginx on, CONNECT takes ``host:port`` and nothing else; both are refused with 405."""

_FIRST_HOST = re.compile(r" *([A-Za-z0-9._-]+)(?::[0-9]*)?(?:[, ]|$)")
"""Of X-Forwarded-Host: what a redirect may name."""
APP_ROOT = "app-root redirects"
"""Why a request for the root of a host is redirected before any route is asked."""
_TOO_MANY_STEPS = "a regex takes more steps than PCRE allows"
_NO_SUBJECT = "plain http has no client certificate whose subject could match"

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
    upstream_uri: bytes | None = None
    """The request target that the upstream gets; ``None`` where there is no upstream, or where it
    depends on more than the target."""
    why: str = ""
    """Why no route was asked at all, in words; empty otherwise."""
    alternatives: Alternatives = ()
    """Other upstreams that may get the request by chance, each with its odds (0 to 1)."""
    _matcher: PathMatcher | None = None
    unopened: str | None = None
    """The upstream of the stream block that gets the TLS as it comes; nginx sees no request."""

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The winner first, then the losers of its host, each with its reason."""
        return _candidates(self, self._matcher) if self._matcher else ()


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A request that nginx has read."""

    sent_host: bytes
    """The Host header as sent."""
    name: bytes
    """``$host``."""
    read: RequestTarget
    scheme: str
    """That of the connection."""
    client_scheme: str
    """That of the client, where a proxy in front is believed."""
    client_host: bytes
    """The host that a redirect to https names."""
    method: str = "GET"
    headers: Headers = ()


class Oracle:
    """Answers which route takes a request. Safe to share between threads."""

    def __init__(self, config: Config) -> None:
        self._settings = config.settings
        self._hosts = HostTable(config.hosts)
        self._any = next(host for host in config.hosts if host.name == ANY_HOST)
        self._matchers: dict[str, PathMatcher] = {}
        self._lean = Lean(self._hosts, self._any, config.settings, self._matcher)
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
        taken: Route | None = None,
    ) -> Match:
        """Return what becomes of a request.

        ``host`` is the Host header as sent, ``target`` the request target as sent (``/a%20b?c``
        or ``http://host/a``); text is encoded as UTF-8. On https the TLS name is taken to be
        the Host's. ``headers`` decide between a route and its canary. ``taken`` is a route that
        takes the request in place of the one of its host that would.
        """
        raw_host = host.encode("utf-8", "surrogateescape") if isinstance(host, str) else host
        raw = target.encode("utf-8", "surrogateescape") if isinstance(target, str) else target
        try:
            name, read = self._read(raw_host, raw, method)
        except BadTarget as error:
            return Match(error.status, None, None, None, why=error.why)
        twin = self._hosts.redirected(name)
        if twin is not None:
            return self._to_twin(twin, read, scheme)
        try:
            found = self._hosts.find(name)
        except TooManySteps:
            return Match(500, None, None, None, why=_TOO_MANY_STEPS)
        if found is None:
            if scheme == "https" and self._settings.default_certificate is None:
                return _refused(self._any, read.uri, "https is refused for this name")
            found = self._any
        elif scheme == "https" and not found.answers_https:
            passed = found.feature(Passthrough) if found.features else None
            if passed is not None and passed.upstream is not None:
                return _passed(found, read.uri, passed.upstream)
            return _refused(found, read.uri, "https is refused for this host")
        client = self._told(headers, name, scheme)
        told = ReadRequest(raw_host, name, read, scheme, *client, method, headers)
        return self._answer(told, found, taken)

    def plain(self, host: bytes, target: bytes, scheme: str, method: str) -> Plain | None:
        """Return where a plain request goes, fast; ``None``: `match` has to be asked."""
        return self._lean.find(host, target, scheme, method)

    def _matcher(self, host: Host) -> PathMatcher:
        matcher = self._matchers.get(host.name)
        return matcher or self._matchers.setdefault(host.name, path_matcher(host))

    def _told(self, headers: Headers, name: bytes, scheme: str) -> tuple[str, bytes]:
        """Return the client's scheme and host as the proxy in front tells them, if believed."""
        if not self._settings.policies.front.believed:
            return scheme, name
        told = {key.lower(): value for key, value in headers}
        first = _FIRST_HOST.match(told.get("x-forwarded-host", ""))
        host = first[1].encode("latin-1", "replace") if first else name
        return told.get("x-forwarded-proto") or scheme, host

    def _read(self, host: bytes, raw: bytes, method: str) -> tuple[bytes, RequestTarget]:
        """Refuse what nginx refuses, in its order: line, target, host, method."""
        version = self._settings.target
        check_line(raw, method)
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

    def _answer(self, asked: ReadRequest, host: Host, taken: Route | None) -> Match:
        matcher = self._matcher(host)
        uri = asked.read.uri
        certificates = host.feature(ClientCertificates) if host.features else None
        if certificates is not None and certificates.subject and asked.scheme == "http":
            return Match(403, None, None, None, host, uri, None, _NO_SUBJECT, (), matcher)
        root = host.feature(AppRoot) if host.features else None
        if root is not None and uri == b"/" and taken is None:
            location = f"{asked.scheme}://{_own_host(asked)}{root.path}"
            return Match(302, None, None, location, host, uri, why=APP_ROOT)
        try:
            route = taken or matcher.find(uri)
        except TooManySteps:
            return Match(500, None, None, None, host, uri, why=_TOO_MANY_STEPS)
        if route is None and uri == self._health and host is self._any:
            return Match(
                200, None, None, None, host, uri, None, "the health check answers", (), matcher
            )
        return self._outcome(route or host.default, asked, host, matcher)

    def _outcome(self, route: Route, asked: ReadRequest, host: Host, matcher: PathMatcher) -> Match:
        uri = asked.read.uri
        action = route.action
        named = route if route.origin.name else None
        cors = route.feature(Cors) if route.features else None
        if cors is not None and is_preflight(cors, asked.method, asked.headers):
            return Match(204, named, None, None, host, uri, None, "", (), matcher)
        if isinstance(action, Redirect):
            location = self._location(action, route, asked)
            return Match(action.status, named, None, location, host, uri, None, "", (), matcher)
        to_https = route.feature(HttpsRedirect) if route.features else None
        if to_https is not None and asked.client_scheme == "http":
            location = self._to_https(to_https, asked)
            return Match(to_https.status, route, None, location, host, uri, None, "", (), matcher)
        if asked.scheme == "http" and route.features and route.feature(HttpsOnly):
            return Match(403, named, None, None, host, uri, None, "", (), matcher)
        if isinstance(action, Proxy):
            redirect = redirected_to(route, asked.read)
            if redirect is not None:
                told = redirect.decode("latin-1") or None
                return Match(302, named, None, told, host, uri, None, "", (), matcher)
            sent = sent_upstream(route, asked.read)
            if sent == b"":
                why = "the rewrite leaves no path"
                return Match(500, named, None, None, host, uri, None, why, (), matcher)
            chosen, others = choose(route, action.upstream, asked.headers)
            return Match(None, route, chosen, None, host, uri, sent, "", others, matcher)
        errors = route.feature(CustomErrors) if route.features else None
        if errors is not None and action.status in errors.codes:
            sent = b"/?" + asked.read.args if asked.read.args else b"/"
            return Match(None, route, errors.upstream, None, host, uri, sent, "", (), matcher)
        return Match(action.status, named, None, None, host, uri, None, "", (), matcher)

    def _location(self, redirect: Redirect, route: Route, asked: ReadRequest) -> str:
        """Return the Location as nginx sends it: it completes one that begins with a slash."""
        tunings = {item.directive: item.args for item in route.features if isinstance(item, Tuning)}
        location = _expanded(redirect.location, asked)
        if not location.startswith("/") or "absolute_redirect" in tunings:
            return location
        https = asked.scheme == "https"
        port = self._settings.https_port if https else self._settings.http_port
        # Behind a stream server nginx knows a port of the loopback, and names none.
        named = "port_in_redirect" in tunings and self._settings.inner_ports is None
        shown = named and port != (443 if https else 80)
        host = asked.name.decode("latin-1")
        return f"{asked.scheme}://{host}{f':{port}' if shown else ''}{location}"

    def _to_https(self, redirect: HttpsRedirect, asked: ReadRequest) -> str:
        port = self._settings.https_port if redirect.with_port else self._settings.redirect_port
        authority = asked.client_host.decode("latin-1") + (f":{port}" if port else "")
        path = asked.read.sent.decode("latin-1")
        return f"https://{authority}{path if redirect.keep_slash else path.removesuffix('/')}"

    def _to_twin(self, host: Host, read: RequestTarget, scheme: str) -> Match:
        redirect = host.feature(WwwRedirect)
        if redirect is None or (scheme == "https" and not host.answers_https):
            return _refused(host, read.uri, "https is refused for this host")
        port = self._settings.https_port if scheme == "https" else self._settings.http_port
        path = read.sent.decode("latin-1").removesuffix("/")
        location = f"{scheme}://{host.name}:{port}{path}"
        return Match(
            redirect.status, None, None, location, host, read.uri, why="the twin redirects"
        )


def _expanded(text: Text, asked: ReadRequest) -> str:
    """Return what nginx makes of a redirect's location."""
    if text.constant is not None:
        return text.constant
    args = asked.read.args
    values = {
        "scheme": asked.scheme.encode(),
        "host": asked.name,
        "request_uri": asked.read.sent,
        "args": args,
        "query_string": args,
        "is_args": b"?" if args else b"",
    }
    parts = (part.encode() if isinstance(part, str) else values[part.name] for part in text.parts)
    return b"".join(parts).decode("latin-1")


def check_line(raw: bytes, method: str, most: int = REQUEST_LINE_BYTES) -> None:
    """Raise `BadTarget` for a request line that is too long, or whose method is none.

    nginx reads it byte by byte: what is wrong early counts before its length.
    """
    if not method or not _METHOD_CHARS.issuperset(method.encode("utf-8", "replace")):
        raise BadTarget(400, "the method is not in upper-case letters")
    if len(method) + len(raw) + len(" " + " HTTP/1.1" + "\r\n") > most:
        check_bytes(raw[: most - len(method) - len(" ")])
        raise BadTarget(414, "the request line is longer than nginx reads")


def _own_host(asked: ReadRequest) -> str:
    """Return the Host header where it names the host that was judged, else that host."""
    name, sent = re.escape(asked.name), asked.sent_host
    same = re.fullmatch(rb"%s\.?(?::[0-9]+)?" % name, sent, re.IGNORECASE)
    return (sent if same else asked.name).decode("latin-1")


def _refused(host: Host, uri: bytes, why: str) -> Match:
    return Match(None, None, None, None, host, uri, why=why)


def _passed(host: Host, uri: bytes, upstream: str) -> Match:
    why = "TLS of this host is passed on unopened"
    return Match(None, None, None, None, host, uri, why=why, unopened=upstream)


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
