"""``python -m tests.mutation.noticing CASE...``: do the proof and the folder of a golden notice?

Compiles these cases alone, which is quicker than what pytest would do. Prints what notices first,
and nothing where nothing does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tests.golden.case import ROOT, Case


def main(names: Iterable[str]) -> int:
    """Print what notices first, the proof before the folders."""
    cases = [Case(ROOT / name) for name in names]
    for case in cases:
        found = by_proof(case)
        if found:
            print(found)
            return 0
    for case in cases:
        differs = [name for name, text in case.outputs().items() if text != shown(case, name)]
        if differs:
            print(f"golden/{case.name}: {', '.join(differs)}")
            return 0
    return 0


def by_proof(case: Case) -> str:
    """Return what the proof of a case's text says; empty where it agrees."""
    ours = [d for d in case.result.errors if d.code.startswith("ING9")]
    if ours:
        return f"{ours[0].code} of {case.name}: {ours[0].message}"
    return ""


def shown(case: Case, name: str) -> str:
    """Return what a file of a case's folder holds; empty where there is none."""
    path = case.folder / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
