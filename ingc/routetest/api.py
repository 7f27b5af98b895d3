"""Tests of routes in one step, for programs."""

from __future__ import annotations

from ingc.compiler import Result
from ingc.diagnostics import Diagnostic, Sink
from ingc.explain.conf.api import Conf
from ingc.routetest.language.parse import read_file
from ingc.routetest.language.suite import read_tests
from ingc.routetest.report.coverage import coverage_of
from ingc.routetest.report.text import Report
from ingc.routetest.run.check import run_tests
from ingc.routetest.run.offline import StaticReplier


class BadTests(ValueError):
    """A file of route tests has errors; ``diagnostics`` has each with its place."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(f"{len(diagnostics)} errors, the first: {diagnostics[0].message}")


def check_routes(text: str, source: Result | Conf, *, file: str = "routes.ingc") -> Report:
    """Run the tests of a text against a compiled input or an nginx.conf.

    ``file`` is what the text is called in findings. Raises `BadTests`, and `LookupError` where
    nothing was compiled.
    """
    sink = Sink()
    tests = read_tests(read_file(text, file, sink), sink)
    if sink.errors:
        raise BadTests(sink.diagnostics())
    replier = StaticReplier(source)
    outcomes, hit = run_tests(tests, replier)
    return Report(outcomes, coverage_of(replier.refs(), hit))
