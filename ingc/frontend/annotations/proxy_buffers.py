"""Buffers for the backend's answer; nginx refuses some combinations, and then all of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ingc.diagnostics.catalogue.annotations_proxy import (
    ProxyBusyBuffersTooLarge,
    ProxyBusyBuffersTooSmall,
    ProxyTempFileTooSmall,
    TooMuchMemory,
)
from ingc.diagnostics.model import Entry
from ingc.frontend.annotations.declare import Annotation, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import MOST_MEMORY, integer, size
from ingc.frontend.wishes import Ask
from ingc.ir.features.tuning import Tuning

_LARGEST_FILE = "4000m"
"""As in the ConfigMap."""
_MOST = 16 << 20
"""Bytes of memory that a request may take in each direction, as far as an Ingress can set it: slow
clients take it all at once. The largest in use are some megabytes."""
_UNITS = {"k": 10, "m": 20}


def byte_count(text: str) -> int:
    """Return the bytes of a size such as ``8k``."""
    shift = _UNITS.get(text[-1])
    return int(text) if shift is None else int(text[:-1]) << shift


def as_size(count: int) -> str:
    """Write a number of bytes as short as nginx takes it."""
    for unit, shift in (("m", 20), ("k", 10)):
        if count and count % (1 << shift) == 0:
            return f"{count >> shift}{unit}"
    return str(count)


def buffer_size() -> Grammar[str]:
    """Return the grammar of the size of one buffer."""
    sizes = size("km")

    def make(tokens: tuple[str, ...]) -> str:
        text = sizes.make(tokens)
        if not 0 < byte_count(text) <= MOST_MEMORY:
            raise BadValue("a buffer has at least 1 byte and at most 1024m")
        return text

    return Grammar(
        name="buffer size",
        rule="size",
        words="from 1 to 1024m: a number of bytes, or with a unit of k, m",
        examples=("8k", "1m", "16384"),
        wrong=("", "0", "8 k", "8kb", "1g", "1025m", "-1", "k"),
        make=make,
        write=str,
    )


def _file_size() -> Grammar[str]:
    sizes = size("km")

    def make(tokens: tuple[str, ...]) -> str:
        text = sizes.make(tokens)
        if byte_count(text) > byte_count(_LARGEST_FILE):
            raise BadValue(f"a request may put {_LARGEST_FILE} on the disk at most")
        return text

    words = f"up to {_LARGEST_FILE}: a number of bytes, or with a unit of k, m"
    return replace(sizes, words=words, wrong=(*sizes.wrong, "4001m"), make=make)


PROXY_BUFFERS_NUMBER = Annotation(
    "proxy-buffers-number",
    "How many buffers, of proxy-buffer-size each, hold an answer before it is sent: 16m in all.",
    integer(2),
    default="4",
    see="proxy_buffers",
)
PROXY_BUFFER_SIZE = Annotation(
    "proxy-buffer-size",
    "The size of each buffer; the headers of an answer must fit into one.",
    buffer_size(),
    default="4k",
    see="proxy_buffer_size",
)
PROXY_BUSY_BUFFERS_SIZE = Annotation(
    "proxy-busy-buffers-size",
    "How much of the buffers may be busy with sending; two buffers where it is not given.",
    buffer_size(),
    sets="proxy_busy_buffers_size",
)
PROXY_MAX_TEMP_FILE_SIZE = Annotation(
    "proxy-max-temp-file-size",
    "How much of an answer that the buffers can't hold goes to a file; 0 forbids files.",
    _file_size(),
    default="1024m",
    sets="proxy_max_temp_file_size",
)
ALL: tuple[Annotation[Any], ...] = (
    PROXY_BUFFERS_NUMBER,
    PROXY_BUFFER_SIZE,
    PROXY_BUSY_BUFFERS_SIZE,
    PROXY_MAX_TEMP_FILE_SIZE,
)


@dataclass(frozen=True, slots=True)
class Buffers:
    """What holds together in one location."""

    number: int = 4
    size: str = "4k"
    """Of one buffer."""
    busy: str = ""
    """Empty: nginx takes two buffers."""
    file: str = "1024m"

    @property
    def total(self) -> int:
        """Bytes of memory that they take together."""
        return self.number * byte_count(self.size)

    def misfits(self) -> Iterator[Entry]:
        """Yield why nginx would refuse the combination, if it would.

        The rules are those of all versions of nginx, whether buffering is on or off.
        """
        one = byte_count(self.size)
        busy = byte_count(self.busy) if self.busy else 2 * one
        most = (self.number - 1) * one
        if busy < one:
            yield ProxyBusyBuffersTooSmall(busy=self.busy, size=self.size)
        elif busy > most:
            yield ProxyBusyBuffersTooLarge(
                busy=as_size(busy),
                number=self.number,
                size=self.size,
                most=as_size(most),
                least=1 - (-busy // one),
            )
        if 0 < byte_count(self.file) < one:
            yield ProxyTempFileTooSmall(file=self.file, size=self.size)


def build(values: Values) -> Iterator[Ask]:
    """Request buffers, or report why they don't fit together."""
    given = [annotation for annotation in ALL if values.own(annotation) is not None]
    if not given:
        return
    usual = Buffers()
    number = values.get(PROXY_BUFFERS_NUMBER) or usual.number
    one = values.get(PROXY_BUFFER_SIZE) or usual.size
    busy = values.get(PROXY_BUSY_BUFFERS_SIZE) or usual.busy
    file = values.get(PROXY_MAX_TEMP_FILE_SIZE) or usual.file
    buffers = Buffers(number, one, busy, file)
    for misfit in (*buffers.misfits(), *_too_much(buffers, values)):
        values.report(misfit, _culprit(misfit, given))
    if PROXY_BUFFER_SIZE in given:
        yield Tuning("proxy_buffer_size", (one,))
    if PROXY_BUFFER_SIZE in given or PROXY_BUFFERS_NUMBER in given:
        yield Tuning("proxy_buffers", (number, one))


def _too_much(buffers: Buffers, values: Values) -> Iterator[Entry]:
    usual = Buffers()
    number = values.defaults.get(PROXY_BUFFERS_NUMBER.name, usual.number)
    one = values.defaults.get(PROXY_BUFFER_SIZE.name, usual.size)
    what = f"{buffers.number} proxy buffers of {buffers.size}"
    return too_much(what, buffers.total, Buffers(number, one).total)


def too_much(what: str, total: int, given: int) -> Iterator[Entry]:
    """Yield what is wrong where an Ingress requests too much memory; ``given`` is everybody's."""
    most = max(_MOST, min(given, MOST_MEMORY))
    if total > most:
        yield TooMuchMemory(what=what, total=as_size(total), most=as_size(most))


def _culprit(misfit: Entry, given: list[Annotation[Any]]) -> Annotation[Any]:
    """Return the annotation to report a misfit at: one of those that it names."""
    wanted: tuple[Annotation[Any], ...] = (
        PROXY_BUSY_BUFFERS_SIZE,
        PROXY_BUFFERS_NUMBER,
        PROXY_BUFFER_SIZE,
    )
    if isinstance(misfit, ProxyTempFileTooSmall):
        wanted = (PROXY_MAX_TEMP_FILE_SIZE, PROXY_BUFFER_SIZE)
    return next((annotation for annotation in wanted if annotation in given), given[0])
