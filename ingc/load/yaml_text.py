"""A file of YAML documents as plain objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yaml.error import MarkedYAMLError
from yaml.events import DocumentStartEvent
from yaml.reader import ReaderError

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.reading import ReadingStopped
from ingc.load import yaml_events
from ingc.load.aliases import AliasBudget
from ingc.load.faults import MOST_FAULTS, report_duplicates
from ingc.load.spans import Parsed, Positions, Region
from ingc.load.text import FileText
from ingc.load.yaml_build import Abandoned, Builder
from ingc.load.yaml_events import GetEvent


def parse(
    file: FileText, sink: Sink, budget: AliasBudget, progress: Callable[[int], None]
) -> list[Parsed]:
    """Read all documents of a file; ``progress`` is told the offset reached.

    A fault in what a document says costs that document; a fault in its syntax also the rest of
    the file; a character that may not be in a text the whole file.
    """
    if yaml_events.has_too_many_directives(file.text):
        yaml_events.report_directives(file, sink)
        return []
    reader = _Reader(file, sink, budget, progress)
    try:
        reader.read()
    except ReaderError:
        yaml_events.report_control_character(file, sink)
        return []
    except MarkedYAMLError as error:
        yaml_events.report_syntax(error, file, reader.shift, sink)
    return reader.parsed


class _Reader:
    """Reads a file, and starts anew behind a document that had to be given up."""

    def __init__(
        self, file: FileText, sink: Sink, budget: AliasBudget, progress: Callable[[int], None]
    ) -> None:
        self._file = file
        self._sink = sink
        self._budget = budget
        self._progress = progress
        self._positions = Positions(file, yaml_events.nodes)
        self._builder = Builder(file, sink, budget)
        self._left_before = budget.left
        self._faults = 0
        self.parsed: list[Parsed] = []

    @property
    def shift(self) -> int:
        """What to add to the parser's offsets to get those of the file."""
        return self._builder.shift

    def read(self) -> None:
        """Read the file; raises libyaml's errors, with what was read before in ``parsed``."""
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

    def _read_from(self, get: GetEvent) -> None:
        builder, shift = self._builder, self._builder.shift
        event: Any
        while (event := get()).__class__ is DocumentStartEvent:
            start = event.start_mark.index + shift
            self._left_before = self._budget.left
            value = builder.build(get, get())
            end = get().end_mark.index + shift
            region = Region(self._positions, start, end, builder.items)
            if builder.repeated:
                builder.refused += report_duplicates(region, self._sink)
            self.parsed.append(Parsed(value, region, tuple(builder.refused)))
            self._progress(end)
            if builder.refused:
                self._faults += len(builder.refused)
                if self._stop(end):
                    return

    def _stop(self, offset: int) -> bool:
        """Report and return whether there were so many faults that reading should end."""
        if self._faults < MOST_FAULTS:
            return False
        place = self._file.place(offset, offset + 3)
        self._sink.report(ReadingStopped(MOST_FAULTS), Origin(source=place))
        return True
