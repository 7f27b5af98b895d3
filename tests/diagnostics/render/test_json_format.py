"""JSON: the fields that are promised, and null for what is absent."""

from __future__ import annotations

import json

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.objects import KindsPassedOver
from ingc.diagnostics.render.json_format import render_json
from tests.diagnostics.findings import FINDINGS, found

PROMISED = {
    "code", "severity", "message", "file", "line", "column", "object", "field", "help",
}  # fmt: skip


def test_every_finding_has_the_promised_fields() -> None:
    found_fields = json.loads(render_json(FINDINGS))["diagnostics"]
    assert len(found_fields) == len(FINDINGS)
    for fields, diagnostic in zip(found_fields, FINDINGS, strict=True):
        assert fields.keys() == PROMISED | {"label", "related"}
        span = diagnostic.span
        assert fields["message"] == diagnostic.message
        assert (fields["file"], fields["object"]) == (diagnostic.file, diagnostic.object)
        assert (fields["line"], fields["column"]) == (
            (span.line, span.column) if span else (None, None)
        )


def test_absent_is_null() -> None:
    text = render_json([found(KindsPassedOver(kinds=("Pod (2)",)), Origin())])
    assert json.loads(text)["diagnostics"] == [
        {
            "code": "ING107",
            "severity": "note",
            "message": "passed over objects of other kinds: Pod (2)",
            "file": None,
            "line": None,
            "column": None,
            "object": None,
            "field": None,
            "help": None,
            "label": None,
            "related": [],
        }
    ]


def test_related_places_are_told() -> None:
    (related,) = json.loads(render_json(FINDINGS))["diagnostics"][0]["related"]
    assert related == {
        "label": "first defined here",
        "file": "shop.yaml",
        "line": 1,
        "column": 1,
        "object": "Ingress shop/web",
        "field": None,
    }
