"""How a catalogue entry is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, dataclass_transform

from ingc.diagnostics.model import Entry, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

E = TypeVar("E", bound=Entry)


@dataclass_transform(frozen_default=True)
def code(
    code: str, *, name: str, severity: Severity, since: str = "0.1", strict: bool = False
) -> Callable[[type[E]], type[E]]:
    """Declare a class as the entry ``code``; ``strict`` lets ``--strict`` make an error of it.

    What the class annotates are its fields; a value there is the field's default.
    """

    def declare(cls: type[E]) -> type[E]:
        cls.code, cls.name, cls.severity = code, name, severity
        cls.since, cls.strict = since, strict
        cls.fields = tuple(cls.__annotations__)
        return cls

    return declare
