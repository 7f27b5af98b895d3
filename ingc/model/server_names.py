"""Tables of names with wildcards: those of servers, and of a ``map`` with ``hostnames``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Names(Generic[T]):
    """Exact names, then the longest leading wildcard, then the longest trailing one."""

    exact: dict[bytes, T] = field(default_factory=dict)
    leading: dict[bytes, T] = field(default_factory=dict)
    """``*.example.com`` by ``example.com``."""
    trailing: dict[bytes, T] = field(default_factory=dict)
    """``www.example.*`` by ``www.example``."""

    def add(self, name: str, value: T) -> None:
        """Add a lower-case name; of two equal ones the first counts."""
        if name.startswith("*."):
            self.leading.setdefault(name[2:].encode(), value)
        elif name.startswith("."):
            self.exact.setdefault(name[1:].encode(), value)
            self.leading.setdefault(name[1:].encode(), value)
        elif name.endswith(".*"):
            self.trailing.setdefault(name[:-2].encode(), value)
        else:
            self.exact.setdefault(name.encode(), value)

    def find(self, name: bytes) -> T | None:
        """Return what takes a lower-case name."""
        found = self.exact.get(name)
        if found is not None or not (self.leading or self.trailing):
            return found
        labels = name.split(b".")
        for start in range(1, len(labels)):
            found = self.leading.get(b".".join(labels[start:]))
            if found is not None:
                return found
        for end in range(len(labels) - 1, 0, -1):
            found = self.trailing.get(b".".join(labels[:end]))
            if found is not None:
                return found
        return None
