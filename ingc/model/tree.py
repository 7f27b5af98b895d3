"""crossplane's statements as typed values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingc.syntax.token import unescape

REWRITES = frozenset({"set", "return", "break", "if", "rewrite"})
"""The directives of nginx's rewrite module that are modelled."""


@dataclass(frozen=True)
class Statement:
    """One directive."""

    name: str
    args: tuple[str, ...]
    line: int
    block: tuple[Statement, ...] | None = None

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Statement, ...]]:
        """The directives of the block by their names, each in the order of the text."""
        found: dict[str, list[Statement]] = defaultdict(list)
        for item in self.block or ():
            found[item.name].append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def rewrites(self) -> tuple[Statement, ...]:
        """The directives of the block that nginx runs one after the other."""
        return tuple(item for item in self.block or () if item.name in REWRITES)

    def all(self, name: str) -> tuple[Statement, ...]:
        """Return the directives of a name in the block."""
        return self.by_name.get(name, ())

    def first(self, name: str) -> Statement | None:
        """Return the first directive of a name in the block."""
        found = self.by_name.get(name)
        return found[0] if found else None


def read_statements(parsed: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """Return crossplane's statements; comments are left out."""
    return tuple(
        Statement(
            unescape(item["directive"]),
            tuple(map(unescape, item["args"])),
            item["line"],
            read_statements(item["block"]) if "block" in item else None,
        )
        for item in parsed
        if item["directive"] != "#"
    )
