"""A file of JSON values as plain objects."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ingc.diagnostics import Entry, FieldPath, Origin, Sink
from ingc.diagnostics.catalogue.reading import (
    JsonSyntax,
    LoneSurrogate,
    NestingTooDeep,
    NumberOutOfRange,
    ReadingStopped,
)
from ingc.load.faults import DEEPEST, MOST_FAULTS, report_duplicate
from ingc.load.nodes import END, MAPPING, SCALAR, SEQUENCE, FoundNode, YamlNode, walk
from ingc.load.scalars import as_json
from ingc.load.spans import Items, Parsed, Positions, Region, Take
from ingc.load.text import FileText, printable_path, shortened

_SPACE = re.compile(r"[ \t\n\r]*+")
_BETWEEN = re.compile(r"[ \t\n\r,:]*+")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]++', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_NUMBER = 400
_CLOSING = ("}", "]")
_OPENING = {"{": MAPPING, "[": SEQUENCE}


def nodes(file: FileText, start: int, end: int) -> Iterator[YamlNode]:
    """Read a stretch of valid JSON with the places of all that is in it."""
    for match in _TOKEN.finditer(file.text, start, end):
        token = match[0]
        if token in _OPENING:
            yield YamlNode(_OPENING[token], match.start(), match.end())
        elif token in _CLOSING:
            yield YamlNode(END, match.start(), match.end())
        else:
            text = token
            if token[0] == '"':
                text = json.loads(token) if "\\" in token else token[1:-1]
            yield YamlNode(SCALAR, match.start(), match.end(), text)


def find_items(file: FileText, start: int) -> Items:
    """Return where the entries of the List that begins at ``start`` stand.

    Much faster than to walk through what is in them.
    """
    text, items = file.text, Items()
    skip = json.JSONDecoder(parse_int=len, parse_float=len).raw_decode
    at = _skip(_BETWEEN, text, start + 1)
    while text[at] == '"':
        key, at = skip(text, at)
        at = _skip(_BETWEEN, text, at)
        if key == "items" and text[at] == "[":
            at = _skip(_BETWEEN, text, at + 1)
            while text[at] != "]":
                items[len(items)] = at
                at = _skip(_BETWEEN, text, skip(text, at)[1])
            break
        at = _skip(_BETWEEN, text, skip(text, at)[1])
    return items


def parse(
    file: FileText, sink: Sink, take: Take, progress: Callable[[int], None], *, surely: bool
) -> bool:
    """Hand all values of a file to ``take``; ``progress`` is given the offset reached.

    If it is not valid JSON: report that if the file is ``surely`` JSON, otherwise return
    ``False``; then what was taken and reported is not to be used.
    """
    try:
        _Reader(file, sink, take, progress).read()
    except json.JSONDecodeError as error:
        if not surely:
            return False
        problem = error.msg[:1].lower() + error.msg[1:]
        sink.report(JsonSyntax(problem), Origin(source=file.place(error.pos, error.pos + 1)))
    return True


class _Reader:
    """Reads a file's values; a second look is taken only at those that raise a suspicion."""

    def __init__(
        self, file: FileText, sink: Sink, take: Take, progress: Callable[[int], None]
    ) -> None:
        self._file = file
        self._sink = sink
        self._take = take
        self._progress = progress
        self._positions = Positions(file, nodes)
        self._suspicious = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=self._constant,
        )

    def read(self) -> None:
        """Read the file; raises `json.JSONDecodeError`."""
        text, faults = self._file.text, 0
        at = _skip(_SPACE, text, 0)
        while at < len(text):
            self._suspicious = False
            try:
                value, end = self._decoder.raw_decode(text, at)
            except RecursionError:
                self._examine(Region(self._positions, at, len(text)))
                return
            region = Region(self._positions, at, end, find_items=find_items)
            refused: list[FieldPath] = []
            if self._suspicious or _has_surrogate(text, at, end) or _is_deep(value, text, at, end):
                refused = self._examine(region)
            if value is not None or refused:
                faults += len(refused) + self._take(Parsed(value, region, tuple(refused)))
            self._progress(end)
            if faults >= MOST_FAULTS:
                place = self._file.place(end, end + 1)
                self._sink.report(ReadingStopped(MOST_FAULTS), Origin(source=place))
                return
            at = _skip(_SPACE, text, end)

    def _examine(self, region: Region) -> list[FieldPath]:
        """Report the faults of a value; return their paths."""
        refused = []
        for found in walk(region.nodes()):
            if found.earlier:
                report_duplicate(found, region, self._sink)
            for entry, node in _faults(found, self._file.text):
                place = self._file.place(node.start, node.end)
                self._sink.report(entry, Origin(None, printable_path(found.path), place))
            if found.earlier or _faults(found, self._file.text):
                refused.append(found.path)
            if len(refused) >= MOST_FAULTS or len(found.path) >= DEEPEST:
                break
        return refused

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            self._suspicious = True
        return value

    def _float(self, text: str) -> Any:
        value = float(text)
        if math.isinf(value):
            self._suspicious = True
        return as_json(value)

    def _int(self, text: str) -> int:
        if len(text) > _LONGEST_NUMBER:
            self._suspicious = True
            return 0
        return int(text)

    def _constant(self, _: str) -> None:
        self._suspicious = True


def _faults(found: FoundNode, text: str) -> list[tuple[Entry, YamlNode]]:
    """Return what is wrong with a value or its key, duplicate keys apart."""
    node, key = found.node, found.key
    faults: list[tuple[Entry, YamlNode]] = [
        (LoneSurrogate(), part) for part in (node, key) if part and not _is_text(part.text)
    ]
    if len(found.path) >= DEEPEST and node.kind is not SCALAR:
        faults.append((NestingTooDeep(DEEPEST), node))
    if node.kind is SCALAR and text[node.start] != '"' and not _is_finite(node.text or ""):
        faults.append((NumberOutOfRange(shortened(node.text or "")), node))
    return faults


def _is_text(text: str | None) -> bool:
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_finite(token: str) -> bool:
    """Return whether a token other than a string is a finite number, or no number."""
    if token in ("true", "false", "null"):
        return True
    return len(token) <= _LONGEST_NUMBER and math.isfinite(float(token))


def _has_surrogate(text: str, start: int, end: int) -> bool:
    return _SURROGATE.search(text, start, end) is not None


def _is_deep(value: Any, text: str, start: int, end: int) -> bool:
    """Return whether a value has more levels than `DEEPEST`."""
    if text.count("{", start, end) + text.count("[", start, end) <= DEEPEST:
        return False
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for box in level
            for inner in (box.values() if box.__class__ is dict else box)
            if inner.__class__ is dict or inner.__class__ is list
        ]
        if not level:
            return False
    return True


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
