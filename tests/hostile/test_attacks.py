"""The shapes of what was found in ingress-nginx come to nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.hostile.attacks import OPTIONS, Attack, attacks
from tests.hostile.outcome import judge, shape

ATTACKS = attacks()
EACH = pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])


@EACH
def test_it_is_refused_or_keeps_the_shape(
    attack: Attack, record_property: Callable[[str, object], None]
) -> None:
    asked = [shape(attack.benign, OPTIONS), shape(attack.bare, OPTIONS)]
    outcome = judge(attack.objects, OPTIONS, asked)
    record_property("hostile", {"cases": 1, outcome: 1, "unasked": 0})
    assert outcome == attack.becomes


def test_the_known_ones_are_there() -> None:
    known = {match[0] for a in ATTACKS if (match := re.match(r"CVE-\d+-\d+", a.name))}
    assert len(known) >= 20
    assert len(ATTACKS) >= 50
