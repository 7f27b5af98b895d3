"""Paths as regexes: how Exact and Prefix are written as one, and what a regex begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile

from ingc.syntax.regex.bytes import both_cases
from ingc.syntax.regex.reader import read_tree
from ingc.syntax.regex.tree import Assertion, Atomic, Branches, Bytes, Node, Repeat, Sequence

_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_SLASH = 1 << ord("/")
_END = r"(?:/|\z)"
_AT_END = (b"$", rb"\z", rb"\Z")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every path begins with that a regex takes."""

    literal: str
    """In any letter case; as long as can be."""
    below: str
    """Whole elements of it, without a slash at the end: the paths are these elements, or below
    them. Empty: any path."""


def exact_regex(path: str) -> str:
    """Return the regex of a path and no other."""
    return f"^{escaped(path)}\\z"


def prefix_regex(path: str) -> str:
    """Return the regex of a path, with or without a slash at its end, and of all below it."""
    return f"^{escaped(path.removesuffix('/'))}{_END}"


def bounded_regex(pattern: str, below: str) -> str:
    """Return a caseless path regex that takes only what is, in this letter case, below a path."""
    return f"^(?={escaped(below)}{_END})(?i:{pattern})"


def escaped(text: str) -> str:
    """Return the regex that matches a text and no other."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def beginning(pattern: str) -> Beginning:
    """Return what all begins with that a path regex takes. Raises `BadRegex`.

    Where what follows the literal text begins with a slash, or may be nothing, the text ends with
    a whole element: ``/api`` of ``/api(/|$)`` and of ``/api.*``; of ``/api[0-9]`` it is ``/``.
    """
    tree = read_tree(pattern)
    items = list(_flat(tree.root))
    found = bytearray()
    for item in items:
        byte = _literal_byte(item, tree.text)
        if byte is None:
            break
        found.append(byte)
    rest = items[len(found) :]
    whole = all(map(_may_be_empty, rest)) or not _first(rest) & ~_SLASH
    try:
        literal = found.decode()
    except UnicodeDecodeError as error:
        # Half a character: what a set or a quantifier stands for begins within one.
        literal, whole = found[: error.start].decode(), False
    below = literal if whole else literal.rpartition("/")[0]
    return Beginning(literal, below.removesuffix("/"))


@lru_cache(maxsize=1 << 14)
def beginnings(regex: str) -> tuple[bytes, ...]:
    """Return texts, in lower case, with one of which all begins that a regex takes, in any case.

    A NUL, which no path holds, stands for the end of what is taken. An empty text: nothing is
    known of the regex. Raises `BadRegex`.
    """
    if not regex.startswith("^"):
        return (b"",)
    # Behind the anchor: of ``^a|b`` only the first branch has it.
    tree = read_tree(regex[1:])
    found = bytearray()
    nodes = dropwhile(lambda node: isinstance(node, Assertion), _flat(tree.root))
    for item in nodes:
        byte = _literal_byte(item, tree.text)
        if byte is None:
            return tuple([bytes(found).lower() + end for end in _ends(item, tree.text)])
        found.append(byte)
    return (bytes(found).lower(),)


def _ends(node: Node, text: bytes) -> tuple[bytes, ...]:
    """Return what a slash or the end of the text begins with; of any other node nothing."""
    found: dict[bytes, None] = {}
    for item in node.branches if isinstance(node, Branches) else (node,):
        if isinstance(item, Assertion) and text[item.span.start : item.span.end] in _AT_END:
            # Before a last newline, or any, is an end too.
            found.update({b"\0": None, b"\n": None})
        elif isinstance(item, Bytes) and item.bits == _SLASH:
            found[b"/"] = None
        else:
            return (b"",)
    return tuple(found)


def _flat(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _flat(item)
    else:
        yield node


def _literal_byte(node: Node, text: bytes) -> int | None:
    """Return the byte that a node takes, a letter as it is written; ``None``: others too.

    One that can't be printed counts as none.
    """
    if not isinstance(node, Bytes):
        return None
    written = text[node.span.start : node.span.end]
    letter = len(written) == 1 and node.bits == both_cases(1 << written[0])
    byte = written[0] if letter else node.bits.bit_length() - 1
    alone = letter or node.bits.bit_count() == 1
    return byte if alone and byte >= ord(" ") and byte != 0x7F else None


def _may_be_empty(node: Node) -> bool:
    match node:
        case Bytes():
            return False
        case Assertion():
            return True
        case Atomic(body):
            return _may_be_empty(body)
        case Repeat(body, least):
            return least == 0 or _may_be_empty(body)
        case Sequence(items):
            return all(map(_may_be_empty, items))
        case Branches(branches):
            return any(map(_may_be_empty, branches))


def _first(nodes: list[Node] | tuple[Node, ...]) -> int:
    """Return the set of bytes that nodes, one after the other, may begin with."""
    found = 0
    for node in nodes:
        match node:
            case Bytes(bits):
                found |= bits
            case Assertion():
                pass
            case Atomic(body) | Repeat(body):
                found |= _first((body,))
            case Sequence(items):
                found |= _first(items)
            case Branches(branches):
                for branch in branches:
                    found |= _first((branch,))
        if not _may_be_empty(node):
            break
    return found
