"""What one feature adds to a configuration, and in which order it stands in a location."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingc.ir import Config, Host, Route, RouteFeature, Settings, Upstream
from ingc.ir.features.protocols import Protocol
from ingc.plan.layout import (
    Directive,
    EntryBlock,
    Literal,
    Location,
    Map,
    UpstreamBlock,
    Value,
    plain,
)
from ingc.plan.rooms import room_of
from ingc.syntax.digest import digest
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.naming import Words, written
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
    blocks: tuple[EntryBlock, ...] = ()
    """The same of blocks with entries."""
    maps: tuple[Map, ...] = ()
    """Of ``http``, each once."""
    upstreams: tuple[UpstreamBlock, ...] = ()
    """Each once."""
    locations: tuple[Location, ...] = ()
    """Beside the location, in the same server, each once."""


@dataclass(slots=True)
class InnerNames:
    """Names of one server's internal locations: after the Ingress, and a digest where one is taken.

    The authors of a host may be several, and an Ingress's routes may differ. A name is taken by
    an earlier route of the same Ingress alone, because an Ingress's name holds no slash.
    """

    guarded: bool = False
    """True where a client may have a say in a path that nginx goes on with, by a program of
    rewrites: a name has a digest then, which no client knows."""
    _by_content: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def name(self, stem: str, owner: str, *content: object) -> str:
        """Return the name behind a stem: one for equal contents, whoever has them first."""
        own = digest(*content)
        found = self._by_content.get((stem, own))
        if found is None:
            found = f"{stem}/{owner}" if owner else f"{stem}/{own}"
            if owner and (self.guarded or found in self._taken):
                found = f"{found}/{own}"
            self._taken.add(found)
            self._by_content[stem, own] = found
        return found


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
    names: InnerNames
    """Those of the host's server."""

    @property
    def settings(self) -> Settings:
        """The settings of the configuration."""
        return self.config.settings

    @property
    def room(self) -> int:
        """How long the name of a variable may be."""
        return room_of(self.settings)

    def subrequest_name(self, stem: str, *content: object) -> Literal:
        """Return the name of an internal location: the same for the same content.

        No path of a rule can be equal to it, nor a client's request: both lose doubled slashes.
        """
        return Literal("//ingc/" + self.names.name(stem, self._owner, *content))

    def page_name(self, stem: str, *content: object, of: str = "") -> Literal:
        """Return the name of a location that stands in for an answer; ``of``: a part of the
        Ingress.
        """
        owner = f"{self._owner}/{of}" if of and self._owner else self._owner
        return Literal("@ingc/" + self.names.name(stem, owner, *content))

    @property
    def _owner(self) -> str:
        return self.route.origin.ingress if self.route.origin.name else ""


Planners = Mapping[type[RouteFeature], Callable[[Any, RoutePlace], Iterable[Piece]]]
"""What a module of `ingc.plan.features.table` offers: a function for each type of feature."""


def named(stem: str, *content: object, words: Words = (None,), room: int = LONGEST_NAME) -> str:
    """Return a name for something that is the same wherever its content is the same.

    Of letters, digits and ``_``, so that it can be a variable's. ``words`` say the content to
    people, all of it; a digest stands for what they can't say, and for the last of them where the
    name would be longer than ``room``.
    """
    name = f"ingc_{stem}_{written(words, *content)}".removesuffix("_")
    fewer = len(words)
    while len(name) > room and fewer:
        fewer -= 1
        name = f"ingc_{stem}_{written((*words[:fewer], None), *content)}"
    return name


def word_of(variable: Value, stem: str = "") -> str | None:
    """Return what `named` put behind a stem, as the last word of another name; ``None``: nothing.

    Without a stem all of the name counts.
    """
    before = f"ingc_{stem}_" if stem else "ingc_"
    if not isinstance(variable, Variable) or not variable.name.startswith(before):
        return None
    return variable.name.removeprefix(before)


DOLLAR_MAP = Map(None, DOLLAR, (("default", Literal("$")),), "geo")
"""Defines the variable that holds a dollar sign; ``geo`` expands nothing in its values."""


def maps_of(value: Value) -> tuple[Map, ...]:
    """Return what has to be defined for a value to be written."""
    return (DOLLAR_MAP,) if isinstance(value, Text) and DOLLAR in value.parts else ()


def map_of(
    stem: str,
    source: Value,
    *entries: tuple[Value, Value],
    words: Words = (None,),
    room: int = LONGEST_NAME,
    flags: tuple[str, ...] = (),
) -> tuple[Variable, Map]:
    """Return a map and its variable, named after its content; see `named`.

    ``flags`` is what else the keys decide.
    """
    content = (plain(source), *[(plain(key), plain(value)) for key, value in entries])
    variable = Variable(named(stem, *content, words=words, room=room))
    return variable, Map(source, variable, entries, flags=flags)
