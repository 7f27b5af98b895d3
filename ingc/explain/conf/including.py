"""The files of an nginx.conf as one tree, each directive with the file that it stands in.

crossplane can join them too, but gives what stands behind an ``include`` the file included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]


class IncludedAgain(ValueError):
    """A file includes itself, by itself or by others."""


def joined(files: Sequence[Item]) -> list[dict[str, Any]]:
    """Return the directives of crossplane's files, with those of others in place of an include.

    Raises `IncludedAgain`.
    """
    return list(_of_file(0, files, ())) if files else []


def _of_file(
    number: int, files: Sequence[Item], around: tuple[int, ...]
) -> Iterator[dict[str, Any]]:
    if number in around:
        raise IncludedAgain(f"{files[number]['file']} includes itself")
    file = files[number]
    yield from _of_block(file["parsed"], file["file"], files, (*around, number))


def _of_block(
    items: Sequence[Item], file: str, files: Sequence[Item], around: tuple[int, ...]
) -> Iterator[dict[str, Any]]:
    for item in items:
        if "includes" in item:
            for number in item["includes"]:
                yield from _of_file(number, files, around)
            continue
        made = {**item, "file": file}
        if "block" in item:
            made["block"] = list(_of_block(item["block"], file, files, around))
        yield made
