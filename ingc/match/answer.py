"""The oracle's answer: the route that takes a request, with the losers and their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingc.ir import BoundedRegex, Exact, Host, Prefix, Regex, Route
from ingc.ir.features.card import HostFeature, RouteFeature
from ingc.ir.policies import Blocked
from ingc.match.canary import Alternatives
from ingc.match.trie import PathMatcher


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route that could have taken a request, and what came of it."""

    route: Route
    wins: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ClientRefusal:
    """What keeps a client out."""

    by: RouteFeature | HostFeature | Blocked
    status: int
    """nginx's answer, where no error page takes over."""
    why: str
    location: str | None = None
    """Where the client is sent instead."""
    page: str = ""
    """The path of the same host with which the request goes on instead; what comes of it there is
    not foretold."""


@dataclass(frozen=True)
class Match:
    """The oracle's answer."""

    status: int | None
    """What nginx answers itself; ``None`` where the upstream answers."""
    route: Route | None
    """The route that takes the request, also where its answer is 503, a redirect comes first, or
    the client is refused."""
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
    """Why no route was tried at all, or why the client is refused, in words; empty otherwise."""
    alternatives: Alternatives = ()
    """Other upstreams that may get the request by chance, each with its odds (0 to 1)."""
    _matcher: PathMatcher | None = None
    unopened: str | None = None
    """The upstream of the stream block that gets the TLS as it comes; nginx sees no request."""
    unread: bool = False
    """True where TLS comes to nothing before a request line or a Host that can't be read."""
    refusal: ClientRefusal | None = None
    """What keeps the client out; ``None`` where nothing does. An error page may answer: then there
    is an `upstream`, a `redirect` or a `page`."""

    text: bytes | None = None
    """The body of nginx's own answer, where a snippet writes it; ``None`` elsewhere."""
    sign_in: str | None = None
    """Where a 401 redirects to, of a route with a sign-in page; ``None`` also where it is not
    foretold."""

    @property
    def refused_by(self) -> RouteFeature | HostFeature | Blocked | None:
        """What keeps the client out; ``None`` where nothing does."""
        return self.refusal.by if self.refusal is not None else None

    @property
    def page(self) -> str:
        """A path of the same host that a refused request goes on with, in place of `status`."""
        return self.refusal.page if self.refusal is not None else ""

    @property
    def sees_no_request(self) -> bool:
        """True where the TLS handshake is refused, or TLS is passed on unopened."""
        return self.status is None and self.upstream is None

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The winner first, then the losers of its host, each with its reason."""
        return _candidates(self, self._matcher) if self._matcher else ()


def _candidates(match: Match, matcher: PathMatcher) -> tuple[Candidate, ...]:
    winner = match.route
    won: list[Candidate] = []
    lost: list[Candidate] = []
    for route, takes in matcher.walk(match.uri):
        if route is winner:
            won.append(Candidate(route, wins=True, reason=_why_won(route, match.host)))
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


def _why_won(route: Route, host: Host | None) -> str:
    match route.match:
        case Exact():
            return "equals the path"
        case Prefix():
            in_order = host is not None and host.regex
            return (
                "the first path that takes it"
                if in_order
                else "the longest prefix, by path elements"
            )
        case BoundedRegex(_, below):
            return f"the first that matches, with {below or '/'} as its first elements"
        case _:
            return "the first regex that matches"


def _why_beaten(route: Route, winner: Route | None) -> str:
    match route.match, winner.match if winner else None:
        case Prefix(), Exact():
            return "an Exact path that equals the request beats every Prefix"
        case Prefix(), Prefix():
            return "a longer prefix matches"
        case _, Exact():
            return "an Exact path that equals the request comes first"
        case _, Regex():
            return "an earlier regex matches"
        case _:
            return "an earlier path takes it"


def _why_missed(route: Route, uri: bytes) -> str:
    if isinstance(route.match, Exact):
        path = route.match.path.encode()
        if path.rstrip(b"/") == uri.rstrip(b"/"):
            return "Exact: a trailing slash counts"
        return "Exact: the request goes on below it"
    if isinstance(route.match, BoundedRegex):
        return f"the regex does not match, or the request is not below {route.match.below or '/'}"
    return "the regex does not match"
