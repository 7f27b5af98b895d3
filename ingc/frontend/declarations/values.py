"""The values of one object's annotations or keys, read once by their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ingc.diagnostics import Entry, Origin, Sink
from ingc.frontend.declarations.declare import Supported

T = TypeVar("T")

Defaults = Mapping[str, Any]
"""What a ConfigMap sets for annotations that an Ingress does not have, by their names; and by their
own names, keys that no annotation has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenValues:
    """What an object holds, by the names of declarations."""

    sink: Sink
    origins: Mapping[str, Origin]
    """Where each supported name stands."""
    read: Mapping[str, Any]
    """The values; wrong ones are left out."""
    defaults: Defaults = field(default_factory=dict)
    """What holds where the object has no value, beside the defaults of declarations."""
    wrong: frozenset[str] = frozenset()
    """The names that have a value, and not one that they can have."""

    def own(self, declared: Supported[T]) -> T | None:
        """Return the object's own value, or ``None``."""
        return self.read.get(declared.name)

    def get(self, declared: Supported[T]) -> T | None:
        """Return the object's own value, else what `defaults` holds, else ``None``."""
        found: T | None = self.read.get(declared.name)
        return self.defaults.get(declared.name) if found is None else found

    def value(self, declared: Supported[T]) -> T:
        """Return what `get` does, else the declaration's default, which it must have."""
        found = self.get(declared)
        return declared.grammar.read(declared.default) if found is None else found

    def given(self, declared: Supported[Any]) -> bool:
        """Return whether the object has the name, also with a wrong or empty value."""
        return declared.name in self.origins

    def place(self, declared: Supported[Any]) -> Origin:
        """Return where a name stands; one that is not there has an empty place."""
        return self.origins.get(declared.name) or Origin()

    def report(self, entry: Entry, declared: Supported[Any]) -> None:
        """Report a finding about a value."""
        self.sink.report(entry, self.place(declared))
