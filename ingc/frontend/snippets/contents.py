"""What a snippet requests, as it is read directive by directive."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ingc.diagnostics import Entry
from ingc.frontend.snippets.parsed import TextSpot
from ingc.frontend.snippets.values import SnippetNames
from ingc.ir.features.card import Argument
from ingc.ir.features.snippets import AddedHeader, ErrorPage, Step
from ingc.ir.policies import VariableMap
from ingc.syntax.text import Text


class SnippetPlace(Enum):
    """Where ingress-nginx pastes a snippet, or what a snippet opens inside."""

    LOCATION = "location"
    SERVER = "server"
    IN_SERVER = "location in a server-snippet"
    AUTH = "auth"
    HTTP = "http"
    MAIN = "main"
    STREAM = "stream"
    PORTS = "the ports of stream"
    """What the operator's stream-snippet requests of each port of TCP and UDP."""


@dataclass(slots=True)
class SnippetContents:
    """What the directives of one block request."""

    place: SnippetPlace
    names: SnippetNames
    modules: frozenset[str]
    """Those beyond stock that nginx has."""
    steps: list[Step] = field(default_factory=list)
    added: list[AddedHeader] = field(default_factory=list)
    replaced: dict[str, tuple[str, Text]] = field(default_factory=dict)
    """By the lower-case name."""
    cleared: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    request_headers: dict[str, tuple[str, Text]] = field(default_factory=dict)
    rules: list[tuple[str, str]] = field(default_factory=list)
    """``allow`` or ``deny``, and whom."""
    satisfy: str = ""
    auth_basic_off: bool = False
    relative: bool = False
    """Whether a redirect to a path stays one, as ``absolute_redirect off`` has it."""
    pages: list[ErrorPage] = field(default_factory=list)
    tunings: dict[str, tuple[Argument, ...]] = field(default_factory=dict)
    locations: list[SnippetLocation] = field(default_factory=list)
    maps: list[VariableMap] = field(default_factory=list)
    findings: list[tuple[Entry, TextSpot]] = field(default_factory=list)

    @property
    def requests_nothing(self) -> bool:
        """Whether no directive of the block has an effect."""
        return not any(
            (
                *(self.steps, self.added, self.replaced, self.cleared, self.hidden, self.rules),
                *(self.request_headers, self.satisfy, self.auth_basic_off, self.tunings),
                *(self.locations, self.maps, self.pages),
            )
        )


@dataclass(frozen=True, slots=True)
class SnippetLocation:
    """A ``location`` of a server-snippet."""

    modifier: str
    """``""``, ``=``, ``^~``, ``~`` or ``~*``."""
    name: str
    contents: SnippetContents
    place: TextSpot
