"""Where input comes from: files, folders, patterns, standard input; found first, then read."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import BinaryIO

from ingc.syntax.visible import visible

MANIFESTS = (".yaml", ".yml", ".json")
STDIN = "-"
STDIN_NAME = "<stdin>"
_PIECE = 1 << 20
_WILD = re.compile(r"[*?\[]")


class Unreadable(Exception):
    """Some inputs can't be read; ``problems`` has the name of each and the reason."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in problems))


class TooLargeError(Exception):
    """There is more to read than is allowed."""


@dataclass(slots=True)
class FoundFile:
    """One file to read, or standard input (``path`` is ``None``)."""

    name: str
    """As the user gave or would write it."""
    path: Path | None
    inputs: list[int]
    """The numbers of the inputs that lead to it."""
    named: bool = False
    """An input names it, so it is meant to hold objects; a folder or a pattern only finds it."""


@dataclass(slots=True)
class FoundFiles:
    """What the inputs lead to, in their order, each file once."""

    files: dict[str, FoundFile] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, path: Path | None, number: int, *, named: bool = False) -> None:
        """Note that an input leads to a file."""
        try:
            identity = os.path.realpath(path) if path else STDIN
        except ValueError:
            self.problems.append((_printable(name), "no file can have this name"))
            return
        known = self.files.setdefault(identity, FoundFile(_printable(name), path, []))
        known.named |= named
        if number not in known.inputs:
            known.inputs.append(number)

    def size(self) -> int:
        """Return how many bytes the files have together, as far as that is known before."""
        return sum(_size(file.path) for file in self.files.values() if file.path)


def find(inputs: Sequence[str], cwd: Path | None = None) -> FoundFiles:
    """Find the files behind the inputs; relative ones are looked for from ``cwd``."""
    found = FoundFiles()
    base = cwd or Path()
    for number, name in enumerate(inputs):
        mode = _mode(base / name) if name else None
        if not name:
            found.problems.append((name, "an input has an empty name"))
        elif name == STDIN:
            found.add(STDIN_NAME, None, number, named=True)
        elif mode is not None and stat.S_ISDIR(mode):
            _add_folder(PurePath(name), base, number, found)
        elif mode is not None or not _WILD.search(name):
            found.add(name, base / name, number, named=True)
        else:
            _add_pattern(PurePath(name), base, number, found)
    return found


def read(file: FoundFile, stdin: BinaryIO | None, most: int) -> bytearray:
    """Return a file's bytes; raises `OSError`, and `TooLargeError` above ``most`` bytes."""
    if file.path is None:
        stream = stdin or (sys.stdin.buffer if sys.stdin else None)
        if stream is None or stream.closed:
            raise OSError("there is no standard input")
        return _read(stream, most)
    with file.path.open("rb") as stream:
        if _size(file.path) > most:
            raise TooLargeError
        return _read(stream, most)


def _read(stream: BinaryIO, most: int) -> bytearray:
    data = bytearray()
    while piece := stream.read(min(_PIECE, most + 1 - len(data))):
        data += piece
        if len(data) > most:
            raise TooLargeError
    return data


def _add_folder(folder: PurePath, base: Path, number: int, found: FoundFiles) -> None:
    """Add the manifests below a folder in the order of their names, each folder once."""
    seen: set[str] = set()
    todo = [folder]
    while todo:
        name = todo.pop()
        mode = _mode(base / name)
        if mode is None or stat.S_ISREG(mode):
            if name.suffix in MANIFESTS:
                found.add(str(name), base / name, number)
        elif stat.S_ISDIR(mode) and (identity := os.path.realpath(base / name)) not in seen:
            seen.add(identity)
            found.folders.append(base / name)
            todo += reversed([name / entry for entry in _entries(name, base, found)])


def _entries(folder: PurePath, base: Path, found: FoundFiles) -> list[str]:
    """Return the names in a folder in order, without hidden ones."""
    try:
        names = [entry.name for entry in (base / folder).iterdir()]
    except OSError as error:
        found.problems.append((_printable(str(folder)), reason(error)))
        return []
    return sorted(name for name in names if not name.startswith("."))


def _add_pattern(pattern: PurePath, base: Path, number: int, found: FoundFiles) -> None:
    """Add what a pattern matches: folders with all that is in them, and manifests.

    Files with another ending are added only if the pattern names that ending.
    """
    names = sorted(set(_matches(PurePath(), list(pattern.parts), base, found)))
    if not names:
        found.problems.append((_printable(str(pattern)), "no file matches this pattern"))
    fixed = PurePath(*_fixed(pattern.parts))
    found.folders.append(base / fixed)
    for name in names:
        mode = _mode(base / name)
        if mode is not None and stat.S_ISDIR(mode):
            _add_folder(name, base, number, found)
        elif name.suffix in MANIFESTS or (name.suffix and pattern.suffix == name.suffix):
            found.add(str(name), base / name, number)


def _fixed(parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        if _WILD.search(part):
            return
        yield part


def _matches(
    folder: PurePath, parts: list[str], base: Path, found: FoundFiles
) -> Iterator[PurePath]:
    """Yield what the parts of a pattern match below a folder; ``**`` is any number of folders."""
    if not parts:
        yield folder
    elif parts[:2] == ["**", "**"]:
        yield from _matches(folder, parts[1:], base, found)
    elif parts[0] == "**":
        below = FoundFiles()
        _add_folder(folder, base, 0, below)
        found.problems += below.problems
        for inner in below.folders:
            yield from _matches(inner.relative_to(base), parts[1:], base, found)
    elif not _WILD.search(parts[0]):
        if _mode(base / folder / parts[0]) is not None:
            yield from _matches(folder / parts[0], parts[1:], base, found)
    elif stat.S_ISDIR(_mode(base / folder) or 0):
        for entry in _entries(folder, base, found):
            if fnmatchcase(entry, parts[0]):
                yield from _matches(folder / entry, parts[1:], base, found)


def _printable(name: str) -> str:
    """Return a name as text, whatever bytes it has: in reports it moves no terminal."""
    return visible(name)


def _mode(path: Path) -> int | None:
    """Return the kind of file, links followed; ``None`` for what can't be looked at."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


def reason(error: OSError) -> str:
    """Return why something can't be read, in lower case."""
    return (error.strerror or str(error)).lower()
