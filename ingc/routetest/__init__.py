"""Tests of routes: a small language for what should become of requests, and what runs it.

From a file's text to a syntax tree (`parse`), back to text (`format`), to tests (`suite`); from a
compiled input, an nginx.conf or a running server to replies (`run`); and from both to
outcomes (`check`) and reports. It stands beside the line of stages, and queries `ingc.explain`.
"""

from ingc.routetest.api import BadTests, check_routes
from ingc.routetest.language.format import format_file
from ingc.routetest.language.parse import read_file
from ingc.routetest.language.suite import RouteTest, read_tests
from ingc.routetest.report.coverage import Coverage, coverage_of
from ingc.routetest.report.text import Report, report_as_json, report_as_text
from ingc.routetest.run.check import CheckOutcome, Failure, run_tests
from ingc.routetest.run.offline import StaticReplier

__all__ = [
    "BadTests",
    "CheckOutcome",
    "Coverage",
    "Failure",
    "Report",
    "RouteTest",
    "StaticReplier",
    "check_routes",
    "coverage_of",
    "format_file",
    "read_file",
    "read_tests",
    "report_as_json",
    "report_as_text",
    "run_tests",
]
