"""A file of YAML documents as plain objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from yaml.error import MarkedYAMLError
from yaml.events import DocumentStartEvent
from yaml.reader import ReaderError

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.reading import ReadingStopped
from ingc.load import yaml_events
from ingc.load.aliases import AliasBudget
from ingc.load.faults import MOST_FAULTS, report_duplicates
from ingc.load.spans import Items, Parsed, Positions, Region, Take
from ingc.load.text import FileText
from ingc.load.yaml_build import Abandoned, DocumentBuilder
from ingc.load.yaml_events import GetEvent


class ReadYaml(NamedTuple):
    """A document that was read without a finding, and where it stands in its file."""

    value: object
    start: int
    end: int
    items: Items


def take_read(
    file: FileText,
    sink: Sink,
    take: Take,
    progress: Callable[[int], None],
    documents: Iterable[ReadYaml],
) -> None:
    """Hand documents that were read elsewhere to ``take``, as `parse` does."""
    _Reader(file, sink, take, AliasBudget(), progress).take_read(documents)


def parse(
    file: FileText, sink: Sink, take: Take, budget: AliasBudget, progress: Callable[[int], None]
) -> bool:
    """Hand all documents of a file to ``take``; ``progress`` is given the offset reached.

    A fault in what a document holds costs that document; a fault in its syntax also the rest of
    the file. Returns ``False`` if the whole file, what was taken before too, is not to be used.
    """
    if yaml_events.has_too_many_directives(file.text):
        yaml_events.report_directives(file, sink)
        return False
    reader = _Reader(file, sink, take, budget, progress)
    try:
        reader.read()
    except ReaderError:
        yaml_events.report_control_character(file, sink)
        return False
    except MarkedYAMLError as error:
        yaml_events.report_syntax(error, file, reader.shift, sink)
    return True


class _Reader:
    """Reads a file, and starts anew behind a document that had to be given up."""

    def __init__(
        self,
        file: FileText,
        sink: Sink,
        take: Take,
        budget: AliasBudget,
        progress: Callable[[int], None],
    ) -> None:
        self._file = file
        self._sink = sink
        self._take = take
        self._budget = budget
        self._progress = progress
        self._positions = Positions(file, yaml_events.nodes)
        self._builder = DocumentBuilder(file, sink, budget)
        self._left_before = budget.left
        self._faults = 0

    @property
    def shift(self) -> int:
        """What to add to the parser's offsets to get those of the file."""
        return self._builder.shift

    def read(self) -> None:
        """Read the file; raises libyaml's errors."""
        text, start = self._file.text, 0
        while True:
            try:
                self._read_from(yaml_events.events(text, start, len(text)))
            except Abandoned as abandoned:
                self._budget.left = self._left_before
                self._faults += len(self._builder.refused)
                found = yaml_events.next_document(text, abandoned.offset)
                if found is None or self._stop(found):
                    return
                start = self._builder.shift = found
            else:
                return

    def take_read(self, documents: Iterable[ReadYaml]) -> None:
        """Hand on what was read elsewhere."""
        for value, start, end, items in documents:
            self._take_one(Parsed(value, Region(self._positions, start, end, items)))
            if self._stop(end):
                return
            self._progress(end)

    def _read_from(self, get: GetEvent) -> None:
        builder, shift = self._builder, self._builder.shift
        while (event := get()).__class__ is DocumentStartEvent:
            start = yaml_events.start_of(event) + shift
            self._left_before = self._budget.left
            value = builder.build(get, get())
            end = get().end_mark.index + shift
            if value is not None or builder.refused:
                self._hand_on(value, start, end)
                if self._stop(end):
                    return
            self._progress(end)

    def _hand_on(self, value: object, start: int, end: int) -> None:
        refused = self._builder.refused
        region = Region(self._positions, start, end, self._builder.items)
        if self._builder.repeated:
            refused += report_duplicates(region, self._sink)
        self._take_one(Parsed(value, region, tuple(refused)))

    def _take_one(self, parsed: Parsed) -> None:
        self._faults += len(parsed.refused) + self._take(parsed)

    def _stop(self, offset: int) -> bool:
        """Report and return whether there were so many faults that reading should end."""
        if self._faults < MOST_FAULTS:
            return False
        place = self._file.place(offset, offset + 3)
        self._sink.report(ReadingStopped(MOST_FAULTS), Origin(source=place))
        return True
