"""What the locations of a configuration hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from ingc.ir import Config, Host, Proxy, Redirect, Route, Settings, Upstream
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.protocols import Protocol
from ingc.ir.features.snippets import (
    ErrorPages,
    LocationProgram,
    ServerProgram,
    always_answers,
    goes_elsewhere,
)
from ingc.ir.features.tuning import Tuning
from ingc.plan.answering import acting, answers_itself
from ingc.plan.error_lists import share_lists
from ingc.plan.features.client_certs import host_pieces
from ingc.plan.features.table import Planned, pieces_of
from ingc.plan.frame.http import (
    ROUTE,
    header_variable,
    hidden_headers,
    request_headers,
    response_headers,
    wants_route,
)
from ingc.plan.language import Language, language_of, spoken
from ingc.plan.layout import Directive, Location, Value, directive
from ingc.plan.passing import passed
from ingc.plan.pieces import InnerNames, Phase, Piece, RoutePlace


@dataclass(slots=True)
class Contents:
    """Makes the contents of locations, with what all of them share."""

    config: Config
    upstreams: Mapping[str, Upstream]
    usual: dict[str, tuple[str, Value]]
    """The headers that every backend gets, by the lower-case name."""
    sent: tuple[tuple[str, Value], ...]
    """The headers that every answer gets."""
    hidden: tuple[str, ...]
    """The headers of backends' answers that no location passes on."""
    planned: Planned = field(default_factory=dict)
    """What features add that are planned already."""
    passed: dict[tuple[str, Protocol], tuple[Piece, ...]] = field(default_factory=dict)
    """What passes requests on, by upstream and protocol."""
    _acting: dict[int, tuple[Piece, Piece]] = field(default_factory=dict)
    """Pieces with what of them acts where nginx answers itself, by their identity."""
    _listed: dict[tuple[int, ...], tuple[list[Piece], tuple[Directive, ...]]] = field(
        default_factory=dict
    )
    """The lists of headers that pieces together make, by the identities of the pieces."""

    @classmethod
    def of(cls, config: Config) -> Contents:
        """Look up what all locations of a configuration share."""
        usual = request_headers(config.settings)
        return cls(
            config,
            {upstream.name: upstream for upstream in config.upstreams},
            {name.lower(): (name, value) for name, value in usual.items()},
            response_headers(config),
            hidden_headers(config),
        )

    def of_next(self, config: Config, upstreams: Mapping[str, Upstream]) -> Contents:
        """Return what the locations of another configuration share: the same, but for upstreams.

        It has the same settings, and serves https if this one does.
        """
        return Contents(config, upstreams, self.usual, self.sent, self.hidden)

    def acting(self, piece: Piece) -> Piece:
        """Return what of a piece acts where nginx answers itself; of one piece always the same."""
        known = self._acting.get(id(piece))
        if known is None:
            known = self._acting[id(piece)] = (piece, acting(piece))
        return known[1]

    def header_lists(self, pieces: Sequence[Piece], language: Language) -> tuple[Directive, ...]:
        """Return the lists of headers of a location; of the same pieces the same objects."""
        adding = [
            piece
            for piece in pieces
            if piece.response_headers
            or piece.hidden
            or piece.success_headers
            or piece.request_headers
            or piece.set_headers
        ]
        params = language == "fastcgi" and any(
            item.name == "fastcgi_param" for piece in pieces for item in piece.directives
        )
        if not adding and not params:
            return ()
        key = (params, *map(id, adding))
        known = self._listed.get(key)
        if known is None:
            made = tuple(_header_lists(adding, self, params=params))
            known = self._listed[key] = (adding, made)
        return known[1]


@dataclass(slots=True)
class Site:
    """Makes the contents of one host's locations, and gathers what they need elsewhere."""

    contents: Contents
    host: Host
    http_apart: bool
    """True where plain http of the host has a server of its own."""
    names: InnerNames = field(init=False)
    _beside: dict[str, Location] = field(default_factory=dict)
    _needing: dict[int, Piece] = field(default_factory=dict)
    """By their identity."""

    def __post_init__(self) -> None:
        """Begin with no names."""
        self.names = InnerNames(guarded=_leads_on(self.host))

    @property
    def beside(self) -> tuple[Location, ...]:
        """Internal locations that those of the routes refer to."""
        return share_lists(tuple(self._beside.values()), self.names)

    @property
    def needing(self) -> tuple[Piece, ...]:
        """The pieces that need something in ``http``, in the order in which they were met."""
        return tuple(self._needing.values())

    def need(self, pieces: Iterable[Piece]) -> None:
        """Note what pieces need outside of their server."""
        for piece in pieces:
            if piece.maps or piece.http or piece.blocks or piece.upstreams or piece.set_headers:
                self._needing.setdefault(id(piece), piece)

    def of(self, route: Route) -> tuple[Directive, ...]:
        """Return the directives that do what a route requests."""
        place = self._place(route)
        first = self._name(route)
        answer = _answer(place)
        if not route.features and not self.host.features:
            return (*first, *(item for piece in answer for item in piece.directives))
        found: Iterable[Piece] = pieces_of(place, self.contents.planned)
        if answers_itself(route):
            found = map(self.contents.acting, found)
        pieces = sorted((*host_pieces(place), *found, *answer), key=attrgetter("phase"))
        self.need(pieces)
        for piece in pieces:
            for location in piece.locations:
                self._beside.setdefault(location.name, location)
        language = language_of(route, self.contents.config.settings)
        return (*first, *spoken(_assemble(pieces, self.contents, language), language))

    def _place(self, route: Route) -> RoutePlace:
        shared = self.contents
        return RoutePlace(
            shared.config,
            self.host,
            route,
            shared.upstreams,
            self.http_apart,
            shared.passed,
            self.names,
        )

    def _name(self, route: Route) -> tuple[Directive, ...]:
        settings = self.contents.config.settings
        if not wants_route(settings) or not route.origin.name or is_silent(route, settings):
            return ()
        return (directive("set", ROUTE, str(route.origin)),)


def _leads_on(host: Host) -> bool:
    """Return whether a request may get another path in the host's server, but from us."""
    if host.features:
        program = host.feature(ServerProgram)
        certificates = host.feature(ClientCertificates)
        if certificates is not None and certificates.error_page.startswith("//"):
            return True
        if program is not None and goes_elsewhere(program.steps):
            return True
    return any(
        isinstance(item, LocationProgram) and goes_elsewhere(item.steps)
        for route in (*host.routes, host.default)
        for item in route.features
    )


_LOGGED_ELSEWHERE = (CustomErrors, ErrorPages, ExternalAuth, LocationProgram)
"""Features that may send a request on to another location, which writes the log then."""


def is_silent(route: Route, settings: Settings) -> bool:
    """Return whether nobody learns which route took a request: no log, no header."""
    if not route.features or settings.echo or settings.debug_header:
        return False
    off = any(
        isinstance(item, Tuning) and item.directive == "access_log" for item in route.features
    )
    return off and not any(isinstance(item, _LOGGED_ELSEWHERE) for item in route.features)


def _answer(place: RoutePlace) -> tuple[Piece, ...]:
    action = place.route.action
    if isinstance(action, Proxy):
        return passed(action, place)
    if not isinstance(action, Redirect):
        program = place.route.feature(LocationProgram)
        if program is not None and always_answers(program.steps):
            return ()
        return (Piece(Phase.PASS, (directive("return", action.status),)),)
    whole = action.location.constant
    answer = directive("return", action.status, action.location if whole is None else whole)
    # nginx completes such a target, with its own port by default.
    partial = str(action.location).startswith("/") and not _names_port(place.route)
    before = (directive("port_in_redirect", "off"),) if partial else ()
    return (Piece(Phase.REDIRECT, (*before, answer)),)


def _names_port(route: Route) -> bool:
    tunings = (item for item in route.features if isinstance(item, Tuning))
    return any(item.directive == "port_in_redirect" for item in tunings)


def _assemble(pieces: Sequence[Piece], contents: Contents, language: Language) -> list[Directive]:
    """Return the directives of a location."""
    first: list[Directive] = []
    found: list[Directive] = []
    last: list[Directive] = []
    for piece in pieces:
        for name, value in piece.set_headers:
            first.append(directive("set", header_variable(name), value))
        (last if piece.phase is Phase.PASS else found).extend(piece.directives)
    return [*first, *found, *contents.header_lists(pieces, language), *last]


def _header_lists(
    pieces: Iterable[Piece], contents: Contents, *, params: bool
) -> Iterator[Directive]:
    """Yield the lists of headers of a location; ``pieces`` are those that add to them.

    nginx inherits headers from ``http`` only where the location has none of the same directive,
    so with one of its own it repeats all. To FastCGI they are params, so with ``params`` of its
    own too.
    """
    preset: list[tuple[str, Value]] = []
    sent: list[tuple[str, Value]] = []
    replaced: list[tuple[str, Value]] = []
    sent_on_success: list[tuple[str, Value]] = []
    hidden: list[str] = []
    for piece in pieces:
        preset.extend(piece.set_headers)
        replaced.extend(piece.request_headers)
        sent.extend(piece.response_headers)
        sent_on_success.extend(piece.success_headers)
        hidden.extend(piece.hidden)
    if replaced or params:
        merged = dict(contents.usual)
        merged.update({name.lower(): (name, header_variable(name)) for name, _ in preset})
        merged.update({name.lower(): (name, value) for name, value in replaced})
        for name, value in merged.values():
            yield directive("proxy_set_header", name, value)
    if hidden:
        for name in dict.fromkeys([*contents.hidden, *hidden]):
            yield directive("proxy_hide_header", name)
    if sent or sent_on_success:
        own = {name.lower() for name, _ in sent}
        kept = [item for item in contents.sent if item[0].lower() not in own]
        yield from (directive("add_header", *item, "always") for item in (*kept, *sent))
        yield from (directive("add_header", *item) for item in sent_on_success)
