"""Texts that a regex takes: one for each of its choices, short ones."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

from ingc.syntax.regex.bytes import BadRegex
from ingc.syntax.regex.reader import read_tree
from ingc.syntax.regex.tree import Assertion, Atomic, Branches, Bytes, Node, Repeat, Sequence

_MOST = 12
_LONGEST = 8192
"""Bytes; nginx reads no longer request line, and repeats in repeats would fill any memory."""
_LIKED = b"a1/-_.bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ023456789~!,+=:@&;()'*"
"""The bytes that stand for a set, the most usual in a path first."""


@lru_cache(maxsize=1 << 12)
def samples(pattern: str) -> tuple[bytes, ...]:
    """Return texts that a pattern is likely to match, the plainest first; none of a bad one.

    What it looks at is not heeded, so the caller has to see whether one really matches.
    """
    try:
        tree = read_tree(pattern)
    except BadRegex:
        return ()
    return tuple(dict.fromkeys(_of(tree.root, tree.text)))


def sample(pattern: str) -> bytes:
    """Return the plainest of `samples`; empty where there is none."""
    return next(iter(samples(pattern)), b"")


def _of(node: Node, text: bytes) -> list[bytes]:
    match node:
        case Bytes(bits, span):
            return [_byte(bits, text[span.start : span.end])]
        case Assertion():
            return [b""]
        case Atomic(body):
            return _of(body, text)
        case Branches(branches):
            return _spread([_of(branch, text) for branch in branches])
        case Repeat(body, least, most):
            return _repeated(_of(body, text), least, most)
        case Sequence(items):
            # Each part is varied alone first: all combinations would be too many.
            return _in_a_row([_of(item, text) for item in items])


def _in_a_row(parts: list[list[bytes]]) -> list[bytes]:
    if not all(parts):
        return []
    plainest = b"".join(part[0] for part in parts)
    found, at = {plainest: None}, 0
    for part in parts:
        before, after = plainest[:at], plainest[at + len(part[0]) :]
        found.update(dict.fromkeys(before + other + after for other in part[1:]))
        at += len(part[0])
        if len(found) >= _MOST:
            break
    found.update(dict.fromkeys(b"".join(chosen) for chosen in islice(product(*parts), _MOST)))
    return [text for text in found if len(text) <= _LONGEST][:_MOST]


def _repeated(body: list[bytes], least: int, most: int | None) -> list[bytes]:
    counts = [max(least, 1)] if most != 0 else []
    counts += [least] if least not in counts else []
    if most is None or most > max(least, 1):
        counts.append(max(least, 1) + 1)
    texts = (each * n for n in counts for each in body if len(each) * n <= _LONGEST)
    return list(dict.fromkeys(texts))[:_MOST]


def _spread(branches: list[list[bytes]]) -> list[bytes]:
    """Take the first of every branch, then the second, and so on."""
    longest = max(map(len, branches))
    found = [branch[at] for at in range(longest) for branch in branches if at < len(branch)]
    return list(dict.fromkeys(found))[: max(_MOST, len(branches))]


def _byte(bits: int, written: bytes) -> bytes:
    """Choose a byte of a set: as it is written, where it is; the tree knows no case."""
    literal = written if len(written) == 1 and written != b"." else b""
    for byte in (*literal, *_LIKED, *range(256)):
        if bits >> byte & 1:
            return bytes((byte,))
    return b""
