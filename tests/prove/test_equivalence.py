"""The text of every golden case routes as its IR asks, and a text that does not is caught."""

from __future__ import annotations

import pytest

from ingc.compiler import Result
from ingc.model.tree import read_statements
from ingc.prove import Proofs
from ingc.prove.parsing import RefusedText, parse
from ingc.prove.plain_names import PlainNames
from ingc.prove.routing import RoutingDifference, RoutingProof
from ingc.prove.structure import Reading
from tests.golden.case import Case, all_cases
from tests.prove.test_shortcuts import reading_of

DEBUG = "frame/debug-header-tells-listed-clients"
CASES = [case for case in all_cases() if case.result.ok]
BY_NAME = {case.name: case for case in CASES}


def differences(result: Result, text: str) -> list[RoutingDifference]:
    """Ask the routing proof alone: the structure proof would have found the change before."""
    assert result.ir is not None
    fragment = result.ir.settings.fragment
    parsed = parse(f"http {{\n{text}\n}}\n" if fragment else text)
    assert not isinstance(parsed, RefusedText), parsed
    reading = reading_of(text) if not fragment else Reading(read_statements(parsed), (), ())
    plain = PlainNames(reading, result.ir.settings.target)
    assert list(plain.faults()) == []
    return list(RoutingProof(result.ir, plain.reading, Proofs()).differences())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_printed_routes_as_asked(case: Case) -> None:
    assert case.result.config is not None
    assert differences(case.result, case.result.config) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("paths/exact-beats-every-prefix", "location = /foo {", "location = /fop {"),
        ("paths/prefix-takes-whole-elements", "location /foo/ {", "location /foo {"),
        ("paths/longest-prefix-wins", "http://shop_", "http://other_"),
        ("hosts/wildcard-takes-exactly-one-label", "~^[^.]+[.]", "~^.+[.]"),
        ("tls/wildcard-entry-covers-one-label", "return 308", "return 301"),
        ("redirects/app-root-redirects-the-root", "$ingc_host/", "$host/x"),
        ("redirects/ssl-redirect-false-serves-both-schemes", "listen 80;", "listen 81;"),
        ("paths/longest-prefix-wins", 'set $ingc_route "shop/', 'set $ingc_route "other/'),
        ("frame/access-log-combined", 'set $ingc_route "', 'set $ingc_rout "'),
        (DEBUG, "add_header X-Ingc-Route $ingc_debug_route", "add_header X-Ingc $ingc_debug_route"),
        (DEBUG, "10.0.0.0/8 1;", "10.0.0.0/8 0;"),
        (DEBUG, "127.0.0.1/32 1;", "0.0.0.0/0 1;"),
        (DEBUG, "1 $ingc_parts_of_route;", "1 $ingc_route;"),
    ],
)
def test_another_routing_is_caught(name: str, old: str, new: str) -> None:
    result = BY_NAME[name].result
    text = result.config
    assert text is not None
    assert old in text
    assert differences(result, text.replace(old, new))
