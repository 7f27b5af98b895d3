"""What came of the tests as JUnit's XML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree

from ingc.routetest.report.text import Report, failed_lines, name_of
from ingc.routetest.run.check import CheckOutcome
from ingc.syntax.visible import visible


def report_as_junit(report: Report) -> bytes:
    """Write JUnit's XML: a suite for each file, a case for each test.

    The elements and attributes are those of Jenkins's schema (xunit-plugin, junit-10.xsd), and
    ``file`` and ``line`` of a case, by which GitLab and others link to it.
    """
    files: dict[str, list[CheckOutcome]] = defaultdict(list)
    for outcome in report.outcomes:
        files[outcome.test.file].append(outcome)
    counts = _counts(report.outcomes)
    # The schemas have no "skipped" here, and their readers add up the suites.
    del counts["skipped"]
    root = ElementTree.Element("testsuites", counts)
    for file, outcomes in files.items():
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": visible(file), **_counts(outcomes)}
        )
        for outcome in outcomes:
            _case(suite, outcome)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _counts(outcomes: Sequence[CheckOutcome]) -> dict[str, str]:
    return {
        "tests": str(len(outcomes)),
        "failures": str(sum(bool(item.failures) for item in outcomes)),
        "errors": "0",
        "skipped": str(sum(bool(item.skipped) for item in outcomes)),
    }


def _case(suite: ElementTree.Element, outcome: CheckOutcome) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {
            "name": visible(name_of(outcome)),
            "classname": visible(outcome.test.file),
            "file": visible(outcome.test.file),
            "line": str(outcome.test.line),
        },
    )
    if outcome.skipped:
        ElementTree.SubElement(case, "skipped", {"message": visible(outcome.skipped)})
    if outcome.failures:
        first = outcome.failures[0]
        message = visible(f"expected {first.expected}, got {first.got}")
        failure = ElementTree.SubElement(case, "failure", {"message": message, "type": "route"})
        failure.text = "\n".join(failed_lines(outcome, color=False))
