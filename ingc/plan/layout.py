"""The layout: the tree of directives that the configuration must have, as typed values.

`emit` prints it, `prove` holds the parsed text against it. What decides between bare and
quoted, literal and expanded, is the type of a value and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as Literal_

from ingc.syntax.text import Text, Variable
from ingc.syntax.token import quote


class Literal(str):
    """Text for a place where nginx expands no variables: names of locations and servers."""

    __slots__ = ()


class Comment(str):
    """Text for a comment: validated names, field paths and our own words."""

    __slots__ = ()


_VARIABLE = re.compile(r"\$(\w+)")

_BARE_TEXT = re.compile(r"(?:[A-Za-z0-9_./:-]|\$(?=[A-Za-z0-9_]))+").fullmatch

_COMMENT = re.compile(r"[A-Za-z0-9 ._/:,;*\[\]()'<>-]*").fullmatch

Value = str | int | Literal | Variable | Text
"""An argument. A plain ``str`` must hold no ``$``: where nginx expands variables, a value that
may hold one is a `Text`, elsewhere a `Literal`."""


class Unsafe(ValueError):
    """A value that is not allowed where it stands; a mistake of ours, never the user's."""


def token(value: Value | Comment) -> str:
    """Write a value as exactly one nginx token, or a comment.

    The only way into the output, beside `words`, which goes the same way.

    Raises `Unsafe`, or `Unprintable` for text that no token can hold.
    """
    write = _WRITERS.get(type(value))
    if write is None:
        raise Unsafe(f"nothing that nginx could be given: {value!r}")
    return write(value)


def _write_comment(value: Comment) -> str:
    if not _COMMENT(value):
        raise Unsafe(f"not allowed in a comment: {value!r}")
    return str(value)


def _write_literal(value: Literal) -> str:
    return quote(value)


def _write_plain(value: str) -> str:
    if "$" in value:
        raise Unsafe(f"a plain value holds a dollar sign: {value!r}")
    return quote(value)


def _write_variable(value: Variable) -> str:
    return "$" + value.name


def _write_text(value: Text) -> str:
    text = expanded(value)
    return text if _BARE_TEXT(text) else quote(text)


_WRITERS: dict[type, Callable[[Any], str]] = {
    Comment: _write_comment,
    Literal: _write_literal,
    str: _write_plain,
    int: str,
    Variable: _write_variable,
    Text: _write_text,
}
"""By the exact type; another one, a subclass included, is nothing that may be printed."""


def expanded(text: Text) -> str:
    """Write a `Text` with its variables, before quoting. Raises `Unsafe` for a stray ``$``."""
    for part in text.parts:
        if isinstance(part, str) and "$" in part:
            raise Unsafe(f"a plain part holds a dollar sign: {part!r}")
    return str(text)


def compose(constant: str) -> Text:
    """Make a `Text` of a constant of our own code, in which ``$name`` is a variable."""
    pieces = _VARIABLE.split(constant)
    return Text(tuple(Variable(p) if n % 2 else p for n, p in enumerate(pieces) if n % 2 or p))


def plain(value: Value) -> str:
    """Return a value as nginx holds it after reading the token that `token` wrote."""
    if type(value) is str:
        return value
    if isinstance(value, Variable):
        return "$" + value.name
    return expanded(value) if isinstance(value, Text) else str(value)


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive; one with a block, such as ``if``, holds simple ones."""

    name: str
    args: tuple[Value, ...]
    unfolded: int | None = None
    """So many arguments stand beside the name, each further one on a line of its own."""
    block: tuple[Directive, ...] = ()

    @property
    def head(self) -> tuple[Value, ...]:
        """The arguments beside the name."""
        return self.args[: self.unfolded]

    @property
    def tail(self) -> tuple[Value, ...]:
        """The arguments on lines of their own."""
        return () if self.unfolded is None else self.args[self.unfolded :]


def words(directive: Directive) -> str:
    """Write the name and the arguments of a simple directive, each as one token.

    Raises `Unsafe` for one with a block, and what `token` raises.
    """
    if directive.block:
        raise Unsafe(f"a block where a simple directive stands: {directive.name!r}")
    written = _write_plain(directive.name)
    for value in directive.args:
        written += " " + token(value)
    return written


@dataclass(frozen=True, slots=True)
class Group:
    """Directives that belong together, and the comment above them."""

    title: Comment
    directives: tuple[Directive, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """A ``map`` block, or one of its kind: a block of entries that gives a variable its value."""

    source: Value | None
    """``None`` for a ``geo`` by the client's address."""
    variable: Variable
    entries: tuple[tuple[Value, Value], ...]
    name: Literal_["map", "geo", "split_clients"] = "map"
    flags: tuple[str, ...] = ()
    """Words that stand before the entries, such as ``hostnames``."""
    why: Comment | None = field(default=None, compare=False)
    """What it decides, and for whom; ``None``: the one above says so."""

    @property
    def args(self) -> tuple[Value, ...]:
        """The arguments of the block."""
        return (self.variable,) if self.source is None else (self.source, self.variable)


@dataclass(frozen=True, slots=True)
class EntryBlock:
    """A block of ``http`` with entries in place of directives, such as ``geoip2``."""

    name: str
    args: tuple[Value, ...]
    entries: tuple[tuple[Value, tuple[Value, ...]], ...]
    """Each with what stands behind it."""


@dataclass(frozen=True, slots=True)
class Location:
    """A ``location`` block."""

    origin: Comment
    """The Ingress and the rule that it serves."""
    modifier: str
    """``""``, ``=``, ``^~``, ``~`` or ``~*``."""
    name: Literal
    directives: tuple[Directive, ...]
    locations: tuple[Location, ...] = ()
    """Those in it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A ``server`` block."""

    title: Comment
    """The host, or what the server is for."""
    directives: tuple[Directive, ...]
    locations: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class UpstreamBlock:
    """An ``upstream`` block."""

    name: str
    directives: tuple[Directive, ...]


@dataclass(frozen=True, slots=True)
class StreamBlock:
    """The ``stream`` block; its servers have no locations."""

    directives: tuple[Directive, ...]
    maps: tuple[Map, ...]
    upstreams: tuple[UpstreamBlock, ...]
    servers: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole configuration, or with ``fragment`` the inside of an ``http`` block."""

    fragment: bool
    main: tuple[Directive, ...]
    events: tuple[Directive, ...]
    http: tuple[Group, ...]
    maps: tuple[Map, ...]
    upstreams: tuple[UpstreamBlock, ...]
    servers: tuple[Server, ...]
    stream: StreamBlock | None = None
    entry_blocks: tuple[EntryBlock, ...] = ()


def directive(name: str, *args: Value) -> Directive:
    """Make a simple directive."""
    return Directive(name, args)
