"""docs/reach.md: its table is made of what the situations print."""

from __future__ import annotations

import os
from pathlib import Path

import ingc
from ingc.reach.api import Verdict
from tests.reach.cases import CASES, Case
from tests.reach.kubectl import URL, Cluster

PAGE = Path(__file__).parents[2] / "docs" / "reach.md"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"
BEGIN, END = "<!-- made by tests/reach/test_page.py -->\n", "<!-- to here -->\n"


def verdict_of(case: Case) -> Verdict:
    cluster = Cluster()
    case.make(cluster)
    options = ingc.Options(resolver=("10.96.0.10",))
    result = ingc.compile(cluster.items(), options, on_error="isolate")
    found = ingc.story(result, URL).reach
    assert found is not None, case.name
    return found


def table() -> str:
    rows = ["| situation | what explain prints | what to do |", "|---|---|---|"]
    for case in CASES:
        found = verdict_of(case)
        why, _, fix = found.sentence.partition(f"; {found.cause.fix}.")
        assert fix == ""
        seen = ", ".join(f"`{item.object} {item.field}`" for item in found.evidence)
        cells = (f"{case.title} (`{case.situation}`)", f"{why}. Evidence: {seen}", found.cause.fix)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def test_the_table_is_fresh() -> None:
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    made = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if UPDATE:
        PAGE.write_text(made, "utf-8")
        text = made
    assert text == made, "INGC_UPDATE_DOCS=1 pytest tests/reach/test_page.py"
