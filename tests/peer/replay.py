"""Asks the recorded requests of what ingc compiles, and reports what differs.

``python -m tests.peer.replay [--step N] [NAME …]`` as root prints what of each set is equal,
excused and different, and how many requests each line of departures.txt excuses.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peer.comparing import DEPARTURES, compare, read_departures
from tests.peer.inside import answers, backends
from tests.peer.network import apart, make_local, why_not
from tests.peer.recorded import load, names

_ROOT = Path(__file__).parents[2]
_INSIDE = "--inside"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a set."""

    name: str
    equal: int
    allowed: int
    excused: dict[str, int]
    """How many requests each line of departures.txt takes part in excusing."""
    different: tuple[str, ...]

    def __str__(self) -> str:
        counts = f"{self.equal} equal, {self.allowed} allowed, {len(self.different)} different"
        return "\n".join([*self.different, f"{self.name}: {counts}"])


def replay(sets: Iterable[str], step: int) -> Iterator[Report]:
    """Yield what comes of sets, of which one request of ``step`` is sent. Needs root."""
    command = [sys.executable, "-m", "tests.peer.replay", _INSIDE, f"--step={step}", *sets]
    with subprocess.Popen(
        apart(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=_ROOT
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stdout:
            yield Report(**json.loads(line))
        problem = running.stderr.read()
    if running.returncode:
        raise RuntimeError(f"the replay ended with {running.returncode}: {problem[-2000:]}")


def _replay_here(sets: Iterable[str], step: int) -> None:
    """Print the report of each set as JSON."""
    make_local()
    departures = list(read_departures(DEPARTURES.read_text("utf-8")))
    with backends():
        for name in sets:
            compared = compare(answers(load(name).every(step)), departures)
            fields = {
                "name": name,
                "equal": compared.equal,
                "allowed": compared.allowed,
                "excused": {str(line): count for line, count in compared.excused.items()},
                "different": [str(item) for item in compared.different],
            }
            print(json.dumps(fields), flush=True)


def main() -> int:
    """Print what comes of the sets; exit code 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.peer.replay", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="NAME")
    parser.add_argument("--step", type=int, default=1, help="send one of so many requests")
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    sets = given.sets or names()
    if given.inside:
        _replay_here(sets, given.step)
        return 0
    if why_not():
        sys.exit(why_not())
    total, excused = Counter[str](), Counter[str]()
    for report in replay(sets, given.step):
        print(report, flush=True)
        counts = {"equal": report.equal, "allowed": report.allowed}
        total.update(counts, different=len(report.different))
        excused.update(report.excused)
    for line in map(str, read_departures(DEPARTURES.read_text("utf-8"))):
        print(f"{excused[line]:5}  {line}")
    print(", ".join(f"{total[kind]} {kind}" for kind in ("equal", "allowed", "different")))
    return 1 if total["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
