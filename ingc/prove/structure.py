"""The structure proof: crossplane's tree of the text equals the tree that was laid out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, repeat
from operator import eq
from types import FunctionType
from typing import Any

from ingc.plan.layout import Layout
from ingc.prove.directives import BLOCKS_OF_ENTRIES, register_directives
from ingc.prove.shape import Shape, shape_of
from ingc.syntax.token import unescape
from ingc.target import Version, format_version, specification

Statement = Mapping[str, Any]
Token = tuple[str, int, bool]
"""Text, line, and whether it stood in quotes."""

_NAME = "/nginx.conf"
_PIECES = re.compile(r"""[^\s\\{};"'#]+|(?<=[^\\]\n)[^\S\n]+|\\.|.""", re.DOTALL)
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where the text is not what was laid out."""

    line: int
    why: str
    server: int | None = None
    """The index of the server in the layout that differs, where one does."""


def prove_structure(text: str, layout: Layout, target: Version) -> Mismatch | None:
    """Return the first difference between a text and its layout, or ``None``: proved."""
    register_directives()
    parsed = parse(f"http {{\n{text}\n}}\n" if layout.fragment else text)
    if isinstance(parsed, Mismatch):
        return parsed
    expected = shape_of(layout)
    return _compare(expected, parsed, "main", target) or _find_twins(layout)


def parse(text: str) -> list[Statement] | Mismatch:
    """Parse a configuration with crossplane in strict mode."""
    payload = _parser(text)(_NAME, single=True, strict=True)
    if payload["status"] != "ok":
        error = payload["errors"][0]
        why = str(error["error"]).split(f" in {_NAME}")[0]
        return Mismatch(error["line"] or 0, f"crossplane refuses it: {why}")
    statements: list[Statement] = payload["config"][0]["parsed"]
    return statements


def _parser(text: str) -> Callable[..., dict[str, Any]]:
    """Return crossplane's own ``parse``, which reads a text where it would read a file.

    The entries of a ``map`` and its kind are kept from its table of directives, and what it has
    found right once is not asked again.
    """
    from crossplane import analyzer, lexer, parser

    right: set[tuple[object, ...]] = set()
    flags = {name for name, masks in analyzer.DIRECTIVES.items() if _is_flag(masks)}

    def analyze(
        fname: str, stmt: Statement, term: str, ctx: tuple[str, ...], **given: object
    ) -> None:
        # Strict mode would take the entries of a map for directives.
        if ctx and ctx[-1] in BLOCKS_OF_ENTRIES:
            return
        name, args = stmt["directive"], stmt["args"]
        # Of the arguments it asks how many there are, and of a flag whether it is on or off.
        key = (name, term, ctx, len(args), args[0] if args and name in flags else None)
        if key not in right:
            analyzer.analyze(fname, stmt, term, ctx, **given)
            right.add(key)

    def lex(_: str) -> Iterator[Token]:
        tokens: Iterator[Token] = lexer._balance_braces(_tokens(text), _NAME)
        return tokens

    names = {**vars(parser), "lex": lex, "analyze": analyze}
    return FunctionType(parser.parse.__code__, names, "parse", parser.parse.__defaults__)


def _is_flag(masks: Iterable[int]) -> bool:
    from crossplane import analyzer

    return any(mask & analyzer.NGX_CONF_FLAG for mask in masks)


def _tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, by crossplane's own lexer.

    It goes from character to character, but asks of one only whether it is white space, a line
    break, an escape or one of a few signs. So it gets what lies between those at once, with
    escapes put together and lines counted already, which makes the same tokens in a quarter of
    the time.
    """
    from crossplane import lexer

    def as_given(pieces: object) -> object:
        return pieces

    names = {**vars(lexer), "_iterescape": as_given, "_iterlinecount": as_given}
    lex = FunctionType(lexer._lex_file_object.__wrapped__.__code__, names)
    try:
        yield from lex(_pieces(text))
    except RuntimeError:
        # Its way to say that the text ends inside of something.
        return


def _pieces(text: str) -> Iterator[Iterator[tuple[str, int]]]:
    """Yield a text in pieces and their lines, some lines at a time."""
    start, line = 0, 1
    while start < len(text):
        end = text.find("\n", start + _BLOCK) + 1 or len(text)
        pieces = _PIECES.findall(text, start, end)
        escaped = text.find("\\\n", start, end) >= 0
        breaks = map(str.endswith if escaped else eq, pieces, repeat("\n"))
        yield zip(pieces, islice(accumulate(breaks, initial=line), 1, None), strict=True)
        line += text.count("\n", start, end)
        start = end


def _compare(
    expected: Sequence[Shape], found: Sequence[Statement], context: str, target: Version
) -> Mismatch | None:
    servers = 0
    for shape, statement in zip(expected, found, strict=False):
        mismatch = _compare_one(shape, statement, context, target)
        is_server = context == "http" and shape.name == "server"
        if mismatch is not None:
            return Mismatch(mismatch.line, mismatch.why, servers if is_server else mismatch.server)
        servers += is_server
    if len(found) > len(expected):
        extra = found[len(expected)]
        return Mismatch(extra["line"], f'"{extra["directive"]}" was not asked for')
    if len(found) < len(expected):
        line = found[-1]["line"] if found else 0
        return Mismatch(line, f'"{expected[len(found)].name}" is missing')
    return None


def _compare_one(
    shape: Shape, statement: Statement, context: str, target: Version
) -> Mismatch | None:
    line = statement["line"]
    name = statement["directive"]
    if "\\" in name:
        name = unescape(name)
    if name != shape.name:
        return Mismatch(line, f'"{name}" stands where "{shape.name}" was asked for')
    args = _unescaped(statement["args"])
    if args != shape.args:
        return Mismatch(line, f'"{name}" has the arguments {args}, asked for were {shape.args}')
    if context not in BLOCKS_OF_ENTRIES:
        why = _check_table(name, len(args), context, target)
        if why:
            return Mismatch(line, why)
    block = statement.get("block")
    if (block is None) != (shape.block is None):
        return Mismatch(line, f'"{name}" should {"" if block is None else "not "}have a block')
    if shape.block is None:
        return None
    return _compare(shape.block, block or (), name, target)


def _unescaped(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple([unescape(token) if "\\" in token else token for token in tokens])


@lru_cache(maxsize=1 << 12)
def _check_table(name: str, args: int, context: str, target: Version) -> str:
    spec = specification(name, context)
    if spec is None:
        return f'"{name}" may not be printed in {context}'
    if not spec.at_least <= args <= spec.at_most:
        return f'"{name}" takes no {args} arguments'
    if target < spec.since:
        return f'"{name}" needs nginx {format_version(spec.since)}'
    return ""


def _find_twins(layout: Layout) -> Mismatch | None:
    """nginx refuses two equal locations, and ignores the second of two equal server names."""
    named: set[tuple[str, ...]] = set()
    for index, server in enumerate(layout.servers):
        seen: set[tuple[bool, str]] = set()
        for location in server.locations:
            key = (location.modifier == "=", str(location.name))
            if key in seen and location.modifier != "~*":
                return Mismatch(0, f"two locations {location.name}", index)
            seen.add(key)
        sockets = [str(d.args[0]) for d in server.directives if d.name == "listen"]
        names = [str(a) for d in server.directives if d.name == "server_name" for a in d.args]
        for pair in ((socket, name) for socket in sockets for name in names):
            if pair in named:
                return Mismatch(0, f"two servers {pair[1]} on {pair[0]}", index)
            named.add(pair)
    return None
