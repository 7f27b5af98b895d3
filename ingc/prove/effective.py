"""What nginx has in effect at a place: its directives, its maps, the upstreams that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ingc.ir.features.card import Argument
from ingc.model.scopes import inherited, pass_of, setting
from ingc.model.tree import Statement
from ingc.model.values import parts
from ingc.syntax.text import Text, Variable

_DEEPEST = 8


@dataclass(frozen=True)
class Effect:
    """The directives in effect at a location, a server or in an upstream."""

    scopes: tuple[Statement, ...]
    """From ``http`` to the place."""
    http: Mapping[str, Mapping[str, Statement]]
    """The maps by variable under ``map``, the upstreams by name under ``upstream``."""

    @property
    def place(self) -> Statement:
        """The innermost block."""
        return self.scopes[-1]

    @cached_property
    def language(self) -> str:
        """The module that passes requests on: ``proxy``, ``grpc``, ``fastcgi``; ``""`` for none."""
        passing = pass_of(self.place)
        return passing.name.removesuffix("_pass") if passing is not None else ""

    def args(self, name: str) -> tuple[str, ...] | None:
        """Return a directive's arguments; one of ``proxy_`` in the words of the module."""
        return setting(self.scopes, self.word(name))

    def every(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return the arguments of each directive of a name that holds."""
        return tuple(item.args for item in inherited(self.scopes, self.word(name)))

    def word(self, name: str) -> str:
        """Return the name of a directive of ``proxy_`` in the module that passes requests on."""
        if self.language in ("", "proxy") or not name.startswith("proxy_"):
            return name
        return f"{self.language}_{name.removeprefix('proxy_')}"

    def map(self, text: str) -> tuple[tuple[str, str], ...] | None:
        """Return the entries of the map whose variable a text is; ``None``: it is none."""
        block = self.http["map"].get(text)
        entries = block.block if block is not None else None
        return None if entries is None else tuple((item.name, item.args[0]) for item in entries)

    @cached_property
    def upstreams(self) -> tuple[Statement, ...]:
        """The upstream blocks that the place may pass requests to."""
        passing = pass_of(self.place)
        if passing is None:
            return ()
        names = self._names(passing.args[0].rpartition("://")[2], 0)
        known = self.http["upstream"]
        return tuple(known[name] for name in dict.fromkeys(names) if name in known)

    def _names(self, text: str, depth: int) -> Iterator[str]:
        given = {item.args[0]: item.args[1] for item in self.place.all("set")}
        entries = self.map(text)
        if depth > _DEEPEST:
            return
        if entries is not None:
            for _, value in entries:
                yield from self._names(value, depth + 1)
        elif text in given:
            yield from self._names(given[text], depth + 1)
        else:
            yield text


def as_text(token: str) -> Text:
    """Return an argument of nginx.conf as the IR has it."""
    return Text(tuple(piece if kind == "text" else Variable(piece) for kind, piece in parts(token)))


def says(token: str, argument: Argument) -> bool:
    """Tell whether a token of nginx.conf is an argument of the IR."""
    if isinstance(argument, Text):
        return _joined(as_text(token)) == _joined(argument)
    return token == str(argument)


def _joined(text: Text) -> tuple[object, ...]:
    """Return the parts of a text, neighbours that are plain as one."""
    made: list[object] = []
    for part in text.parts:
        if isinstance(part, str) and made and isinstance(made[-1], str):
            made[-1] += part
        elif part != "":
            made.append(part if isinstance(part, str) else part.name.lower())
    return tuple(made)
