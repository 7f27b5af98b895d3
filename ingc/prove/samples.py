"""A text that a regex matches."""

from __future__ import annotations

from functools import lru_cache

from ingc.syntax.regex_reader import read_tree
from ingc.syntax.regex_tree import Assertion, Atomic, Bytes, Choice, Node, Repeat, Sequence

_LIKED = b"abcdefghijklmnopqrstuvwxyz0123456789-_/.ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Bytes that are plain in a path and a name, the plainest first."""
_PRINTABLE = bytes(range(33, 127))


@lru_cache(maxsize=1 << 13)
def sample(pattern: str) -> bytes:
    """Return a text made along a pattern, with as little repeated as it allows.

    Lookarounds are not looked at, so the caller has to see whether it really matches.
    """
    tree = read_tree(pattern)
    return b"".join(_pieces(tree.root, tree.text))


def _pieces(node: Node, text: bytes) -> list[bytes]:
    match node:
        case Bytes(bits, span):
            return [_one_of(bits, text[span.start : span.end])]
        case Assertion():
            return []
        case Atomic(body):
            return _pieces(body, text)
        case Repeat(body, least, most):
            # Once where it may be absent: what a group holds shows better so.
            times = least or (1 if most != 0 else 0)
            return _pieces(body, text) * min(times, 64)
        case Sequence(items):
            return [piece for item in items for piece in _pieces(item, text)]
        case Choice(branches):
            return _pieces(branches[0], text) if branches else []


def _one_of(bits: int, written: bytes) -> bytes:
    """Choose a byte of a set: as it is written, where it is; the tree knows no case."""
    for byte in (
        *(written if len(written) == 1 and written != b"." else b""),
        *_LIKED,
        *_PRINTABLE,
        *range(256),
    ):
        if bits >> byte & 1:
            return bytes((byte,))
    return b""
