"""The mutants of mutants.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LIST = Path(__file__).parent / "mutants.toml"


class DoesNotApply(ValueError):
    """The text to be replaced does not stand exactly once in the file."""


@dataclass(frozen=True)
class Mutant:
    """One rule, and how it is broken."""

    rule: str
    file: str
    """Below the root."""
    old: str
    new: str
    goldens: tuple[str, ...] = ()
    """Cases that should show it."""
    tests: tuple[str, ...] = ()
    """Files, folders or tests that should."""
    proof: bool = False
    """True where the proof has to notice, in the compile of one of `goldens`."""
    argued: str = ""
    """Why it may survive."""

    def apply(self, text: str) -> str:
        """Return the broken source. Raises `DoesNotApply`."""
        if (found := text.count(self.old)) != 1:
            raise DoesNotApply(f"{self.file} holds the text {found} times: {self.rule}")
        return text.replace(self.old, self.new)


def mutants() -> tuple[Mutant, ...]:
    """Return every mutant."""
    listed = tomllib.loads(_LIST.read_text(encoding="utf-8"))["mutant"]
    return tuple(
        Mutant(**{key: tuple(v) if isinstance(v, list) else v for key, v in item.items()})
        for item in listed
    )
