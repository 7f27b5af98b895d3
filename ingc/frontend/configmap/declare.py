"""What keys have beyond other declarations: the annotations that they give defaults to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from ingc.frontend.declarations.declare import (
    DeclarationGroup,
    OfModule,
    Support,
    Supported,
    Unsupported,
)
from ingc.frontend.declarations.grammar import Grammar
from ingc.frontend.declarations.values import GivenValues
from ingc.ir.features.card import Argument
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store

T = TypeVar("T")

Setting = tuple[str, tuple[Argument, ...]]
"""A directive of the frame and its arguments."""


@dataclass(frozen=True, slots=True)
class Key(Supported[T]):
    """A supported key. Where it `rejects`, nothing serves traffic under isolate."""

    annotation: str = field(default="", kw_only=True)
    """The annotation that it gives a default to."""
    under_own_name: bool = field(default=False, kw_only=True)
    """True: annotations find the value under the key's name, not as a default of `annotation`."""
    reads_as: str = field(default="", kw_only=True)
    """The annotation whose grammar reads the value, where it is not that of the default."""
    given_as: Grammar[Any] | None = field(default=None, kw_only=True)
    """The grammar of the annotation that gets the value; `ingc.frontend.registry` fills it in."""
    harmless: tuple[str, ...] = field(default=(), kw_only=True)
    """Values that request nothing, so that nothing is lost where its module is missing."""

    def without_module(self, missing: OfModule) -> UnsupportedKey:
        """Return what it is where its module is missing."""
        return UnsupportedKey(
            self.name,
            missing.why,
            Support.NEEDS_MODULE,
            missing.instead,
            protects=missing.protects,
            harmless=self.harmless,
            needs=missing.switch,
        )

    @property
    def stands_alone(self) -> bool:
        """True where it has an effect beside what annotations make of it."""
        return not self.annotation or bool(self.sets or self.see)

    @property
    def read_by(self) -> str:
        """The annotation whose grammar reads the value; "" for none."""
        return self.reads_as or ("" if self.under_own_name else self.annotation)

    @property
    def gives(self) -> str:
        """The name under which annotations find the value; "" where they don't."""
        return self.name if self.under_own_name else self.annotation

    def read(self, text: str) -> T:
        """Return the value of a text; the annotation that gets it must take it too."""
        value = self.grammar.read(text.strip())
        self.read_for_annotation(text)
        return value

    def read_for_annotation(self, text: str) -> object:
        """Return the value as annotations get it. Raises `BadValue`."""
        return (self.given_as or self.grammar).read(text.strip())


@dataclass(frozen=True, slots=True)
class UnsupportedKey(Unsupported):
    """A key that is known and not acted on."""

    harmless: tuple[str, ...] = field(default=(), kw_only=True)
    """Values that request nothing, so that nothing is lost."""
    needs: str = field(default="", kw_only=True)
    """The switch without which it has no effect in ingress-nginx either."""
    option: str = field(default="", kw_only=True)
    """The option that lets it be acted on."""


KeyDeclaration = Key[Any] | UnsupportedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValues(GivenValues):
    """What a ConfigMap holds."""

    config_map: ConfigMap
    store: Store


@dataclass(frozen=True, slots=True)
class KeyGroup(DeclarationGroup[KeyDeclaration, KeyValues, Setting]):
    """Keys that belong together. Its function yields directives that are made of several."""


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


def refused(name: str, why: str, instead: str, *, option: str = "") -> UnsupportedKey:
    """Declare a key whose content is not taken without an option, and may protect something."""
    return UnsupportedKey(name, why, Support.REFUSED, instead, protects=True, option=option)
