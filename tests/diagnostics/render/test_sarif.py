"""SARIF, held against its published schema and the rules of GitHub's code scanning."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from ingc.diagnostics import Origin, Related
from ingc.diagnostics.catalogue.backends import NamesResolvedAtStart
from ingc.diagnostics.catalogue.configmap import ConfigMapMissing
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid
from ingc.diagnostics.render.place import Surroundings
from ingc.diagnostics.render.sarif import render_sarif
from tests.diagnostics.findings import FINDINGS, Manifest, found, ingress

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
AROUND = Surroundings("/repo/deploy", "/repo", "deploy/../web.yaml", "ingc.toml", {"configmap": 7})


def check(log: Any) -> None:
    """Fail where a log breaks the schema, or a rule of GitHub's code scanning beside it."""
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    for rule in driver["rules"]:
        assert len(rule["name"]) <= 255
        assert rule["help"]["text"]
        for name in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[name]["text"]) <= 1024
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert rule["properties"]["problem.severity"] in ("recommendation", "warning", "error")
    for result in run["results"]:
        assert result["message"]["text"]
        # Without a location GitHub refuses the whole upload: "expected at least one location".
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] >= 1
        # GitHub computes this one itself, and warns of each that differs.
        assert "primaryLocationLineHash" not in result["partialFingerprints"]
    marks = [tuple(result["partialFingerprints"].values()) for result in run["results"]]
    assert len(set(marks)) == len(marks)


def _log(*diagnostics: Any, version: str | None = None, around: Surroundings | None = None) -> Any:
    return json.loads(render_sarif(diagnostics, version=version, around=around))


def test_the_log_is_what_the_schema_and_github_take() -> None:
    check(_log(*FINDINGS, version="0.1.0", around=AROUND))
    check(_log(around=AROUND))
    VALIDATOR.validate(_log(*FINDINGS))


def test_the_check_itself_finds_what_is_wrong() -> None:
    log = _log(*FINDINGS, around=AROUND)
    log["runs"][0]["results"][0]["message"] = {"markdown": "only"}
    with pytest.raises(jsonschema.ValidationError):
        check(log)


def _place(finding: Any, around: Surroundings = AROUND) -> Any:
    (result,) = _log(finding, around=around)["runs"][0]["results"]
    return result["locations"][0]["physicalLocation"]


def test_a_finding_without_a_place_is_shown_at_the_first_file() -> None:
    place = _place(found(NamesResolvedAtStart(names=("a", "b")), Origin()))
    assert place["artifactLocation"] == {"uri": "deploy/web.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1}


def test_a_finding_about_an_option_is_shown_where_the_option_is_set() -> None:
    finding = found(ConfigMapMissing(config_map="shop/settings"), Origin())
    place = _place(finding)
    assert place["artifactLocation"]["uri"] == "deploy/ingc.toml"
    assert place["region"] == {"startLine": 7}
    elsewhere = replace(AROUND, settings={"tls-files": 3})
    assert _place(finding, elsewhere)["artifactLocation"]["uri"] == "deploy/web.yaml"


def test_a_finding_without_a_place_is_shown_at_what_it_relates_to() -> None:
    other = Origin(ingress("web"), (), Manifest("other.yaml", ""))
    finding = found(HostInvalid(host="a_b"), Origin(ingress("api")), Related(other, "this one"))
    assert _place(finding)["artifactLocation"]["uri"] == "deploy/other.yaml"


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a.yaml", "deploy/a.yaml"),
        ("../a.yaml", "a.yaml"),
        ("../../a.yaml", "file:///a.yaml"),
        ("/repo/x/a b.yaml", "x/a%20b.yaml"),
        ("/elsewhere/a.yaml", "file:///elsewhere/a.yaml"),
        ("<stdin>", "stdin"),
    ],
)
def test_file_names_begin_at_the_repository(file: str, uri: str) -> None:
    one = found(HostInvalid(host="a_b"), Origin(ingress("web"), (), Manifest(file, "")))
    artifact = _place(one)["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not uri.startswith("file:"))


def test_a_fingerprint_stays_where_lines_and_words_change() -> None:
    def mark(text: str, host: str, file: str = "a.yaml") -> str:
        origin = Origin(ingress("web"), ("spec", "rules", 0), Manifest(file, text))
        one = found(HostInvalid(host=host), origin)
        (result,) = _log(one, around=AROUND)["runs"][0]["results"]
        return str(result["partialFingerprints"]["ingcFinding/v1"])

    assert mark("a: b", "a_b") == mark("\n\na: b", "a_c") == mark("", "a_b", "/repo/deploy/a.yaml")
    assert mark("", "a_b") != mark("", "a_b", "b.yaml")


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
        ("<stdin>", "stdin"),
        ("/etc/a b.yaml", "file:///etc/a%20b.yaml"),
    ],
)
def test_file_names_become_uris(file: str, uri: str) -> None:
    one = found(HostInvalid(host="a_b"), Origin(ingress("web"), (), Manifest(file, "")))
    result = _log(one)["runs"][0]["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not file.startswith("/"))
    if file.isprintable() and not file.startswith(("./", "<")):
        assert unquote(artifact["uri"]).removeprefix("file://") == file


def test_the_version_is_told_if_known() -> None:
    assert "version" not in _log()["runs"][0]["tool"]["driver"]
    assert _log(version="1.2.3")["runs"][0]["tool"]["driver"]["version"] == "1.2.3"


def test_the_same_findings_give_the_same_bytes() -> None:
    assert render_sarif(FINDINGS) == render_sarif(list(FINDINGS))
