"""The text of every golden case routes as its IR asks, and a text that does not is caught."""

from __future__ import annotations

import pytest

from ingc.compiler import Result
from ingc.model import Model, read_model
from ingc.prove.equivalence import Difference, prove_routing
from ingc.prove.structure import Mismatch, parse
from tests.golden.case import Case, all_cases

CASES = [case for case in all_cases() if case.result.ok]
BY_NAME = {case.name: case for case in CASES}
SUBJECT = "the variable $ssl_client_s_dn"
"""Whose certificate it is, only a handshake tells."""


def model_of(result: Result, text: str) -> Model:
    assert result.ir is not None
    fragment = result.ir.settings.fragment
    parsed = parse(f"http {{\n{text}\n}}\n" if fragment else text)
    assert not isinstance(parsed, Mismatch), parsed
    return read_model(parsed, result.ir.settings.target)


def proved(result: Result, text: str) -> Difference | None:
    assert result.ir is not None
    return prove_routing(result.ir, model_of(result, text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_printed_routes_as_asked(case: Case) -> None:
    text = case.result.config
    assert text is not None
    difference = proved(case.result, text)
    if difference is not None and difference.found.startswith(SUBJECT):
        return
    assert difference is None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("paths/exact-beats-every-prefix", "location = /foo {", "location = /fop {"),
        ("paths/prefix-takes-whole-elements", "location /foo/ {", "location /foo {"),
        ("paths/longest-prefix-wins", "http://shop_", "http://other_"),
        ("hosts/wildcard-takes-exactly-one-label", "~^[^.]+[.]", "~^.+[.]"),
        ("tls/wildcard-entry-covers-one-label", "return 308", "return 301"),
        ("annotations/app-root-redirects-the-root", "$http_host/", "$host/x"),
        ("annotations/ssl-redirect-false-serves-both-schemes", "listen 80;", "listen 81;"),
    ],
)
def test_another_routing_is_caught(name: str, old: str, new: str) -> None:
    result = BY_NAME[name].result
    text = result.config
    assert text is not None
    assert old in text
    assert proved(result, text.replace(old, new)) is not None
