"""SARIF, held against what its schema requires and allows of the objects that are used."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid
from ingc.diagnostics.render.sarif import render_sarif
from tests.diagnostics.findings import FINDINGS, Manifest, found, ingress

URI_REFERENCE = re.compile(r"(?:file://)?(?:[A-Za-z0-9._~!$&'()*+;=@/-]|%[0-9A-F]{2})+").fullmatch


@dataclass(frozen=True)
class Shape:
    """An object of the schema: its members that we use, by type, and which are required."""

    members: dict[str, Any]
    required: tuple[str, ...] = ()


TEXT = Shape({"text": str, "markdown": str}, ("text",))
LEVEL = ("none", "note", "warning", "error")
LOCATION = Shape(
    {
        "id": int,
        "message": TEXT,
        "physicalLocation": Shape(
            {
                "artifactLocation": Shape({"uri": URI_REFERENCE, "uriBaseId": str}),
                "region": Shape({"startLine": int, "startColumn": int, "endColumn": int}),
            },
            ("artifactLocation",),
        ),
        "logicalLocations": [Shape({"name": str, "fullyQualifiedName": str, "kind": str})],
    }
)
RULE = Shape(
    {
        "id": str,
        "name": str,
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": Shape({"level": LEVEL}),
    },
    ("id",),
)
RESULT = Shape(
    {
        "ruleId": str,
        "ruleIndex": int,
        "level": LEVEL,
        "message": TEXT,
        "locations": [LOCATION],
        "relatedLocations": [LOCATION],
    },
    ("message",),
)
RUN = Shape(
    {
        "tool": Shape(
            {"driver": Shape({"name": str, "version": str, "rules": [RULE]}, ("name",))},
            ("driver",),
        ),
        "columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
        "results": [RESULT],
    },
    ("tool",),
)
LOG = Shape({"$schema": str, "version": ("2.1.0",), "runs": [RUN]}, ("version", "runs"))


def check(value: Any, wanted: Any, at: str = "$") -> None:
    """Fail where a value is not of its shape."""
    if isinstance(wanted, Shape):
        assert set(wanted.required) <= value.keys() <= wanted.members.keys(), at
        for name, member in value.items():
            check(member, wanted.members[name], f"{at}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(value, list), at
        for index, item in enumerate(value):
            check(item, wanted[0], f"{at}[{index}]")
    elif isinstance(wanted, tuple):
        assert value in wanted, at
    elif wanted is int:
        assert type(value) is int, at
        assert value >= (1 if "region" in at else 0), at
    elif wanted is str:
        assert isinstance(value, str), at
        assert value, at
    else:
        assert wanted(value), at


def _log(*diagnostics: Any, version: str | None = None) -> Any:
    return json.loads(render_sarif(diagnostics, version=version))


def test_the_log_has_the_shape_of_the_schema() -> None:
    check(_log(*FINDINGS, version="0.1.0"), LOG)
    check(_log(), LOG)


def test_the_check_itself_finds_what_is_wrong() -> None:
    log = _log(*FINDINGS)
    log["runs"][0]["results"][0]["message"] = {"markdown": "only"}
    with pytest.raises(AssertionError):
        check(log, LOG)


def test_results_point_at_their_rules() -> None:
    run = _log(*FINDINGS)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({d.code for d in FINDINGS})
    for result, diagnostic in zip(run["results"], FINDINGS, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == diagnostic.code
        assert result["level"] == diagnostic.severity.value


def test_the_level_of_a_rule_is_the_catalogues() -> None:
    run = _log(*FINDINGS)["runs"][0]
    levels = {
        rule["id"]: rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]
    }
    assert levels["ING211"] == "warning"
    (lifted,) = [result for result in run["results"] if result["ruleId"] == "ING211"]
    assert lifted["level"] == "error"


def test_regions_are_half_open_and_count_characters() -> None:
    run = _log(*FINDINGS)["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    (host,) = [result for result in run["results"] if result["ruleId"] == "ING201"]
    region = host["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 17, "startColumn": 11, "endColumn": 27}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("./deploy//a.yaml", "deploy/a.yaml"),
        ("../a.yaml", "../a.yaml"),
        ("a b/100%.yaml", "a%20b/100%25.yaml"),
        ("c:d.yaml", "c%3Ad.yaml"),
        ("日.yaml", "%E6%97%A5.yaml"),
        ("latin\udce9.yaml", "latin%E9.yaml"),
        ("half\ud800.yaml", "half%ED%A0%80.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("/etc/a b.yaml", "file:///etc/a%20b.yaml"),
    ],
)
def test_file_names_become_uris(file: str, uri: str) -> None:
    one = found(HostInvalid(host="a_b"), Origin(ingress("web"), (), Manifest(file, "")))
    result = _log(one)["runs"][0]["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not file.startswith("/"))
    if file.isprintable() and not file.startswith("./"):
        assert unquote(artifact["uri"]).removeprefix("file://") == file


def test_the_version_is_told_if_known() -> None:
    assert "version" not in _log()["runs"][0]["tool"]["driver"]
    assert _log(version="1.2.3")["runs"][0]["tool"]["driver"]["version"] == "1.2.3"


def test_the_same_findings_give_the_same_bytes() -> None:
    assert render_sarif(FINDINGS) == render_sarif(list(FINDINGS))
