"""What every declaration holds, of an annotation or of a key; all else about it is read from here.

`ingc.frontend.annotations.declare` and `ingc.frontend.configmap.declare` add what each kind has
beyond this.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ingc.frontend.declarations.grammar import Grammar

T = TypeVar("T")
D = TypeVar("D")
V = TypeVar("V")
A = TypeVar("A")


_OF_MANY = {
    "needs module": "need a module that stock nginx lacks (--with-module)",
    "refused": "are refused",
    "no meaning here": "have no meaning here",
}


class Support(enum.Enum):
    """Whether a declared name is acted on."""

    SUPPORTED = "supported"
    NEEDS_MODULE = "needs module"
    REFUSED = "refused"
    OBSOLETE = "obsolete"
    MEANINGLESS = "no meaning here"

    @property
    def of_many(self) -> str:
        """What is true of several such names, after their number."""
        return _OF_MANY.get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Declared:
    """What every declaration has, supported or not."""

    name: str
    """Without a prefix."""
    doc: str
    """One line for people: what it does, or why it is not supported."""


@dataclass(frozen=True, slots=True)
class OfModule:
    """That a declaration is acted on only where nginx has a module that is not stock."""

    name: str
    """As ``--with-module`` names it."""
    why: str
    """What stock nginx lacks."""
    otherwise: str
    """The nearest way without the module, in the imperative."""
    protects: bool = False
    """True where ignoring it could open something."""
    switch: str = ""
    """The name without which it requests nothing in any case."""

    @property
    def instead(self) -> str:
        """What to do where it is not acted on, in the imperative."""
        return f"pass --with-module {self.name} if nginx has it, else {self.otherwise}"


@dataclass(frozen=True, slots=True)
class Supported(Declared, Generic[T]):
    """Something that is acted on."""

    grammar: Grammar[T]
    default: str = field(default="", kw_only=True)
    """What holds without it, in its own grammar; printed, and checked to parse."""
    sets: str = field(default="", kw_only=True)
    """The nginx directive that gets the value, where that is all: no code need mention it."""
    rejects: bool = field(default=False, kw_only=True)
    """True: a wrong value is an error, since the default could open something. False: it is a
    warning, and the default holds."""
    needs: str = field(default="", kw_only=True)
    """The name without which this one has no effect, of the same kind."""
    see: str = field(default="", kw_only=True)
    """The nginx directive to read about, where `sets` does not name it."""
    module: OfModule | None = field(default=None, kw_only=True)
    """``None``: stock nginx can do it."""

    def read(self, text: str) -> T:
        """Return the value of a text. Raises `BadValue`."""
        return self.grammar.read(text)


@dataclass(frozen=True, slots=True)
class Unsupported(Declared):
    """Something that is known and not acted on."""

    support: Support
    instead: str = ""
    """The nearest way, in the imperative; empty where there is none."""
    protects: bool = False
    """True where ignoring it could open something: an error until the operator accepts it."""


@dataclass(frozen=True, slots=True)
class DeclarationGroup(Generic[D, V, A]):
    """Declarations that belong together, and the function from their values to requests."""

    name: str
    """A heading of the documentation."""
    declarations: tuple[D, ...]
    build: Callable[[V], Iterable[A]] | None = None
    """What takes more than one value, or is no directive; ``None`` where `sets` is enough."""


def support_of(declared: Supported[Any] | Unsupported) -> Support:
    """Return whether a declared name is acted on, by a stock nginx."""
    if isinstance(declared, Unsupported):
        return declared.support
    return Support.NEEDS_MODULE if declared.module else Support.SUPPORTED


def module_of(declared: Supported[Any]) -> str:
    """Return which module a declaration needs, to follow its name in a table; "" for none."""
    return f" (`--with-module {declared.module.name}`)" if declared.module else ""
