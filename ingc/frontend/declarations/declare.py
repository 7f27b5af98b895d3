"""What an annotation's declaration says; everything else about it is read from here."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ingc.diagnostics import Entry, Origin, Sink
from ingc.frontend.declarations.grammar import Grammar
from ingc.frontend.wishes import (
    Ask,
)
from ingc.ir.features.card import Argument
from ingc.options import Options
from ingc.target import OLDEST, Version

T = TypeVar("T")

Defaults = Mapping[str, Any]
"""What a ConfigMap says of annotations that an Ingress does not have, by their names."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the annotations of one Ingress say."""

    namespace: str
    ingress: str
    options: Options
    sink: Sink
    origins: Mapping[str, Origin]
    """Where each annotation stands, by its own name."""
    read: Mapping[str, Any]
    """The values, by the annotation's own name; wrong ones are left out."""
    defaults: Defaults
    wrong: frozenset[str] = frozenset()
    """The annotations that have a value, and not one that they can have."""

    def get(self, annotation: Annotation[T]) -> T | None:
        """Return an annotation's value, else the ConfigMap's, else ``None``."""
        found: T | None = self.read.get(annotation.name)
        return self.defaults.get(annotation.name) if found is None else found

    def own(self, annotation: Annotation[T]) -> T | None:
        """Return an annotation's value, whatever the ConfigMap says."""
        return self.read.get(annotation.name)

    def given(self, annotation: Annotation[Any]) -> bool:
        """Tell whether the Ingress has an annotation, also with a wrong or empty value."""
        return annotation.name in self.origins

    def place(self, annotation: Annotation[Any]) -> Origin:
        """Return where an annotation stands; one that is not there has an empty place."""
        return self.origins.get(annotation.name) or Origin()

    def report(self, entry: Entry, annotation: Annotation[Any]) -> None:
        """Report a finding about an annotation's value."""
        self.sink.report(entry, self.place(annotation))


class Scope(enum.Enum):
    """What an annotation's value holds for."""

    LOCATION = "location"
    """The paths of its Ingress."""
    HOST = "host"
    """Every path of the hosts that its Ingress names; of several values the first wins."""
    UPSTREAM = "upstream"
    """The Services of its Ingress; of several values the first wins."""


class Risk(enum.Enum):
    """ingress-nginx's grading of what an annotation's author may do with it."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


class Support(enum.Enum):
    """Whether an annotation is acted on."""

    SUPPORTED = "supported"
    NOT_YET = "not yet"
    NEEDS_MODULE = "needs module"
    REFUSED = "refused"
    OBSOLETE = "obsolete"
    MEANINGLESS = "no meaning here"


@dataclass(frozen=True, slots=True)
class Declared:
    """What every declaration has, supported or not."""

    name: str
    """Without the prefix."""
    doc: str
    """One line for people: what it does, or why it is not supported."""
    aliases: tuple[str, ...] = field(default=(), kw_only=True)
    """Older names; the name itself wins where both are given."""
    risk: Risk = field(default=Risk.LOW, kw_only=True)


@dataclass(frozen=True, slots=True)
class Annotation(Declared, Generic[T]):
    """A supported annotation."""

    grammar: Grammar[T]
    scope: Scope = field(default=Scope.LOCATION, kw_only=True)
    default: str = field(default="", kw_only=True)
    """What holds without it, in its own grammar; shown, and checked to parse."""
    sets: str = field(default="", kw_only=True)
    """The nginx directive that gets the value, where that is all: the family's code need not
    mention the annotation."""
    rejects: bool = field(default=False, kw_only=True)
    """True: a wrong value is an error, and its Ingress answers 503 under isolate. False: it is a
    warning, and the default holds."""
    empty_rejects: bool = field(default=False, kw_only=True)
    """True: an empty value is an error too. False: it counts as absent."""
    differs: str = field(default="", kw_only=True)
    """What stock nginx does otherwise than ingress-nginx, to follow the annotation's name; told in
    a note where the annotation is given another value than its default."""
    needs: str = field(default="", kw_only=True)
    """The annotation without which this one has no effect."""
    since: Version = field(default=OLDEST, kw_only=True)
    """The first nginx that can do it."""
    see: str = field(default="", kw_only=True)
    """The nginx directive to read about, where `sets` does not name it."""


@dataclass(frozen=True, slots=True)
class Unsupported(Declared):
    """An annotation that is known and not acted on."""

    support: Support
    instead: str = ""
    """The nearest way, in the imperative; empty where there is none."""
    protects: bool = False
    """True where ignoring it could open something: an error until the operator accepts it."""
    snippet: bool = False
    """True where its value is raw nginx directives, for which annotations can be named."""


Declaration = Annotation[Any] | Unsupported


@dataclass(frozen=True, slots=True)
class Family:
    """Annotations that belong together, and the function from their values to what is asked."""

    name: str
    """A heading of the documentation."""
    declarations: tuple[Declaration, ...]
    build: Callable[[Values], Iterable[Ask]] | None = None
    """Asked only for Ingresses that have an annotation of the family, or whose ConfigMap sets
    one; `None` where `sets` says everything."""
    keys: tuple[str, ...] = ()
    """Keys of the ConfigMap that the family asks by, beside those named like its annotations."""


def support_of(declared: Declaration) -> Support:
    """Return whether an annotation is acted on."""
    return declared.support if isinstance(declared, Unsupported) else Support.SUPPORTED


class _HasGrammar(Protocol):
    @property
    def grammar(self) -> Grammar[Any]: ...


def arguments(declared: _HasGrammar, value: Any) -> tuple[Argument, ...]:
    """Return a value as the arguments of the directive that a declaration sets."""
    if isinstance(value, bool):
        return ("on" if value else "off",)
    if not isinstance(value, str) and isinstance(value, Iterable):
        return tuple(item for item in value)
    if declared.grammar.unit:
        return (f"{value}{declared.grammar.unit}",)
    return (value,)


LIMIT_KEY = "limit-conn-zone-variable"
"""The ConfigMap's key for what tells clients apart."""
