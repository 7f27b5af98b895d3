"""What differs between two answers, and the departures that allow it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peer.recorded import Exchange, Facts

DEPARTURES = Path(__file__).parent / "departures.txt"
_NOT_COMPARED = frozenset({"answer server"})
_NUMBERED = re.compile(r":\d+$")
_SHARE = 0.17
"""Of the requests of a tally, by which a count may be off by chance."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A line of the file: where an answer may differ, and why. All but the last are regexes."""

    case: str
    field: str
    """Matched as a whole; the others are searched."""
    wanted: str
    found: str
    why: str

    def __str__(self) -> str:
        return f"{self.case}  {self.field}  {self.wanted} => {self.found}  {self.why}"

    def allows_case(self, case: str) -> bool:
        """Return whether it is about a case."""
        return re.search(self.case, case) is not None

    def allows(self, difference: Difference, field: str) -> bool:
        """Return whether the difference of a field is of this kind."""
        wanted, found = difference.exchange.wanted.get(field), difference.found.get(field)
        return (
            self.allows_case(difference.exchange.case)
            and re.fullmatch(self.field, field) is not None
            and re.search(self.wanted, str(wanted)) is not None
            and re.search(self.found, str(found)) is not None
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is not the recorded one."""

    exchange: Exchange
    found: Facts
    fields: tuple[str, ...]

    def excuses(self, departures: Sequence[Departure]) -> list[Departure]:
        """Return the lines that allow it, once each; empty where some field has none."""
        lines = [next((d for d in departures if d.allows(self, f)), None) for f in self.fields]
        found = [line for line in lines if line is not None]
        return list(dict.fromkeys(found)) if len(found) == len(lines) else []

    def __str__(self) -> str:
        rows = (
            f"    {field}: ingress-nginx {self.exchange.wanted.get(field)}"
            f"  ingc {self.found.get(field)}"
            for field in self.fields
        )
        return "\n".join([f"{self.exchange.case}  {self.exchange.question}", *rows])


@dataclass(frozen=True, slots=True)
class Comparison:
    """All answers of a set, compared."""

    equal: int
    allowed: int
    excused: Mapping[Departure, int]
    """How many requests each line takes part in excusing."""
    different: tuple[Difference, ...]


def read_departures(text: str) -> Iterator[Departure]:
    """Yield the lines of the file. Raises `ValueError` for one that is none."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            case, field, change, why = re.split(" {2,}", line.strip(), maxsplit=3)
            wanted, found = change.split(" => ")
            yield Departure(case, field, wanted, found, why)


def compare(
    answers: Iterable[tuple[Exchange, Facts]], departures: Sequence[Departure]
) -> Comparison:
    """Return what is equal, excused and different."""
    equal, allowed, excused = 0, 0, Counter[Departure]()
    different = []
    for exchange, found in answers:
        fields = differing(exchange.wanted, found)
        difference = Difference(exchange, found, fields)
        if not fields:
            equal += 1
        elif exchange.known.issuperset(fields):
            allowed += 1
        elif lines := difference.excuses(departures):
            allowed += 1
            excused.update(lines)
        else:
            different.append(difference)
    return Comparison(equal, allowed, excused, tuple(different))


def differing(wanted: Facts, found: Facts) -> tuple[str, ...]:
    """Return the names of what is not the same."""
    if "tally" in wanted:
        return () if _alike(wanted["tally"], found["tally"]) else ("tally",)
    if not _NUMBERED.search(str(wanted.get("service", ":0"))):  # recorded by the port's name
        wanted, found = _without_port(wanted), _without_port(found)
    names = (wanted.keys() | found.keys()) - _NOT_COMPARED
    return tuple(sorted(name for name in names if wanted.get(name) != found.get(name)))


def _alike(wanted: Mapping[str, int], found: Mapping[str, int]) -> bool:
    slack = max(2.0, sum(wanted.values()) * _SHARE)
    same = wanted.keys() == found.keys()
    return same and all(abs(wanted[name] - found[name]) <= slack for name in wanted)


def _without_port(facts: Facts) -> dict[str, Any]:
    return {**facts, "service": str(facts.get("service")).rpartition(":")[0]}
