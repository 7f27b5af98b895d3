"""What is known of a migration: facts alone, in the order in which they are reported."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from ingc.departures import SampleRequest
from ingc.diagnostics import Origin
from ingc.migrate.flag_table import Becomes
from ingc.migrate.weighing import Topic, Weight


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the input."""

    object: str
    """``namespace/name`` of an Ingress, else the kind before it; empty where none is known."""
    file: str
    """Empty for objects that came without a file."""
    line: int
    """From 1; 0 where it is not known."""

    def __str__(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}" if self.line else self.file


def spot_of(origin: Origin) -> Spot:
    """Return a place, looked up now."""
    ref, span = origin.object, origin.span
    name = "" if ref is None else str(ref)
    if ref is not None and ref.kind == "Ingress":
        name = f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
    file = origin.source.file if origin.source else ""
    return Spot(name, file, span.line if span else 0)


_LONGEST_VALUE = 200
_SECRET = re.compile(r"(?i)licen[sc]e-?key|ticket-key|password|token")


def shown_value(name: str, value: str) -> str:
    """Return a setting's value as it may stand in a report that goes from hand to hand."""
    if _SECRET.search(name):
        return "<hidden>"
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


class Fate(enum.Enum):
    """What becomes of an Ingress. The values are those of the report as JSON."""

    SAME = "same"
    """It compiles as it is, and nothing is known that would be answered otherwise."""
    DIFFERS = "differs"
    """It compiles as it is, and some requests are answered otherwise."""
    DECISION = "decision"
    """It compiles, and behaves as before when somebody has decided something."""
    REFUSED = "refused"
    """It does not compile as it is."""
    UNREADABLE = "unreadable"
    """It is no valid object, so nothing is known of what it asks for."""


@dataclass(frozen=True, slots=True)
class MigratedIngress:
    """An Ingress, and what becomes of it."""

    name: str
    """``namespace/name``, as far as it has them."""
    namespace: str
    spot: Spot
    fate: Fate
    hosts: tuple[str, ...]
    departures: tuple[str, ...]
    """The kinds of departure that it meets."""
    codes: tuple[str, ...]
    """The codes of what was found of it and weighs something."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A request that is answered otherwise than by ingress-nginx."""

    spot: Spot
    request: SampleRequest
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class DepartureGroup:
    """A kind of departure, and where the input meets it."""

    kind: str
    """A heading of docs/coming-from-ingress-nginx.md, "Departures"."""
    why: str
    ingresses: int
    """How many Ingresses meet it."""
    general: bool
    """True for one that concerns all manifests alike, and makes no Ingress different."""
    showings: tuple[Showing, ...]


@dataclass(frozen=True, slots=True)
class ConcernSpot:
    """A place that a concern is met at."""

    spot: Spot
    message: str
    change: str
    """What to change here; may be empty."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to decide or to know: one cause, and all places of it."""

    topic: Topic
    weight: Weight
    code: str
    """The code of the finding, for ``ingc explain-code``; empty for what is no finding."""
    title: str
    reason: str
    """A sentence or two; may be empty."""
    change: str
    """What to do, in the imperative; empty where the places have their own."""
    ingresses: int
    """How many Ingresses it concerns."""
    spots: tuple[ConcernSpot, ...]


@dataclass(frozen=True, slots=True)
class CarriedSetting:
    """A key, a flag or a Helm value, and what becomes of it."""

    name: str
    """As it is written: ``--election-id``, ``controller.metrics.enabled``, ``use-gzip``."""
    value: str
    becomes: Becomes
    instead: str
    """What it is here: options, or a directive; may be empty."""
    why: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class SettingsTable:
    """The settings of one ConfigMap, Deployment or file of Helm values."""

    name: str
    spot: Spot
    settings: tuple[CarriedSetting, ...]


@dataclass(frozen=True, slots=True)
class ChosenOption:
    """An option of the command line to use, and why."""

    name: str
    """Without dashes."""
    values: tuple[str, ...]
    """``("true",)`` for a switch."""
    why: str
    switch: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, or that the input lacks."""

    spot: Spot
    message: str
    change: str


@dataclass(frozen=True, slots=True)
class NamespaceCount:
    """The Ingresses of one namespace."""

    namespace: str
    total: int
    same: int
    differs: int
    decision: int
    """With those that do not compile as they are."""
    unreadable: int


@dataclass(frozen=True, slots=True)
class Migration:
    """A whole report."""

    inputs: tuple[str, ...]
    target: str
    """The version of nginx that was compiled for."""
    ingresses: tuple[MigratedIngress, ...]
    """By namespace and name; those of other controllers are left out."""
    passed_over: tuple[str, ...]
    """The Ingresses that are not ours: each class or option, with a number."""
    namespaces: tuple[NamespaceCount, ...]
    departures: tuple[DepartureGroup, ...]
    concerns: tuple[Concern, ...]
    """The heaviest first, by topic."""
    config_maps: tuple[SettingsTable, ...]
    controllers: tuple[SettingsTable, ...]
    """The first is the one that the options are taken from."""
    gaps: tuple[Gap, ...]
    options: tuple[ChosenOption, ...]
    command: str
    """The command line that compiles as the report says, for a shell."""
    config_file: str
    """The same as ``ingc.toml``."""

    def count(self, *fates: Fate) -> int:
        """Return how many Ingresses have one of some fates."""
        return sum(item.fate in fates for item in self.ingresses)

    @property
    def refused(self) -> bool:
        """Whether the command line fails as long as nothing is changed."""
        undecided = any(item.becomes is Becomes.DECISION for item in self._keys)
        return undecided or any(item.weight is Weight.REFUSED for item in self.concerns)

    @property
    def lost_keys(self) -> int:
        """How many keys of ConfigMaps are not what they were; that concerns all Ingresses."""
        kept = (Becomes.KEPT, Becomes.NO_EFFECT, Becomes.NOT_NEEDED, Becomes.UNKNOWN)
        return sum(item.becomes not in kept for item in self._keys)

    @property
    def unchanged(self) -> bool:
        """Whether all Ingresses keep their behaviour, and all of the input could be read."""
        decided = all(item.weight in (Weight.DIFFERS, Weight.KEPT) for item in self.concerns)
        same = self.count(Fate.SAME) == len(self.ingresses)
        return same and decided and not self.lost_keys and not self.gaps

    @property
    def _keys(self) -> tuple[CarriedSetting, ...]:
        return tuple(item for table in self.config_maps for item in table.settings)
