"""What came of the tests: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.explain.answer import RouteRef
from ingc.routetest.language.syntax import quoted
from ingc.routetest.report.coverage import Coverage
from ingc.routetest.report.wording import got_text
from ingc.routetest.run.check import CheckOutcome
from ingc.syntax.request import Presented
from ingc.syntax.visible import as_json, visible

_MOST_MISSED = 20
"""So many rules that no test hits are listed."""
_RED, _GREEN, _DIM = "31", "32", "2"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of a run."""

    outcomes: tuple[CheckOutcome, ...]
    coverage: Coverage | None = None
    """``None`` where the rules are not known."""
    at_least: float | None = None
    """The percentage of rules that have to be hit."""

    @property
    def failed(self) -> tuple[CheckOutcome, ...]:
        """The tests that failed."""
        return tuple(item for item in self.outcomes if item.failures)

    @property
    def skipped(self) -> tuple[CheckOutcome, ...]:
        """The tests that were not run."""
        return tuple(item for item in self.outcomes if item.skipped)

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return len(self.outcomes) - len(self.failed) - len(self.skipped)

    @property
    def covered(self) -> bool:
        """True where enough of the rules are hit."""
        if self.coverage is None or self.at_least is None:
            return True
        return self.coverage.percent >= self.at_least

    @property
    def ok(self) -> bool:
        """True where no test failed, something was run, and enough of the rules are hit."""
        return not self.failed and self.covered and (self.passed > 0 or not self.skipped)


def report_as_text(report: Report, *, color: bool, missed: bool = True) -> str:
    """Write failures with what was expected and what came; then the counts."""
    lines = [line for outcome in report.failed for line in failed_lines(outcome, color=color)]
    for outcome in report.skipped:
        lines.append(f"{_paint('SKIP', _DIM, color=color)} {_title(outcome)}")
        lines.append(f"     {visible(outcome.skipped)}")
    counts = [f"{report.passed} passed"]
    counts += [f"{len(report.failed)} failed"] if report.failed else []
    counts += [f"{len(report.skipped)} not run"] if report.skipped else []
    style = _RED if report.failed else _GREEN
    lines.append(
        _paint(f"{_number(len(report.outcomes), 'test')}: {', '.join(counts)}", style, color=color)
    )
    if report.coverage is not None:
        lines += _coverage(report, report.coverage, color=color, missed=missed)
    return "".join(f"{line}\n" for line in lines)


def failed_lines(outcome: CheckOutcome, *, color: bool) -> Iterator[str]:
    """Write a failed test: what was expected, what came, and which rule took it."""
    yield f"{_paint('FAIL', _RED, color=color)} {_title(outcome)}"
    reply = outcome.reply
    for failure in outcome.failures:
        yield f"     expected  {visible(failure.expected)}"
        yield f"     got       {visible(failure.got)}"
        if failure.why:
            yield f"     because   {visible(failure.why)}"
    route = reply.answer.route if reply else None
    if route is not None:
        yield f"     taken by  {_rule(route)}"


def _rule(route: RouteRef) -> str:
    parts = [str(route)]
    if route.path and str(route) != route.path:
        parts.append(f"({route.path_type or 'default backend'} {route.path})")
    elif route.path_type:
        parts.insert(0, f"location {route.path_type}")
    return visible("  ".join([" ".join(parts), *([route.source] if route.source else [])]))


def _coverage(report: Report, coverage: Coverage, *, color: bool, missed: bool) -> Iterator[str]:
    wanted = "" if report.covered else f", {report.at_least:g} % required"
    rules = _number(coverage.rules, "rule")
    text = f"{coverage.hit} of {rules} hit ({coverage.percent:.1f} %{wanted})"
    yield text if report.covered else _paint(text, _RED, color=color)
    if missed:
        for route in coverage.missed[:_MOST_MISSED]:
            yield f"     not hit   {_rule(route)}"
        more = len(coverage.missed) - _MOST_MISSED
        if more > 0:
            yield f"     and {more} more (--format json has all)"


def _title(outcome: CheckOutcome) -> str:
    test = outcome.test
    return visible(f"{test.file}:{test.line}  {name_of(outcome)}")


def name_of(outcome: CheckOutcome) -> str:
    """Return the request of a test in one line."""
    question = outcome.test.question
    with_ = [f"{name}: {value}" for name, value in question.headers]
    with_ += [f"client {question.client_ip}"] if question.client_ip else []
    with_ += [certificate_text(question.presented)] if question.presented else []
    return f"{question.method} {question.url}" + (f"  ({', '.join(with_)})" if with_ else "")


def certificate_text(shown: Presented) -> str:
    """Write a client certificate as a test has it."""
    return "certificate" if shown.verified is None else f"certificate {quoted(shown.subject)}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _paint(text: str, style: str, *, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def report_as_json(report: Report) -> str:
    """Write everything as JSON; what is absent is null."""
    coverage = report.coverage
    content = {
        "tests": [_test_as_json(item) for item in report.outcomes],
        "passed": report.passed,
        "failed": len(report.failed),
        "skipped": len(report.skipped),
        "coverage": None
        if coverage is None
        else {
            "rules": coverage.rules,
            "hit": coverage.hit,
            "percent": round(coverage.percent, 2),
            "missed": [_rule_as_json(route) for route in coverage.missed],
        },
    }
    return as_json(content, 2) + "\n"


def _test_as_json(outcome: CheckOutcome) -> dict[str, object]:
    test, reply = outcome.test, outcome.reply
    question = test.question
    route = reply.answer.route if reply else None
    return {
        "file": test.file,
        "line": test.line,
        "method": question.method,
        "url": question.url,
        "headers": [list(item) for item in question.headers],
        "client": question.client_ip,
        "certificate": certificate_text(question.presented) if question.presented else None,
        "result": "failed" if outcome.failures else "skipped" if outcome.skipped else "passed",
        "skipped": outcome.skipped or None,
        "got": got_text(reply) if reply and not reply.answer.unknown else None,
        "route": _rule_as_json(route) if route else None,
        "failures": [
            {"expected": item.expected, "got": item.got, "why": item.why or None}
            for item in outcome.failures
        ],
    }


def _rule_as_json(route: RouteRef) -> dict[str, object]:
    return {
        "ingress": route.ingress,
        "field": route.field,
        "path": route.path,
        "path_type": route.path_type,
        "service": route.service,
        "port": route.port,
        "source": route.source,
    }
