"""crossplane's statements as typed values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingc.syntax.token import unescape

VARIABLE_BLOCKS = ("map", "geo", "split_clients")
"""The blocks that give a variable its value."""

REWRITES = frozenset({"set", "return", "break", "if", "rewrite"})
"""The directives of nginx's rewrite module that are modelled."""

LATE = "//late"
"""A block of rewrite directives that run when those of the location are done, as Lua of the
rewrite phase does. No directive has this name: a reader puts there what it knows of such Lua."""
ASIDE = "//aside"
"""A directive that a reader passes over, with its name and arguments: it may answer a request."""

Content = tuple[str, tuple[str, ...], "tuple[Content, ...] | None"]
"""What a directive has, wherever it stands: its name, its arguments, what its block holds."""


class Statement:
    """One directive. Never changed once made; two are equal only if they are the same one."""

    __slots__ = ("_by_name", "_content", "_rewrites", "args", "block", "line", "name")

    def __init__(
        self,
        name: str,
        args: tuple[str, ...],
        line: int,
        block: tuple[Statement, ...] | None = None,
    ) -> None:
        self.name = name
        self.args = args
        self.line = line
        self.block = block
        self._by_name: dict[str, tuple[Statement, ...]] | None = None
        self._rewrites: tuple[Statement, ...] | None = None
        self._content: Content | None = None

    def __repr__(self) -> str:
        return f"Statement({self.name!r}, {self.args!r}, line {self.line})"

    @property
    def content(self) -> Content:
        """The directive without its place, for comparing."""
        found = self._content
        if found is None:
            block = self.block
            inner = None if block is None else tuple([item.content for item in block])
            found = self._content = (self.name, self.args, inner)
        return found

    @property
    def by_name(self) -> Mapping[str, tuple[Statement, ...]]:
        """The directives of the block by their names, each in the order of the text."""
        found = self._by_name
        if found is None:
            lists: dict[str, list[Statement]] = {}
            for item in self.block or ():
                lists.setdefault(item.name, []).append(item)
            found = self._by_name = {name: tuple(items) for name, items in lists.items()}
        return found

    @property
    def rewrites(self) -> tuple[Statement, ...]:
        """The directives of the block that nginx runs one after the other."""
        found = self._rewrites
        if found is None:
            found = tuple([item for item in self.block or () if item.name in REWRITES])
            self._rewrites = found
        return found

    def all(self, name: str) -> tuple[Statement, ...]:
        """Return the directives of a name in the block."""
        found = self._by_name
        return (self.by_name if found is None else found).get(name, ())

    def first(self, name: str) -> Statement | None:
        """Return the first directive of a name in the block."""
        known = self._by_name
        found = (self.by_name if known is None else known).get(name)
        return found[0] if found else None


def read_statements(parsed: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """Return crossplane's statements; comments are left out."""
    return tuple(
        [
            Statement(
                unescape(item["directive"]),
                tuple([unescape(arg) if "\\" in arg else arg for arg in item["args"]]),
                item["line"],
                read_statements(item["block"]) if "block" in item else None,
            )
            for item in parsed
            if "comment" not in item  # a quoted "#" is a directive, as the key of a map
        ]
    )
