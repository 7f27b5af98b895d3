"""Inputs to objects: the load stage as the other stages see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.reading import EmptyFile, EmptyInput, InputTooLarge
from ingc.load import foreign, json_text, sources, yaml_text
from ingc.load.aliases import AliasBudget
from ingc.load.decoding import decode, is_text
from ingc.load.document import Document
from ingc.load.objects import Objects
from ingc.load.sources import STDIN, STDIN_NAME, FoundFile, FoundFiles, TooLargeError, Unreadable
from ingc.load.text import FileText, TextPlace

Progress = Callable[[int, int], None]
"""Receives how many bytes are done, and how many there are as far as that is known."""
Wanted = Callable[[Mapping[str, Any]], bool]
"""Whether a caller has a use for a mapping that is no Kubernetes object."""

_LIKE_JSON = re.compile(r"\s*+[\[{]")
MAX_INPUT = 1 << 30
"""Bytes of all input together, where nothing else is given."""
_STEP = 1 << 18
"""Progress is reported every so many bytes."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the inputs hold."""

    documents: tuple[Document, ...]
    """The objects in order of input, file and place."""
    files: tuple[Path, ...]
    """The files that were read, for whoever watches them."""
    folders: tuple[Path, ...] = ()
    """The folders that were searched; a new file there would be read, too."""


def read(
    inputs: Sequence[str],
    sink: Sink,
    *,
    max_input: int = MAX_INPUT,
    stdin: BinaryIO | None = None,
    cwd: Path | None = None,
    progress: Progress | None = None,
    wanted: Wanted = lambda _: False,
) -> Loaded:
    """Read files, folders (all manifests below them), patterns and ``-`` for standard input.

    Faults in what is read are reported; the objects without faults are returned. Raises
    `Unreadable` with all the inputs that can't be read at all. ``max_input`` is in bytes, for all
    input together. Files that a search finds and that hold no object are passed over, unless
    something in them is ``wanted``.
    """
    found = sources.find(inputs, cwd)
    run = _Run(found, sink, max_input, stdin, progress, wanted)
    run.read()
    if found.problems:
        raise Unreadable(found.problems)
    run.report_empty(inputs)
    paths = tuple(file.path for file in found.files.values() if file.path)
    return Loaded(tuple(run.documents), paths, tuple(dict.fromkeys(found.folders)))


def read_text(text: str, file: str, sink: Sink) -> tuple[Document, ...]:
    """Read one text; ``file`` is the name it has in findings, and ``.json`` in it means JSON."""
    if not is_text(text, file, sink):
        return ()
    content = FileText(file, text.removeprefix("\ufeff"))
    objects = _parse(content, AliasBudget(), lambda _: None)
    sink.extend(objects.sink.diagnostics())
    return tuple(objects.documents)


def _parse(file: FileText, budget: AliasBudget, progress: Callable[[int], None]) -> Objects:
    surely = file.file.endswith(".json")
    if surely or _LIKE_JSON.match(file.text):
        objects = Objects()
        if json_text.parse(file, objects.sink, objects.take, progress, surely=surely):
            return objects
    objects = Objects()
    if not yaml_text.parse(file, objects.sink, objects.take, budget, progress):
        objects.documents.clear()
    return objects


class _Run:
    """One call of `read`."""

    def __init__(
        self,
        found: FoundFiles,
        sink: Sink,
        max_input: int,
        stdin: BinaryIO | None,
        progress: Progress | None,
        wanted: Wanted,
    ) -> None:
        self._found = found
        self._sink = sink
        self._max_input = max_input
        self._stdin = stdin
        self._progress = progress
        self._wanted = wanted
        self._total = found.size()
        self._done = 0
        self._reported = 0
        self._budget = AliasBudget()
        self._cut = False
        self._fruitful: set[int] = set()
        self._empty: list[FoundFile] = []
        self._foreign: list[str] = []
        self.documents: list[Document] = []

    def read(self) -> None:
        """Read the files; those that can't be read are added to the problems found."""
        for file in self._found.files.values():
            before = self._done
            text = self._read_text(file)
            if self._cut:
                return
            if text is not None:
                self._read_objects(text, file, before)
            self._report(self._done)

    def report_empty(self, inputs: Sequence[str]) -> None:
        """Report the inputs in which there is nothing, and the empty files among others."""
        if self._cut:
            return
        for number, name in enumerate(inputs):
            if number not in self._fruitful:
                printed_name = STDIN_NAME if name == STDIN else name
                self._sink.report(EmptyInput(printed_name), Origin(source=TextPlace(printed_name)))
        for file in self._empty:
            if self._fruitful.issuperset(file.inputs):
                self._sink.report(EmptyFile(), Origin(source=TextPlace(file.name)))
        foreign.report_passed_over(self._foreign, self._sink)

    def _read_text(self, file: FoundFile) -> FileText | None:
        try:
            data = sources.read(file, self._stdin, self._max_input - self._done)
        except TooLargeError:
            self._cut = True
            entry = InputTooLarge(_amount(self._max_input))
            self._sink.report(entry, Origin(source=TextPlace(file.name)))
            return None
        except OSError as error:
            self._found.problems.append((file.name, sources.reason(error)))
            return None
        self._done += len(data)
        encrypted = foreign.encrypted_file(data, file.name)
        if encrypted is not None:
            self._sink.report(encrypted, Origin(source=TextPlace(file.name)))
            return None
        faults = Sink()
        text = decode(data, file.name, faults)
        if text is None and not file.named and foreign.is_foreign(data):
            self._foreign.append(file.name)
            return None
        self._sink.extend(faults.diagnostics())
        if text is None:
            self._fruitful.update(file.inputs)
        return text

    def _read_objects(self, text: FileText, file: FoundFile, before: int) -> None:
        objects = _parse(text, self._budget, lambda offset: self._report(before + offset))
        documents = foreign.take_out(objects.documents, self._sink)
        if len(documents) < len(objects.documents) and not documents:
            return
        wanted = file.named or any(self._wanted(document.value) for document in documents)
        if not wanted and foreign.without_objects(text.text, objects):
            self._foreign.append(file.name)
            return
        self._sink.extend(objects.sink.diagnostics())
        self.documents += documents
        if objects.empty:
            self._empty.append(file)
        else:
            self._fruitful.update(file.inputs)

    def _report(self, done: int) -> None:
        if self._progress and (done - self._reported >= _STEP or done == self._done):
            self._reported = done
            self._progress(done, max(done, self._total))


def _amount(size: int) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"
