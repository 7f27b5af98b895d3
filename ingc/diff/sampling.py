"""Paths that a regex takes: one for each of its choices, short ones."""

from __future__ import annotations

from itertools import islice, product

from ingc.syntax.regex import BadRegex
from ingc.syntax.regex_reader import read_tree
from ingc.syntax.regex_tree import Assertion, Atomic, Bytes, Choice, Node, Repeat, Sequence

_MOST = 12
_LIKED = b"a1/-_.bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ023456789~!,+=:@&;()'*"
"""The bytes that stand for a set, the most usual in a path first."""


def samples(pattern: str) -> tuple[bytes, ...]:
    """Return texts that a pattern is likely to match; what it looks at is not heeded."""
    try:
        root = read_tree(pattern).root
    except BadRegex:
        return ()
    return tuple(dict.fromkeys(_of(root)))


def _of(node: Node) -> list[bytes]:
    match node:
        case Bytes(bits):
            return [_byte(bits)]
        case Assertion():
            return [b""]
        case Atomic(body):
            return _of(body)
        case Choice(branches):
            return _spread([_of(branch) for branch in branches])
        case Repeat(body, least, most):
            return _repeated(_of(body), least, most)
        case Sequence(items):
            # Each part is varied alone first: all combinations would be too many.
            parts = [_of(item) for item in items]
            firsts = [part[0] for part in parts]
            found = [b"".join(firsts)]
            for at, part in enumerate(parts):
                found += [b"".join([*firsts[:at], other, *firsts[at + 1 :]]) for other in part[1:]]
            found += [b"".join(chosen) for chosen in islice(product(*parts), _MOST)]
            return list(dict.fromkeys(found))[:_MOST]


def _repeated(body: list[bytes], least: int, most: int | None) -> list[bytes]:
    counts = [max(least, 1)] if most != 0 else []
    counts += [least] if least not in counts else []
    if most is None or most > max(least, 1):
        counts.append(max(least, 1) + 1)
    return list(dict.fromkeys(each * count for count in counts for each in body))[:_MOST]


def _spread(branches: list[list[bytes]]) -> list[bytes]:
    """Take the first of every branch, then the second, and so on."""
    longest = max(map(len, branches))
    found = [branch[at] for at in range(longest) for branch in branches if at < len(branch)]
    return list(dict.fromkeys(found))[: max(_MOST, len(branches))]


def _byte(bits: int) -> bytes:
    for byte in _LIKED:
        if bits >> byte & 1:
            return bytes((byte,))
    return bytes((next(byte for byte in range(256) if bits >> byte & 1),)) if bits else b""
