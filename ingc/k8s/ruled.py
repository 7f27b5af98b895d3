"""Kinds of objects with rules beside Ingress, each read by its own column of `ingc.k8s`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from ingc.diagnostics import Origin
from ingc.k8s.meta import Meta
from ingc.k8s.reading import Kind
from ingc.kinds import OTHERS, RuleKind, function_of_kind


class RuleObject(Protocol):
    """An object with rules, of whatever kind."""

    kind: ClassVar[RuleKind]

    @property
    def meta(self) -> Meta:
        """Who it is."""

    @property
    def origin(self) -> Origin:
        """Its place."""

    @property
    def broken(self) -> bool:
        """True where reading it found errors."""


READINGS: Mapping[str, Kind] = {
    kind.name: function_of_kind("k8s", kind, "READING") for kind in OTHERS
}
"""How each kind is read, by the kind's name."""
TYPES: tuple[type, ...] = tuple(function_of_kind("k8s", kind, "TYPE") for kind in OTHERS)
KIND_OF: Mapping[str, str] = {
    item.__name__: kind.name for item, kind in zip(TYPES, OTHERS, strict=True)
}
"""The kinds of typed objects, by the name of their type."""
