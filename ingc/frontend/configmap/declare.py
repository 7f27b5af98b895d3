"""What the declaration of a ConfigMap key says; everything else about it is read from here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ingc.diagnostics import Entry, Sink
from ingc.frontend.declarations.declare import Declared, Support, Unsupported
from ingc.frontend.declarations.grammar import Grammar
from ingc.ir.features.card import Argument
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store

NOT_YET = "it is not supported yet"


def meaningless(name: str, why: str, *harmless: str) -> UnsupportedKey:
    """Declare a key that can change nothing here."""
    return UnsupportedKey(name, why, Support.MEANINGLESS, harmless=harmless)


def needs_module(
    name: str, why: str, instead: str, *harmless: str, protects: bool = False, needs: str = ""
) -> UnsupportedKey:
    """Declare a key for a module that stock nginx does not have."""
    return UnsupportedKey(
        name,
        why,
        Support.NEEDS_MODULE,
        instead,
        protects=protects,
        harmless=harmless,
        needs=needs,
    )


def refused(name: str, why: str, instead: str) -> UnsupportedKey:
    """Declare a key whose content is never taken, and may protect something."""
    return UnsupportedKey(name, why, Support.REFUSED, instead, protects=True)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeyValues:
    """What a ConfigMap says."""

    config_map: ConfigMap
    store: Store
    sink: Sink
    read: Mapping[str, Any]
    """By the key; wrong ones are left out."""

    def get(self, key: Key[T]) -> T | None:
        """Return a key's value, or ``None``."""
        return self.read.get(key.name)

    def value(self, key: Key[T]) -> T:
        """Return a key's value, or its default, which it must have."""
        found = self.get(key)
        return key.grammar.read(key.default) if found is None else found

    def report(self, entry: Entry, key: Key[Any]) -> None:
        """Report a finding about a key's value."""
        self.sink.report(entry, self.config_map.place_of(key.name))


Setting = tuple[str, tuple[Argument, ...]]
"""A directive of the frame and its arguments."""


@dataclass(frozen=True, slots=True)
class Key(Declared, Generic[T]):
    """A supported key."""

    grammar: Grammar[T]
    default: str = field(default="", kw_only=True)
    """What holds without it, in its own grammar; shown, and checked to parse."""
    sets: str = field(default="", kw_only=True)
    """The nginx directive that gets the value, where that is all."""
    annotation: str = field(default="", kw_only=True)
    """The annotation that it gives a default to; the key is supported where that one is."""
    under_own_name: bool = field(default=False, kw_only=True)
    """True: the family of `annotation` finds the value under the key's name, not as a default."""
    reads_as: str = field(default="", kw_only=True)
    """The annotation whose grammar reads the value, where it is another than `annotation`'s
    default."""
    rejects: bool = field(default=False, kw_only=True)
    """True: a wrong value is an error, since the default could open something."""
    needs: str = field(default="", kw_only=True)
    """The key that must be on for this one to have an effect."""
    see: str = field(default="", kw_only=True)
    """The nginx directive to read about, where `sets` does not name it."""

    @property
    def stands_alone(self) -> bool:
        """True where it has an effect whether or not its annotation is supported."""
        return not self.annotation or bool(self.sets or self.see)


@dataclass(frozen=True, slots=True)
class UnsupportedKey(Unsupported):
    """A key that is known and not acted on."""

    harmless: tuple[str, ...] = field(default=(), kw_only=True)
    """Values that ask for nothing, so that nothing is lost."""
    needs: str = field(default="", kw_only=True)
    """The switch without which it has no effect in ingress-nginx either."""


KeyDeclaration = Key[Any] | UnsupportedKey


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together."""

    name: str
    """A heading of the documentation."""
    declarations: tuple[KeyDeclaration, ...]
    settings: Callable[[KeyValues], Iterable[Setting]] | None = None
    """Directives that are made of several keys."""
