"""Whatever pattern is accepted, it takes bounded effort to look at: lines of Python, no time.

Every pattern here is about as long as a token of nginx can be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from ingc.syntax.regex.cost import MOST_STEPS
from ingc.syntax.regex.reading import BadRegex, captures, slow_part
from ingc.syntax.regex.samples import samples

LONGEST = 4000
PER_STEP = 45
PER_BYTE = 400

PATTERNS = {
    "optional bytes": "a?" * 1900,
    "other optional bytes": "a?b?c?" * 600,
    "just below the limit": "a?" * 240,
    "ranges": "a{0,8}" * 600,
    "optional groups in rows": "(?:a?b?){9}" * 350,
    "words": "(" + "|".join(f"w{n}" for n in range(600)) + ")/.*",
    "words again and again": "(" + "|".join(f"w{n}" for n in range(600)) + ")*",
    "atoms": "(?>a+)" * 600,
    "atoms in atoms": "(?>" * 58 + "a?" * 1800 + ")" * 58,
    "looks": "(?=a+)" * 600,
    "looks behind": "(?<=a)" * 600 + "a*",
    "repeats of nothing": "(?:" * 50 + "){18}" * 50,
    "repeats of repeats": "(?:" * 58 + "a" * 3000 + "){1}" * 58,
    "loops in a row": "(?:ab*c)+" * 400,
    "stars": ".*" * 1900,
    "segments": "[^/]*/" * 600,
    "back references": "(a)" + r"\1" * 1900,
    "braces": "{" * 3900,
    "braces with blanks": "{ " * 1900,
    "braces with many blanks": "a{1" + " " * 3900,
    "brackets": "[" * 3900,
    "quotes": r"\Q" * 1900,
    "comments": "(?#" * 1200,
    "groups": "()" * 1900,
    "groups in groups": "(" * 55 + "a|" * 1800 + ")" * 55,
    "a text of gigabytes": "((a{65535}){1000}){3}",
}
EACH = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)


def lines_of(call: Callable[[str], object], pattern: str) -> int:
    """Return how many lines of Python it takes."""
    lines = 0

    def traced(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event in ("line", "call")
        return traced

    sys.settrace(traced)
    try:
        call(pattern)
    except BadRegex:
        pass
    finally:
        sys.settrace(None)
    return lines


@EACH
@pytest.mark.parametrize("call", [captures, slow_part, samples])
def test_it_takes_bounded_effort(pattern: str, call: Callable[[str], object]) -> None:
    pattern = "/" + pattern
    assert len(pattern) <= LONGEST
    assert lines_of(call, pattern) < PER_BYTE * len(pattern) + PER_STEP * MOST_STEPS


@EACH
def test_samples_are_short(pattern: str) -> None:
    assert sum(map(len, samples("/" + pattern))) <= 12 * 8192
