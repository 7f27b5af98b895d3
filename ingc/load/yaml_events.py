"""libyaml's events: the parser over a stretch of a file, nodes with places, syntax errors.

Events are used and not composed nodes, because libyaml's composer recurses in C and crashes the
process on deep nesting, and because building from events is twice as fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from ingc.diagnostics import Origin, Related, Sink
from ingc.diagnostics.catalogue.reading import ControlCharacter, YamlSyntax
from ingc.load.nodes import ALIAS, END, MAPPING, SCALAR, SEQUENCE, NodeKind, YamlNode
from ingc.load.scalars import MERGE, TYPED_STARTS, key_text, resolve, resolve_tagged
from ingc.load.text import FileText

GetEvent = Callable[[], Any]

_PIECE = 1 << 14
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|#[^\r\n]*)*)+")
_KINDS = {
    ScalarEvent: SCALAR,
    AliasEvent: ALIAS,
    MappingStartEvent: MAPPING,
    SequenceStartEvent: SEQUENCE,
}
_BLOCK_STYLES = ("|", ">")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_MARKER = re.compile(r"[\n\r](?:(---)|\.\.\.)(?=[ \t\r\n]|\Z)")
_TAG_DIRECTIVE = re.compile(r"(?:^|(?<=[\n\r\x85\u2028\u2029]))%TAG")
_MOST_TAG_DIRECTIVES = 100

_HINTS = {
    "mapping values are not allowed in this context": (
        'quote the value if it holds ": ", or correct the indentation'
    ),
    "could not find expected ':'": 'write "key: value", with a space behind the colon',
    "did not find expected key": "correct the indentation of this line or of the one above",
    "found unexpected end of stream": "close the quote or bracket that is open",
    "found character that cannot start any token": "quote the value that begins so",
    "did not find expected ',' or '}'": "close the brace, or quote the value that begins with it",
    "did not find expected ',' or ']'": "close the bracket, or quote the value that begins with it",
    "did not find expected <document start>": "begin the next document with a line of ---",
}
_HINTS_IN_CONTEXT = {
    "while scanning an alias": "put the value that begins with * in quotes",
    "while scanning an anchor": "put the value that begins with & in quotes",
    "while scanning a tag": "put the value that begins with ! in quotes",
}
_TAB_HINT = "indent with spaces; YAML does not allow tabs there"


class _Stream:
    """Hands a stretch of text to the parser piece by piece, so that it is never copied whole."""

    def __init__(self, text: str, start: int, end: int, pad: int) -> None:
        self._text = text
        self._at = start
        self._end = end
        self._pad = pad

    def read(self, size: int = _PIECE, /) -> str:
        """Return the next piece; ``size`` is libyaml's wish, longer pieces are kept by it."""
        if self._pad:
            pad = min(self._pad, size)
            self._pad -= pad
            return " " * pad
        at = self._at
        self._at = min(at + _PIECE, self._end)
        return self._text[at : self._at]


def events(text: str, start: int, end: int, pad: int = 0) -> GetEvent:
    """Return the function that yields the next event of a stretch, ``pad`` spaces before it."""
    parser = CParser(_Stream(text, start, end, pad))
    get: GetEvent = parser.get_event
    get()
    return get


def start_of(event: Any) -> int:
    """Return the parser's offset of an event's first character."""
    return int(event.start_mark.index)


def next_document(text: str, at: int) -> int | None:
    """Return where the next document after ``at`` begins.

    A ``---`` at the beginning of a line ends a document whatever it stands in, so reading can
    start anew there.
    """
    match = _MARKER.search(text, at)
    if match is None:
        return None
    return match.start(1) if match[1] else match.end()


def nodes(file: FileText, start: int, end: int) -> Iterator[YamlNode]:
    """Read a stretch with the places of all that is in it, up to the first syntax error."""
    text = file.text
    pad = 0 if text[start : start + 1] in ("{", "[") else file.column(start)
    shift = start - pad
    try:
        get = events(text, start, end, pad)
        get()
        while (event := get()) is not None:
            kind = _KINDS.get(event.__class__, END)
            first, last = event.start_mark.index + shift, event.end_mark.index + shift
            if kind is END:
                yield YamlNode(END, first, last, None, None, False)
            elif kind is ALIAS:
                yield YamlNode(ALIAS, first, last, event.anchor, None, False)
            elif event.anchor is None and event.tag is None and not _is_block(event):
                key = key_of(event) if kind is SCALAR else None
                yield YamlNode(kind, first, last, key, None, key == MERGE and is_merge(event))
            else:
                yield _decorated(kind, event, text, first, last)
    except YAMLError:
        return


def _is_block(event: Any) -> bool:
    return event.__class__ is ScalarEvent and event.style in _BLOCK_STYLES


def _decorated(kind: NodeKind, event: Any, text: str, start: int, end: int) -> YamlNode:
    """Return a node whose value does not simply stand between the event's marks."""
    if event.anchor is not None or event.tag is not None:
        properties = _PROPERTIES.match(text, start, end)
        start = properties.end() if properties else start
    if kind is not SCALAR:
        return YamlNode(kind, start, end, None, event.anchor)
    if event.style in _BLOCK_STYLES:
        header = _BLOCK_HEADER.match(text, start)
        end = header.end() if header else end
    return YamlNode(kind, start, end, key_of(event), event.anchor)


def is_merge(event: ScalarEvent) -> bool:
    """Return whether a key is the merge key, and not a string that looks like it."""
    return event.value == MERGE and event.implicit[0] and event.tag is None


def key_of(event: ScalarEvent) -> str | None:
    """Return the string that Kubernetes makes of a scalar as a key; ``None`` if it can't be one."""
    value, tag = event.value, event.tag
    if tag is None:
        typed = event.implicit[0] and value[:1] in TYPED_STARTS
        return key_text(resolve(value)) if typed else value
    if tag == "!":
        return value
    try:
        return key_text(resolve_tagged(value, tag))
    except (LookupError, ValueError):
        return value


def has_too_many_directives(text: str) -> bool:
    """Return whether there are so many ``%TAG`` lines that libyaml would take for ever."""
    return (
        text.count("%TAG") > _MOST_TAG_DIRECTIVES
        and len(_TAG_DIRECTIVE.findall(text)) > _MOST_TAG_DIRECTIVES
    )


def report_directives(file: FileText, sink: Sink) -> None:
    """Report the first of too many ``%TAG`` lines."""
    match = _TAG_DIRECTIVE.search(file.text)
    start = match.start() if match else 0
    problem = f"more than {_MOST_TAG_DIRECTIVES} %TAG directives"
    entry = YamlSyntax(problem, "remove the %TAG lines; Kubernetes objects need no tags")
    sink.report(entry, Origin(source=file.place(start, start + 4)))


def report_syntax(error: MarkedYAMLError, file: FileText, shift: int, sink: Sink) -> None:
    """Report what libyaml stumbled over, and where the thing began that it was reading."""
    problem = error.problem or error.context or "the parser stopped"
    mark = error.problem_mark or error.context_mark
    offset = (mark.index if mark else 0) + shift
    hint = _HINTS_IN_CONTEXT.get(error.context or "") or _HINTS.get(problem)
    if file.text[offset : offset + 1] == "\t":
        hint = _TAB_HINT
    entry = YamlSyntax(problem, hint) if hint else YamlSyntax(problem)
    also = []
    if error.context and error.context_mark and error.context_mark is not mark:
        begin = error.context_mark.index + shift
        if begin != offset:
            label = error.context.removeprefix("while ")
            also.append(Related(Origin(source=file.place(begin, begin + 1)), label))
    sink.report(entry, Origin(source=file.place(offset, offset + 1)), also)


def report_control_character(file: FileText, sink: Sink) -> None:
    """Report the first character that YAML does not allow."""
    match = _FORBIDDEN.search(file.text)
    start = match.start() if match else 0
    character = f"U+{ord(file.text[start]):04X}"
    sink.report(ControlCharacter(character), Origin(source=file.place(start, start + 1)))
