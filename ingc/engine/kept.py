"""Answers that are kept as long as what they were made of is the same.

A stage's function is asked through a `Kept`, which gives the answer and the findings of the time
before where everything that the function looks at is as it was. Stages know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ingc.diagnostics import Diagnostic, Sink

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Kept(Generic[Answer]):
    """The answers of one function, which may report findings."""

    _before: dict[Hashable, _Known[Answer]] = field(default_factory=dict)
    _now: dict[Hashable, _Known[Answer]] = field(default_factory=dict)

    def ask(
        self,
        key: Hashable,
        looks_at: tuple[object, ...],
        sink: Sink,
        function: Callable[[Sink], Answer],
    ) -> Answer:
        """Return what a function gives, and report its findings.

        ``looks_at`` is all that it looks at, and nothing of it may change. The function gets a
        sink of its own, as strict as ``sink``.
        """
        known = self._before.get(key)
        if known is None or not _are_the_same(known.looked_at, looks_at):
            own = sink.like()
            known = _Known(looks_at, function(own), own.diagnostics())
        self._now[key] = known
        sink.extend(known.findings)
        return known.answer

    def end_run(self) -> None:
        """Forget what was not asked for since the run before."""
        self._before, self._now = self._now, {}


@dataclass(frozen=True, slots=True)
class _Known(Generic[Answer]):
    looked_at: tuple[object, ...]
    answer: Answer
    findings: tuple[Diagnostic, ...]


def _are_the_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(a is b or a == b for a, b in zip(one, other, strict=True))
