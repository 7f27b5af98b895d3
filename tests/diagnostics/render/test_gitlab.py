"""A code quality report, held against what GitLab asks of one."""

from __future__ import annotations

import json
from typing import Any

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid
from ingc.diagnostics.render.gitlab import render_gitlab
from ingc.diagnostics.render.place import Surroundings
from tests.diagnostics.findings import FINDINGS, Manifest, found, ingress

AROUND = Surroundings("/repo/deploy", "/repo", "web.yaml")


def check_report(issues: Any) -> None:
    """Fail where a report breaks a rule of GitLab's page "Code Quality report format"."""
    assert isinstance(issues, list)
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert all(issue[name] for name in issue)
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith(("./", "../"))
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks)


def test_the_report_is_what_gitlab_takes() -> None:
    issues = json.loads(render_gitlab(FINDINGS, around=AROUND))
    check_report(issues)
    assert len(issues) == len(FINDINGS)
    assert json.loads(render_gitlab(())) == []


def test_findings_that_have_all_in_common_are_told_apart() -> None:
    one = found(HostInvalid(host="a_b"), Origin(ingress("web"), (), Manifest("a.yaml", "")))
    check_report(json.loads(render_gitlab([one, one, one], around=AROUND)))


def test_paths_begin_at_the_repository() -> None:
    def path(file: str) -> str:
        one = found(HostInvalid(host="a_b"), Origin(ingress("web"), (), Manifest(file, "")))
        (issue,) = json.loads(render_gitlab([one], around=AROUND))
        return str(issue["location"]["path"])

    assert path("./a.yaml") == "deploy/a.yaml"
    assert path("../a.yaml") == "a.yaml"
    assert path("<stdin>") == "stdin"
