"""The share of a canary: as near as nginx can split, and never none or all in place of some."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import ingc
from ingc.ir.features.canary import Canary
from ingc.plan.features import canary as planned
from tests.objects import annotated, ingress, path, rule, service


def compiled(weight: int, total: int) -> ingc.Result:
    given = annotated(canary="true", canary_weight=str(weight), canary_weight_total=str(total))
    return ingc.compile(
        [
            ingress("web", rule("a.test", path("/", "web"))),
            ingress("next", rule("a.test", path("/", "next")), annotations=given),
            service("web", 80, clusterIP="10.96.0.1"),
            service("next", 80, clusterIP="10.96.0.2"),
        ]
    )


def percents(result: ingc.Result) -> Iterator[float]:
    assert result.ir is not None
    for host in result.ir.hosts:
        for route in host.routes:
            found = route.feature(Canary)
            if found is not None:
                yield found.percent


@pytest.mark.parametrize(
    ("weight", "total", "percent", "reported"),
    [
        (0, 100, 0.0, False),
        (1, 100, 1.0, False),
        (100, 300, 33.33, False),
        (1, 10_000, 0.01, False),
        (4, 100_000, 0.01, True),
        (99_999, 100_000, 99.99, True),
        (100_000, 100_000, 100.0, False),
        (200, 100, 100.0, False),
    ],
)
def test_shares(weight: int, total: int, percent: float, reported: bool) -> None:
    result = compiled(weight, total)
    assert list(percents(result)) == [percent]
    codes = [item.code for item in result.diagnostics]
    assert ("ING466" in codes) == reported


def test_the_proof_sees_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned.__dict__["_share"]
    monkeypatch.setattr(planned, "_share", lambda percent: plan(percent + 0.01))
    result = compiled(10, 100)
    assert [item.code for item in result.errors] == ["ING901"]
