"""Where the answers differ from the recorded ones, `ingc check` notes it, by the same kind."""

from __future__ import annotations

from collections import defaultdict

import pytest

import ingc
from ingc.departures import DepartureKind, departures
from ingc.options import OnError
from tests.peer.comparing import DEPARTURES, read_departures
from tests.peer.recorded import load, names
from tests.peer.test_peer import OF_THE_RECORDING

LINES = tuple(read_departures(DEPARTURES.read_text("utf-8")))
OPTIONS = ingc.Options(
    backends="endpoints",
    configmap="ingress-nginx/ingress-nginx-controller",
    default_ssl_certificate="ingress-nginx/default-cert",
    ingress_class=("nginx",),
    resolver=("127.0.0.1",),
    trust_namespaces=True,
    nginx_version="1.31.3",
    proof=False,
)
"""As in `tests.peer.inside`."""


def noted(name: str, on_error: OnError) -> dict[str, set[str]]:
    """Return the kinds that a set meets, by the namespace of the Ingress, which is the case's."""
    result = ingc.compile(load(name).objects, OPTIONS, on_error=on_error)
    assert result.store is not None
    assert result.ir is not None
    found: dict[str, set[str]] = defaultdict(set)
    for item in departures(result.store, result.ir, result.diagnostics, OPTIONS):
        # What the ConfigMap says holds for the whole set, which is named as its case.
        found[item.ingress.partition("/")[0] or name].add(item.kind.value)
    return found


@pytest.mark.parametrize("on_error", ["fail", "isolate"])
@pytest.mark.parametrize("name", names())
def test_each_case_that_is_excused_is_noted(name: str, on_error: OnError) -> None:
    cases = {exchange.case for exchange in load(name).exchanges}
    found = noted(name, on_error)
    missing = [
        (case, line.why)
        for case in sorted(cases)
        for line in LINES
        if line.allows_case(case) and line.why not in (OF_THE_RECORDING, *found[case])
    ]
    assert missing == []


def test_kinds_are_those_of_the_file() -> None:
    recorded = {kind.value for kind in DepartureKind if kind is not DepartureKind.PROXY_LINES}
    assert {line.why for line in LINES} == recorded | {OF_THE_RECORDING}


def test_few_are_noted_that_differ_in_nothing() -> None:
    """The sets ask little of some; but a kind that fires at random would show here."""
    noted_kinds = excused = 0
    for name in names():
        result = ingc.compile(load(name).objects, OPTIONS, on_error="isolate")
        assert result.store is not None
        assert result.ir is not None
        for item in departures(result.store, result.ir, result.diagnostics, OPTIONS):
            case = item.ingress.partition("/")[0] or name
            if not item.general:
                noted_kinds += 1
                lines = (line for line in LINES if line.why == item.kind.value)
                excused += any(line.allows_case(case) for line in lines)
    assert excused > noted_kinds / 2
