"""crossplane's statements as typed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.syntax.token import unescape


@dataclass(frozen=True, slots=True)
class Statement:
    """One directive."""

    name: str
    args: tuple[str, ...]
    line: int
    block: tuple[Statement, ...] | None = None

    def all(self, name: str) -> Iterator[Statement]:
        """Yield the directives of a name in the block."""
        return (item for item in self.block or () if item.name == name)

    def first(self, name: str) -> Statement | None:
        """Return the first directive of a name in the block."""
        return next(self.all(name), None)


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
