"""What the locations of a configuration hold, and what they need elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.ir import Config, Host, Proxy, Redirect, Route, Upstream
from ingc.ir.features import Tuning
from ingc.plan.features import pieces_of
from ingc.plan.frame import (
    ROUTE,
    directive,
    hidden_headers,
    request_headers,
    response_headers,
    wants_route,
)
from ingc.plan.layout import Directive, Location, Map, UpstreamBlock, Value
from ingc.plan.passing import passed
from ingc.plan.pieces import Phase, Piece, Place
from ingc.plan.redirects import whole_redirect


@dataclass(slots=True)
class Contents:
    """Makes the contents of locations, and gathers what they need in ``http``, each thing once."""

    config: Config
    http: dict[Directive, None] = field(default_factory=dict)
    maps: dict[Map, None] = field(default_factory=dict)
    blocks: dict[UpstreamBlock, None] = field(default_factory=dict)
    upstreams: dict[str, Upstream] = field(init=False)

    def __post_init__(self) -> None:
        """Index the upstreams."""
        self.upstreams = {upstream.name: upstream for upstream in self.config.upstreams}

    def site(self, host: Host) -> Site:
        """Return what makes the contents of a host's locations."""
        return Site(self, host, whole_redirect(host, self.config.settings) is not None)

    def place(self, host: Host, route: Route, *, http_apart: bool) -> Place:
        """Return where a route's features are planned."""
        return Place(self.config, host, route, self.upstreams, http_apart)

    def need(self, pieces: Iterable[Piece]) -> None:
        """Note what pieces add outside of their server."""
        for piece in pieces:
            self.http.update(dict.fromkeys(piece.http))
            self.maps.update(dict.fromkeys(piece.maps))
            self.blocks.update(dict.fromkeys(piece.upstreams))


@dataclass(slots=True)
class Site:
    """Makes the contents of one host's locations, and gathers what they need beside them."""

    contents: Contents
    host: Host
    http_apart: bool
    _beside: dict[str, Location] = field(default_factory=dict)

    @property
    def beside(self) -> tuple[Location, ...]:
        """Internal locations that those of the routes refer to."""
        return tuple(self._beside.values())

    def of(self, route: Route) -> tuple[Directive, ...]:
        """Return the directives that do what a route asks for."""
        place = self.contents.place(self.host, route, http_apart=self.http_apart)
        first = self._name(route)
        answer = _answer(place)
        if not route.features:
            return (*first, *answer.directives)
        pieces = sorted((*pieces_of(place), answer), key=lambda piece: piece.phase)
        self.contents.need(pieces)
        for piece in pieces:
            for location in piece.locations:
                self._beside.setdefault(location.name, location)
        return (*first, *_assemble(pieces, self.contents.config))

    def _name(self, route: Route) -> tuple[Directive, ...]:
        if not wants_route(self.contents.config.settings) or not route.origin.name:
            return ()
        return (directive("set", ROUTE, str(route.origin)),)


def _answer(place: Place) -> Piece:
    action = place.route.action
    if isinstance(action, Proxy):
        return passed(action, place)
    if not isinstance(action, Redirect):
        return Piece(Phase.PASS, (directive("return", action.status),))
    answer = directive("return", action.status, action.location)
    # nginx completes such a target, with its own port unless told otherwise.
    partial = action.location.startswith("/") and not _names_port(place.route)
    before = (directive("port_in_redirect", "off"),) if partial else ()
    return Piece(Phase.REDIRECT, (*before, answer))


def _names_port(route: Route) -> bool:
    tunings = (item for item in route.features if isinstance(item, Tuning))
    return any(item.directive == "port_in_redirect" for item in tunings)


def _assemble(pieces: Iterable[Piece], config: Config) -> Iterable[Directive]:
    """Yield the directives of a location.

    nginx inherits headers from ``http`` only where the location has none of the same directive,
    so with one of its own it repeats all.
    """
    sent: list[tuple[str, Value]] = []
    told: list[tuple[str, Value]] = []
    hidden: list[str] = []
    last: list[Directive] = []
    for piece in pieces:
        told.extend(piece.request_headers)
        sent.extend(piece.response_headers)
        hidden.extend(piece.hidden)
        if piece.phase is Phase.PASS:
            last.extend(piece.directives)
        else:
            yield from piece.directives
    if told:
        merged = {name.lower(): (name, value) for name, value in _told_by_default(config)}
        merged.update({name.lower(): (name, value) for name, value in told})
        for name, value in merged.values():
            yield directive("proxy_set_header", name, value)
    base = response_headers(config)
    if hidden:
        for name in dict.fromkeys([*hidden_headers(config), *hidden]):
            yield directive("proxy_hide_header", name)
    if sent:
        own = {name.lower() for name, _ in sent}
        kept = [item for item in base if item[0].lower() not in own]
        for name, value in (*kept, *sent):
            yield directive("add_header", name, value, "always")
    yield from last


def _told_by_default(config: Config) -> Iterable[tuple[str, Value]]:
    return request_headers(config.settings).items()
