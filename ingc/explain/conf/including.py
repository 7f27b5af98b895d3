"""The files of an nginx.conf as one tree, each directive with the file that it stands in.

crossplane can join them too, but gives what stands behind an ``include`` the file included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]

_MOST_NESTED = 100
"""Blocks and files, one in another; nginx has no limit, and no such configuration is known."""
_MOST_REPEATED = 1_000_000
"""Directives and includes beyond those that are written: files that each include the next one
twice would be more than any memory holds."""


class NotJoined(ValueError):
    """The files make no tree that can be held; the text gives the reason."""


def joined(files: Sequence[Item]) -> list[dict[str, Any]]:
    """Return the directives of crossplane's files, with those of others in place of an include.

    Raises `NotJoined`.
    """
    if not files:
        return []
    name = files[0]["file"]
    try:
        written = sum(_written(file["parsed"]) for file in files)
        size = _size(0, files, {}, ())
    except RecursionError as error:
        raise NotJoined(_too_deep(name)) from error
    if size > written + _MOST_REPEATED:
        raise NotJoined(f"{name}: its includes repeat more than a million directives")
    return list(_of_block(files[0]["parsed"], name, files, 0))


def _written(items: Sequence[Item]) -> int:
    return sum(1 + _written(item.get("block", ())) for item in items)


def _size(
    number: int, files: Sequence[Item], sizes: dict[int, int], around: tuple[int, ...]
) -> int:
    """Return how many directives and includes a file stands for."""
    file = files[number]
    if number in around:
        raise NotJoined(f"{file['file']} includes itself")
    if len(around) >= _MOST_NESTED:
        raise NotJoined(_too_deep(file["file"]))
    if number not in sizes:
        sizes[number] = _size_of(file["parsed"], files, sizes, (*around, number))
    return sizes[number]


def _size_of(
    items: Sequence[Item], files: Sequence[Item], sizes: dict[int, int], around: tuple[int, ...]
) -> int:
    total = len(items)
    for item in items:
        total += sum(_size(number, files, sizes, around) for number in item.get("includes", ()))
        total += _size_of(item.get("block", ()), files, sizes, around)
    return total


def _too_deep(file: str) -> str:
    return f"{file}: blocks and includes are nested more than {_MOST_NESTED} deep"


def _of_block(
    items: Sequence[Item], file: str, files: Sequence[Item], depth: int
) -> Iterator[dict[str, Any]]:
    if depth > _MOST_NESTED:
        raise NotJoined(_too_deep(file))
    for item in items:
        if "includes" in item:
            for number in item["includes"]:
                inner = files[number]
                yield from _of_block(inner["parsed"], inner["file"], files, depth + 1)
            continue
        made = {**item, "file": file}
        if "block" in item:
            made["block"] = list(_of_block(item["block"], file, files, depth + 1))
        yield made
