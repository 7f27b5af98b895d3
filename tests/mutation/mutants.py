"""The mutants of ``rules/``: files of TOML, a list of tables ``mutant`` each.

Each breaks one rule: in ``file``, where it stands exactly once, ``old`` becomes ``new``. It is
tried on ``goldens`` (the proof, then what their folders show), then on ``tests``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LISTS = Path(__file__).parent / "rules"


class DoesNotApply(ValueError):
    """The text to be replaced does not stand exactly once in the file."""


@dataclass(frozen=True)
class Mutant:
    """One rule, and how it is broken."""

    room: str
    """What it is about: a feature, or a part of the text."""
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
    feature: str = ""
    """The type of feature that it breaks, of one for each."""
    argued: str = ""
    """Why it may survive."""

    def apply(self, text: str) -> str:
        """Return the broken source. Raises `DoesNotApply`."""
        if (found := text.count(self.old)) != 1:
            raise DoesNotApply(f"{self.file} holds the text {found} times: {self.rule}")
        return text.replace(self.old, self.new)


def mutants() -> tuple[Mutant, ...]:
    """Return every mutant."""
    files = sorted(_LISTS.glob("*.toml"))
    listed = [
        item for f in files for item in tomllib.loads(f.read_text(encoding="utf-8"))["mutant"]
    ]
    return tuple(
        Mutant(**{key: tuple(v) if isinstance(v, list) else v for key, v in item.items()})
        for item in listed
    )
