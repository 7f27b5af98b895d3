"""``python -m tests.mutation.noticing CASE...``: do the proof and the folder of a golden notice?

Compiles these cases alone, which is quicker than what pytest would do. Prints what notices first,
and nothing where nothing does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ingc.compiler import Result
from ingc.model import read_model
from ingc.prove.equivalence import Difference, prove_routing
from ingc.prove.structure import Mismatch, parse
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
    difference = proved(case.result)
    if difference is None:
        return ""
    request = f"{difference.request}: asked {difference.asked}, found {difference.found}"
    return f"the proof of routing of {case.name}: {request}"


def proved(result: Result) -> Difference | None:
    """Return the first request that the text routes otherwise than the IR asks for."""
    if result.config is None or result.ir is None:
        return None
    fragment = result.ir.settings.fragment
    parsed = parse(f"http {{\n{result.config}\n}}\n" if fragment else result.config)
    assert not isinstance(parsed, Mismatch), parsed
    return prove_routing(result.ir, read_model(parsed, result.ir.settings.target))


def shown(case: Case, name: str) -> str:
    """Return what a file of a case's folder holds; empty where there is none."""
    path = case.folder / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
