"""The structure proof: crossplane's tree of the text equals the tree that was laid out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingc.model import NotModelled
from ingc.model.tree import Content, Statement, read_statements
from ingc.plan.layout import Layout, Location
from ingc.prove.blocks import Block, Parts, line_of, split
from ingc.prove.directives import BLOCKS_OF_ENTRIES
from ingc.prove.line_shapes import read_lines
from ingc.prove.parsing import RefusedText, parse, parse_block
from ingc.prove.proofs import Proofs
from ingc.prove.shape import SEAM, blocks_of, frame_of
from ingc.target import Version, format_version, inner_context, specification


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where the text is not what was laid out, or would not do what was expected."""

    line: int
    why: str
    server: int | None = None
    """The index of the server in the layout that differs, where one does."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that is what was laid out, as crossplane has read it.

    Lines of statements count from the beginning of their block.
    """

    main: tuple[Statement, ...]
    """The frame; ``http`` holds a `SEAM` in place of its blocks."""
    blocks: tuple[Statement, ...]
    """The maps, upstreams and servers, in the order of the text."""
    starts: tuple[int, ...]
    """Where each block begins in the text."""
    texts: tuple[str, ...] = ()
    """The text of each block."""
    looked_up: frozenset[str] = frozenset()
    """Wildcards for which nginx tries no regex, though one stands here; see `PlainNames`."""

    def whole_http(self) -> Statement:
        """Return the ``http`` block with its blocks in their places."""
        http = next(item for item in self.main if item.name == "http")
        inner = [item for item in http.block or () if item.name != SEAM]
        return Statement("http", (), http.line, (*inner, *self.blocks))


def read_structure(
    text: str, layout: Layout, target: Version, proofs: Proofs
) -> Reading | Mismatch:
    """Return a text as crossplane reads it, if it is what was laid out, else where it differs."""
    parts = split(text)
    if parts.stray is not None:
        return Mismatch(line_of(text, parts.stray), "something stands between two blocks")
    main = _read_frame(parts, layout, target)
    if isinstance(main, Mismatch):
        return main
    blocks = _read_blocks(text, parts.blocks, layout, target, proofs)
    if isinstance(blocks, Mismatch):
        return blocks
    twins = _find_twins(layout)
    if twins is not None:
        return twins
    starts = tuple(block.start for block in parts.blocks)
    return Reading(main, blocks, starts, tuple(block.text for block in parts.blocks))


def cut(text: str, reading: Reading, numbers: Iterable[int]) -> list[str]:
    """Return a text in pieces, each with so many more blocks; the last has what is left."""
    ends = [start + len(text) for start, text in zip(reading.starts, reading.texts, strict=True)]
    pieces, begun, block = [], 0, 0
    for number in numbers:
        block += number
        end = ends[block - 1] if number else begun
        pieces.append(text[begun:end])
        begun = end
    return [*pieces, text[begun:]]


def read_blocks(text: str) -> tuple[Statement, ...]:
    """Return the blocks of a part of a text that was read before.

    Raises `NotModelled` where it can't be read.
    """
    found = []
    for block in split(text).blocks:
        read = read_lines(block.text) or parse_block(block.text)
        if isinstance(read, RefusedText):
            raise NotModelled(read.why, read.line)
        found.append(read)
    return tuple(found)


def _read_frame(parts: Parts, layout: Layout, target: Version) -> tuple[Statement, ...] | Mismatch:
    frame = parts.frame
    parsed = parse(f"http {{\n{frame}\n}}\n" if layout.fragment else frame)
    if isinstance(parsed, RefusedText):
        return Mismatch(parsed.line, parsed.why)
    found = read_statements(parsed)
    return _compare(frame_of(layout), found, "main", target) or found


def _read_blocks(
    text: str, blocks: Sequence[Block], layout: Layout, target: Version, proofs: Proofs
) -> tuple[Statement, ...] | Mismatch:
    before = len(layout.maps) + len(layout.upstreams)
    read: list[Statement] = []
    for index, (shape, block) in enumerate(zip(blocks_of(layout), blocks, strict=False)):
        found = proofs.block(block.text, shape, target)
        if found is None:
            server = index - before if index >= before else None
            first = read_lines(block.text) or parse_block(block.text)
            if isinstance(first, RefusedText):
                line = line_of(text, block.start) + first.line - 1
                return Mismatch(line, first.why, server)
            mismatch = _compare((shape,), (first,), "http", target)
            if mismatch is not None:
                line = line_of(text, block.start) + mismatch.line - 2
                return Mismatch(line, mismatch.why, server)
            found = proofs.keep(block.text, shape, target, first)
        read.append(found)
    wanted = before + len(layout.servers)
    if len(blocks) > wanted:
        return Mismatch(line_of(text, blocks[wanted].start), "a block was not asked for")
    if len(blocks) < wanted:
        return Mismatch(line_of(text, len(text)), f"a block of {wanted} is missing")
    return tuple(read)


def _compare(
    expected: Sequence[Content], found: Sequence[Statement], context: str, target: Version
) -> Mismatch | None:
    for shape, statement in zip(expected, found, strict=False):
        mismatch = _compare_one(shape, statement, context, target)
        if mismatch is not None:
            return mismatch
    if len(found) > len(expected):
        extra = found[len(expected)]
        return Mismatch(extra.line, f'"{extra.name}" was not asked for')
    if len(found) < len(expected):
        line = found[-1].line if found else 0
        return Mismatch(line, f'"{expected[len(found)][0]}" is missing')
    return None if context in BLOCKS_OF_ENTRIES else _find_repeated(found, context)


def _find_repeated(found: Sequence[Statement], context: str) -> Mismatch | None:
    names = [item.name for item in found]
    if len(set(names)) == len(names):
        return None
    seen: set[str] = set()
    for item in found:
        if item.name in seen and not _may_repeat(item.name, context):
            return Mismatch(item.line, f'"{item.name}" may stand only once in {context}')
        seen.add(item.name)
    return None


@lru_cache(maxsize=1 << 12)
def _may_repeat(name: str, context: str) -> bool:
    spec = specification(name, context)
    return spec is not None and spec.repeats


def _compare_one(
    shape: Content, statement: Statement, context: str, target: Version
) -> Mismatch | None:
    name, args, block = shape
    line = statement.line
    if statement.name != name:
        return Mismatch(line, f'"{statement.name}" stands where "{name}" was asked for')
    if statement.args != args:
        why = f'"{name}" has the arguments {statement.args}, asked for were {args}'
        return Mismatch(line, why)
    if context not in BLOCKS_OF_ENTRIES and name != SEAM:
        why = _check_table(name, len(args), context, target)
        if why:
            return Mismatch(line, why)
    if (statement.block is None) != (block is None):
        wanted = "not " if block is None else ""
        return Mismatch(line, f'"{name}" should {wanted}have a block')
    if block is None:
        return None
    return _compare(block, statement.block or (), inner_context(name, context), target)


@lru_cache(maxsize=1 << 12)
def _check_table(name: str, count: int, context: str, target: Version) -> str:
    spec = specification(name, context)
    if spec is None:
        return f'"{name}" may not be printed in {context}'
    if not spec.at_least <= count <= spec.at_most:
        return f'"{name}" takes no {count} arguments'
    if target < spec.since:
        return f'"{name}" needs nginx {format_version(spec.since)}'
    return ""


def _find_twins(layout: Layout) -> Mismatch | None:
    """nginx refuses two equal locations, and ignores the second of two equal server names."""
    named: set[tuple[str, str]] = set()
    for index, server in enumerate(layout.servers):
        twin = _twin_in(server.locations)
        if twin is not None:
            return Mismatch(0, f"two locations {twin.name}", index)
        sockets = [str(d.args[0]) for d in server.directives if d.name == "listen"]
        names = [str(a) for d in server.directives if d.name == "server_name" for a in d.args]
        for pair in ((socket, name) for socket in sockets for name in names):
            if pair in named:
                return Mismatch(0, f"two servers {pair[1]} on {pair[0]}", index)
            named.add(pair)
    return _find_taken_ports(layout)


def _twin_in(locations: Sequence[Location]) -> Location | None:
    seen: set[tuple[bool, str]] = set()
    for location in locations:
        key = (location.modifier == "=", str(location.name))
        if key in seen and location.modifier != "~*":
            return location
        seen.add(key)
        inner = _twin_in(location.locations)
        if inner is not None:
            return inner
    return None


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
