"""The values of a ConfigMap's keys, read once by their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ingc.diagnostics import Entry, Sink
from ingc.frontend.configmap.declare import Key
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store

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
