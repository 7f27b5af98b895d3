"""What one feature adds to a configuration, and in which order it stands in a location."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingc.ir import Config, Host, Route, RouteFeature, Settings, Upstream
from ingc.ir.features.protocols import Protocol
from ingc.plan.layout import Directive, Literal, Location, Map, UpstreamBlock, Value, plain
from ingc.syntax.digest import digest
from ingc.syntax.text import DOLLAR, Text, Variable


class Phase(enum.IntEnum):
    """The order of the directives in a location.

    nginx runs those of its rewrite module (``set``, ``if``, ``return``, ``rewrite``) in the order
    of the text; that order is ingress-nginx's. The others stand where people look for them.
    """

    NAME = 0
    """Which route this is."""
    PREFLIGHT = 1
    """Answers that come before every redirect."""
    SNIPPET = 2
    REDIRECT = 3
    TO_HTTPS = 4
    STOPPING_SNIPPET = 5
    """A snippet that ends what the rewrite module does, or sends the request on elsewhere."""
    REWRITE = 6
    LIMIT = 7
    ACCESS = 8
    TUNING = 9
    PASS = 10


class Piece(NamedTuple):
    """What a feature adds. A tuple, because it is made often and quickly so."""

    phase: Phase = Phase.TUNING
    directives: tuple[Directive, ...] = ()
    """Of the location."""
    set_headers: tuple[tuple[str, Value], ...] = ()
    """Sent to the backend, each in place of the default of that name; known when the location is
    chosen. Costs one ``set``."""
    request_headers: tuple[tuple[str, Value], ...] = ()
    """The same for values that come later, such as an auth service's answer. The location repeats
    the whole list then."""
    response_headers: tuple[tuple[str, Value], ...] = ()
    """Added to every answer of the location, whatever its status."""
    success_headers: tuple[tuple[str, Value], ...] = ()
    """Added to answers that are a success or a redirect."""
    hidden: tuple[str, ...] = ()
    """Headers of the backend's answer that are not passed on."""
    http: tuple[Directive, ...] = ()
    """Of ``http``, each once however many locations need it."""
    maps: tuple[Map, ...] = ()
    """Of ``http``, each once."""
    upstreams: tuple[UpstreamBlock, ...] = ()
    """Each once."""
    locations: tuple[Location, ...] = ()
    """Beside the location, in the same server, each once."""


@dataclass(frozen=True, slots=True)
class RoutePlace:
    """Where a feature is planned."""

    config: Config
    host: Host
    route: Route
    upstreams: Mapping[str, Upstream]
    http_apart: bool
    """True where plain http of the host has a server of its own."""
    passed: dict[tuple[str, Protocol], tuple[Piece, ...]]
    """What passes requests on to an upstream in a protocol, as far as planned already."""

    @property
    def settings(self) -> Settings:
        """The settings of the configuration."""
        return self.config.settings


Planners = Mapping[type[RouteFeature], Callable[[Any, RoutePlace], Iterable[Piece]]]
"""What a module of `ingc.plan.features.table` offers: a function for each type of feature."""


def named(stem: str, *content: object) -> str:
    """Return a name for something that is the same wherever its content is the same.

    Of letters, digits and ``_``, so that it can be a variable's.
    """
    return f"ingc_{stem}_{digest(*content)}"


DOLLAR_MAP = Map(None, DOLLAR, (("default", Literal("$")),), "geo")
"""Defines the variable that holds a dollar sign; ``geo`` expands nothing in its values."""


def maps_of(value: Value) -> tuple[Map, ...]:
    """Return what has to be defined for a value to be written."""
    return (DOLLAR_MAP,) if isinstance(value, Text) and DOLLAR in value.parts else ()


def map_of(stem: str, source: Value, *entries: tuple[Value, Value]) -> tuple[Variable, Map]:
    """Return a map and its variable, named after its content."""
    content = (plain(source), *[(plain(key), plain(value)) for key, value in entries])
    variable = Variable(named(stem, *content))
    return variable, Map(source, variable, entries)
