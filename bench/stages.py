"""Times the stages of a compile from outside, by standing between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Self

NAMES = (
    "load",
    "k8s",
    "frontend",
    "merge",
    "resolve",
    "plan",
    "emit",
    "crossplane",
    "compare",
    "routing",
)
"""The stages in order."""
PROOF = NAMES[-3:]
"""The parts of the proof."""

_PLACES = (
    ("ingc.compiler", "read_objects", "k8s"),
    ("ingc.compiler", "select", "frontend"),
    ("ingc.compiler", "read_intent", "frontend"),
    ("ingc.compiler", "merge", "merge"),
    ("ingc.compiler", "resolve", "resolve"),
    ("ingc.compiler", "plan", "plan"),
    ("ingc.compiler", "render", "emit"),
    ("ingc.compiler", "prove", "routing"),
    ("ingc.alike", "shapes_of", "plan"),
    ("ingc.alike", "print_shapes", "plan"),
    ("ingc.alike", "prove_shapes", "routing"),
    ("ingc.alike.proof", "put_together", "emit"),
    ("ingc.alike.proof", "read_structure", "compare"),
    ("ingc.prove.proof", "read_structure", "compare"),
    ("ingc.prove.structure", "parse", "crossplane"),
    ("ingc.prove.structure", "read_lines", "crossplane"),
    ("ingc.prove.parsing", "parse", "crossplane"),
)
"""Module, the name by which it calls a stage, and the stage. Hosts that are alike are printed while
they are planned; finding them counts as planning."""


class Stopwatch:
    """Processor time per stage while the context is open; a stage inside another counts for itself.

    Processor time, because other programs on the machine do not change it: a compile is one
    thread that waits for nothing.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(NAMES, 0.0)
        self._replaced: list[tuple[Any, str, Any]] = []
        self._inner = 0.0

    def __enter__(self) -> Self:
        for module_name, name, stage in _PLACES:
            module = import_module(module_name)
            if not hasattr(module, name):
                raise SystemExit(f"{module_name} has no {name} any more: correct {__file__}")
            whole = getattr(module, name)
            self._replaced.append((module, name, whole))
            setattr(module, name, self.timed(stage, whole))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for module, name, whole in self._replaced:
            setattr(module, name, whole)

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same function, with its time added to a stage."""

        def measured(*args: Any, **kwargs: Any) -> Any:
            outer, self._inner = self._inner, 0.0
            began = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                took = time.process_time() - began
                self.seconds[stage] += took - self._inner
                self._inner = outer + took

        return measured
