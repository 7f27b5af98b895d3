"""The structure proof: crossplane's tree of the text equals the tree that was laid out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from ingc.plan.layout import Layout
from ingc.prove.directives import BLOCKS_OF_ENTRIES, register_directives
from ingc.prove.shape import Shape, shape_of
from ingc.syntax.token import unescape
from ingc.target import Version, format_version, inner_context, specification

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

    The entries of a ``map`` and its kind are kept from its table of directives. And
    its lexer goes from character to character, but asks of one only whether it is white space,
    a line break, an escape or one of a few signs. So it gets what lies between those at once,
    which makes the same tokens in a third of the time.
    """
    from crossplane import analyzer, lexer, parser

    def analyze(*, ctx: tuple[str, ...] = (), **given: Any) -> None:
        # Strict mode would take the entries of a map for directives.
        if not ctx or ctx[-1] not in BLOCKS_OF_ENTRIES:
            analyzer.analyze(ctx=ctx, **given)

    def lex(_: str) -> Iterator[Token]:
        found = lexer._lex_file_object(_pieces(text))
        tokens: Iterator[Token] = lexer._balance_braces(found, _NAME)
        return tokens

    names = {**vars(parser), "lex": lex, "analyze": analyze}
    return FunctionType(parser.parse.__code__, names, "parse", parser.parse.__defaults__)


def _pieces(text: str) -> Iterator[list[str]]:
    """Yield a text in pieces, some lines at a time."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _BLOCK) + 1 or len(text)
        yield _PIECES.findall(text, start, end)
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
    name = unescape(statement["directive"])
    if name != shape.name:
        return Mismatch(line, f'"{name}" stands where "{shape.name}" was asked for')
    args = tuple(map(unescape, statement["args"]))
    if args != shape.args:
        return Mismatch(line, f'"{name}" has the arguments {args}, asked for were {shape.args}')
    if context not in BLOCKS_OF_ENTRIES:
        why = _check_table(shape, context, target)
        if why:
            return Mismatch(line, why)
    block = statement.get("block")
    if (block is None) != (shape.block is None):
        return Mismatch(line, f'"{name}" should {"" if block is None else "not "}have a block')
    if shape.block is None:
        return None
    return _compare(shape.block, block or (), inner_context(name, context), target)


def _check_table(shape: Shape, context: str, target: Version) -> str:
    spec = specification(shape.name, context)
    if spec is None:
        return f'"{shape.name}" may not be printed in {context}'
    if not spec.at_least <= len(shape.args) <= spec.at_most:
        return f'"{shape.name}" takes no {len(shape.args)} arguments'
    if target < spec.since:
        return f'"{shape.name}" needs nginx {format_version(spec.since)}'
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
    return _find_taken_ports(layout)


def _find_taken_ports(layout: Layout) -> Mismatch | None:
    """nginx refuses a stream server on a port that another server has."""
    listens = (d for s in layout.servers for d in s.directives if d.name == "listen")
    taken = {(_port(listen.args[0]), "udp" in listen.args) for listen in listens}
    for server in layout.stream.servers if layout.stream else ():
        sockets = [d for d in server.directives if d.name == "listen"]
        ports = {(_port(listen.args[0]), "udp" in listen.args) for listen in sockets}
        if ports & taken:
            return Mismatch(0, f"two servers on port {ports & taken}")
        taken |= ports
    return None


def _port(socket: object) -> str:
    return str(socket).rpartition(":")[2]
