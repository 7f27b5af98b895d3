"""What variables hold at a place, which is found out once for all places that are alike in it."""

from __future__ import annotations

import pytest

from ingc.model.tree import Statement, read_statements
from ingc.prove.parsing import RefusedText, parse
from ingc.prove.values import read_text
from ingc.prove.written import Written

MAPS = """http {
    map $a $b { default "<$a>"; }
    map $b $c { "<1>" one; default $d; }
    map "" $ingc_dollar { default "$"; }
}
"""


def http(text: str) -> Statement:
    parsed = parse(text)
    assert not isinstance(parsed, RefusedText), parsed
    return read_statements(parsed)[0]


@pytest.mark.parametrize(
    ("text", "assigned", "held"),
    [
        ("no variable", {}, "no variable"),
        ("x$request_method", {}, "xGET"),
        ("$a", {"a": "1"}, "1"),
        ("$a", {"a": "2", "z": "unrelated"}, "2"),
        ("$b", {"a": "1"}, "<1>"),
        ("$b", {"a": "2"}, "<2>"),
        ("$c", {"a": "1"}, "one"),
        ("$c", {"a": "2", "d": "two"}, "two"),
        ("$c", {"a": "2", "d": "three"}, "three"),
        ("$c", {"d": "$a", "a": "2"}, None),
        ("$c", {"a": "2", "d": "$a"}, "2"),
        ("$a", {"z": "4", "a": "$z"}, "4"),
        ("$a", {"z": "5", "a": "$z"}, "5"),
        ("$A", {"a": "6"}, "6"),
        ("$unknown", {}, None),
    ],
)
def test_a_text_is_evaluated_with_what_its_place_sets(
    text: str, assigned: dict[str, str], held: str | None
) -> None:
    asked = read_text(text)
    assert Written(http(MAPS), (1, 26, 0)).evaluated(asked, assigned) == held


def test_no_place_is_taken_for_another_one() -> None:
    written = Written(http(MAPS), (1, 26, 0))
    places = [{"a": str(number % 3), "d": f"$z{number}", f"z{number}": "x"} for number in range(9)]
    places += [{f"z{number}": "x", "d": f"$z{number}", "a": "2"} for number in range(3)]
    for asked in map(read_text, ("$a", "$b", "$c", "$d")):
        alone = [Written(http(MAPS), (1, 26, 0)).evaluated(asked, place) for place in places]
        assert [written.evaluated(asked, place) for place in places] == alone
    assert written.evaluated(read_text("$c"), {"d": "1", "a": "0"}) == "1"
    assert written.evaluated(read_text("$c"), {"d": "2", "a": "0"}) == "2"
