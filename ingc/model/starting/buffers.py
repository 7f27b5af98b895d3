"""Sizes of buffers that nginx takes only together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.model.starting.levels import NestedLevel
from ingc.model.starting.refusal import Part, Refusal

_UNITS = {"k": 10, "m": 20, "g": 30}
_NAMES = ("buffer_size", "buffers", "busy_buffers_size", "max_temp_file_size")
_ASKED = {module: tuple(f"{module}_{name}" for name in _NAMES) for module in ("proxy", "fastcgi")}
_PAGE = ("4k",)
_BUFFERS = ("8", "4k")


def buffers(levels: Iterable[NestedLevel]) -> Iterator[Refusal]:
    """Check what holds where directives of buffers stand, and what servers inherit."""
    inherited: set[str] = set()
    for level in levels:
        for module, names in _ASKED.items():
            own = any(map(level.own, names))
            if own or (level.is_server and module not in inherited):
                if not own:
                    inherited.add(module)
                found = _misfit(level, module)
                if found is not None:
                    part = Part("", (level.holder(*names),))
                    directive, why = found
                    yield Refusal(f'"{directive}" {why}', (part,), directive=directive)


def _misfit(level: NestedLevel, module: str) -> tuple[str, str] | None:
    """Return the directive that does not fit to the others, and why."""

    def given(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        found = level.inherited(f"{module}_{name}")
        return found[0].args if found else default

    header = _bytes(given("buffer_size", _PAGE)[0])
    number, size = given("buffers", _BUFFERS)
    count, one = int(number), _bytes(size)
    largest = max(header, one)
    busy = given("busy_buffers_size", ())
    busy_bytes = _bytes(busy[0]) if busy else 2 * largest
    file = _bytes(given("max_temp_file_size", ("1g",))[0])
    if count < 2:
        return f"{module}_buffers", "must be at least 2"
    if busy_bytes < largest:
        return f"{module}_busy_buffers_size", "is smaller than one of the buffers"
    if busy_bytes > (count - 1) * one:
        return f"{module}_busy_buffers_size", "is larger than all buffers minus one"
    if 0 < file < largest:
        return f"{module}_max_temp_file_size", "is neither 0 nor as large as one of the buffers"
    return None


def _bytes(text: str) -> int:
    shift = _UNITS.get(text[-1:].lower())
    return int(text) if shift is None else int(text[:-1]) << shift
