"""Bytes to text."""

from __future__ import annotations

import codecs

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.reading import EncodingNotUtf8, InvalidUtf8
from ingc.load.text import FileText, TextPlace

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_BEHIND = 200
"""Bytes that are printed behind one that is not UTF-8."""


def decode(data: bytes | bytearray, file: str, sink: Sink) -> FileText | None:
    """Return a file's text without a byte order mark; report what is not UTF-8."""
    encoding = _other_encoding(data)
    if encoding:
        sink.report(EncodingNotUtf8(encoding), Origin(source=TextPlace(file)))
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return FileText(file, data.decode())
    except UnicodeDecodeError as error:
        before = len(data[: error.start].decode())
        excerpt = FileText(file, data[: error.start + _BEHIND].decode(errors="replace"))
        entry = InvalidUtf8(f"byte 0x{data[error.start]:02X}")
        sink.report(entry, Origin(source=excerpt.place(before, before + 1)))
        return None


def is_text(text: str, file: str, sink: Sink) -> bool:
    """Return whether a string can be written as UTF-8; report the place where it can't."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        place = FileText(file, text).place(error.start, error.start + 1)
        entry = InvalidUtf8(f"U+{ord(text[error.start]):04X}")
        sink.report(entry, Origin(source=place))
        return False
    return True


def _other_encoding(data: bytes | bytearray) -> str | None:
    """Return the encoding if a byte order mark, or the zero of a first ASCII letter, marks it."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if len(data) >= 2 and (data[0] == 0) != (data[1] == 0):
        return "UTF-16"
    return None
