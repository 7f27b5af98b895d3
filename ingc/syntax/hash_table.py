"""nginx's hash tables of names: when it refuses to build one, and sizes with which it does.

The rules are those of ``ngx_hash_init`` (src/core/ngx_hash.c), the same in nginx 1.22 to 1.31, on
machines with 64-bit pointers and cache lines of 64 bytes, such as x86-64 and aarch64.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

_POINTER = 8
_LINE = 64
_MASK = (1 << 64) - 1
FULLEST = 65536 - _LINE
"""Bytes that nginx puts into one bucket at most, whatever the size that is requested."""
LARGEST = 1 << 16
"""The most buckets that `roomy` requests: about a megabyte while nginx reads its configuration."""
_LATE = 10000
"""From so many buckets on nginx tries only the last thousand sizes."""


class Size(NamedTuple):
    """The two sizes of a table, in the words of nginx's directives."""

    max_size: int
    """The most buckets."""
    bucket_size: int
    """Bytes of one; nginx rounds up to whole cache lines."""


class Misfit(NamedTuple):
    """Why nginx does not build a table, so that it does not start."""

    kind: Literal["long", "crowded", "size"]
    """A name is too long, too many share a bucket, or no bucket may have the size."""
    names: tuple[str, ...]
    """The long one, those that share the fullest bucket, or all."""


@lru_cache(maxsize=1 << 16)
def key_of(name: str) -> int:
    """Return nginx's hash of a name; letters count without their case."""
    key = 0
    # nginx folds the case of ASCII alone.
    for byte in name.encode().lower():
        key = key * 31 + byte
    return key & _MASK


def element(name: str) -> int:
    """Return the bytes that a name takes in a bucket."""
    length = len(name) if name.isascii() else len(name.encode())
    return _POINTER + _aligned(length + 2, _POINTER)


def _aligned(number: int, to: int) -> int:
    return -(-number // to) * to


def misfit(names: Sequence[str], size: Size, margin: int = 0) -> Misfit | None:
    """Return why nginx refuses a table of these names; ``None``: it builds it.

    ``margin`` is the bytes of further names that are not known, and may share any bucket.

    Where no number of buckets holds them all, nginx warns and goes on, unless one bucket would
    need more than `FULLEST` bytes. The cost is linear unless somebody made the names for it.
    """
    bucket = _aligned(size.bucket_size, _LINE)
    sizes = [element(name) for name in names]
    longest = max(sizes, default=0)
    if bucket > FULLEST:
        return Misfit("size", tuple(names))
    if longest + _POINTER > bucket:
        return Misfit("long", (names[sizes.index(longest)],))
    fullest = FULLEST - _POINTER - margin
    if sum(sizes) <= fullest:
        return None
    weights: dict[int, int] = defaultdict(int)
    for name, weight in zip(names, sizes, strict=True):
        weights[key_of(name)] += weight
    filled = _fill(weights, size.max_size)
    if max(filled.values()) <= fullest or (not margin and _fits(weights, len(names), size, bucket)):
        return None
    place = max(filled, key=lambda place: (filled[place], place))
    shared = tuple(name for name in names if key_of(name) % size.max_size == place)
    return Misfit("crowded", shared)


def holds_any_of(names: Collection[str], size: Size, margin: int = 0) -> bool:
    """Return whether nginx builds a table of any of these names; false: it is not known.

    What holds of them all holds of fewer: none is longer, and no bucket is fuller.
    """
    bucket = _aligned(size.bucket_size, _LINE)
    sizes = [element(name) for name in names]
    if bucket > FULLEST or max(sizes, default=0) + _POINTER > bucket:
        return False
    fullest = FULLEST - _POINTER - margin
    if sum(sizes) <= fullest:
        return True
    filled: dict[int, int] = defaultdict(int)
    for name, weight in zip(names, sizes, strict=True):
        filled[key_of(name) % size.max_size] += weight
    return max(filled.values()) <= fullest


def _fill(weights: dict[int, int], buckets: int) -> dict[int, int]:
    filled: dict[int, int] = defaultdict(int)
    for key, weight in weights.items():
        filled[key % buckets] += weight
    return filled


def _fits(weights: dict[int, int], count: int, size: Size, bucket: int) -> bool:
    """Return whether nginx finds a number of buckets with which none overflows."""
    room = bucket - _POINTER
    # The heaviest first: where one overflows, it is found soon.
    ordered = sorted(weights.items(), key=lambda item: -item[1])
    if ordered[0][1] > room:
        return False
    return any(_holds(ordered, buckets, room) for buckets in _tried(count, size.max_size, room))


def _tried(count: int, most: int, room: int) -> Iterable[int]:
    start = count // (room // (2 * _POINTER)) or 1
    if most > _LATE and most // count < 100:
        start = most - 1000
    return range(start, most + 1)


def _holds(weights: list[tuple[int, int]], buckets: int, room: int) -> bool:
    filled = [0] * buckets
    for key, weight in weights:
        place = key % buckets
        filled[place] += weight
        if filled[place] > room:
            return False
    return True


def roomy(names: Sequence[str], size: Size, margin: int = 0) -> Size:
    """Return a size with which nginx builds a table: the given one, or one with more buckets.

    Names that have the very same hash share a bucket whatever the size. Where not even `LARGEST`
    buckets help, the given size comes back.
    """
    return next((tried for tried in _larger(size) if misfit(names, tried, margin) is None), size)


def _larger(size: Size) -> Iterator[Size]:
    yield size
    buckets = size.max_size
    while 2 * buckets <= LARGEST:
        buckets *= 2
        yield Size(buckets, size.bucket_size)
