"""What ``ingc test`` does, once its command line is read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import ERRORS, NO, CommandFailure
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.session import compile_inputs
from ingc.cli.settings import input_limit
from ingc.compiler import Result
from ingc.diagnostics import Sink
from ingc.diagnostics.render.text import render_text, summary
from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.reading import read_conf
from ingc.load.decoding import decode
from ingc.options import Options
from ingc.output import NotWritten, write_named
from ingc.routetest import (
    Report,
    RouteTest,
    StaticReplier,
    coverage_of,
    format_file,
    read_file,
    read_tests,
    report_as_json,
    report_as_text,
    run_tests,
)
from ingc.routetest.language.syntax import File
from ingc.routetest.record import record
from ingc.routetest.run.reply import Replier
from ingc.syntax.url import Url
from ingc.syntax.visible import visible
from ingc.target import parse_version


def read_all(files: tuple[str, ...]) -> list[RouteTest]:
    """Read the tests of files. Raises `CommandFailure` where they have errors, or no test."""
    sink = Sink()
    tests = [test for file in files for test in read_tests(_read(file, sink), sink)]
    _print_errors(sink)
    if files and not tests:
        raise CommandFailure(f"{', '.join(files)}: there is no test", ERRORS)
    return tests


def source_of(
    ctx: click.Context,
    inputs: Sequence[str],
    conf: str | None,
    options: Options,
    given: dict[str, Any],
) -> Result | Conf | None:
    """Return what the tests are run against, ``None`` where it is a server alone.

    Raises `CommandFailure` for what can't be read, and ends where INPUT has errors.
    """
    if conf is not None:
        try:
            found = read_conf(conf, parse_version(options.nginx_version))
        except BadConf as error:
            raise CommandFailure(str(error)) from error
        report_reading(found, conf)
        return found
    if not inputs:
        return None
    compiled = compile_inputs(
        inputs, options, max_input=input_limit(given["max_input"]), allow_empty=given["allow_empty"]
    )
    if not compiled.result.ok:
        print_diagnostics(compiled.result.diagnostics, printing(given))
        ctx.exit(exit_code(compiled.result))
    return compiled.result


def record_tests(source: Result | Conf) -> None:
    """Print tests that pass on this input."""
    click.echo(record(source), nl=False)


def run(
    tests: Sequence[RouteTest],
    source: Result | Conf | None,
    servers: Sequence[Url],
    at_least: float | None,
) -> Report:
    """Run the tests; ``at_least`` is how many per cent of the rules they have to hit."""
    beside = StaticReplier(source) if source is not None else None
    outcomes, hit = run_tests(tests, _replier(beside, servers))
    coverage = coverage_of(beside.refs(), hit) if beside is not None else None
    return Report(outcomes, coverage, at_least)


def write_junit(report: Report, junit: str | None) -> None:
    """Write JUnit's XML where a file for it is named."""
    if junit is not None:
        from ingc.routetest.report.junit import report_as_junit

        _write(junit, report_as_junit(report))


def print_report(report: Report, form: str) -> None:
    """Print the results as text or JSON."""
    if form == "json":
        click.echo(report_as_json(report), nl=False)
        return
    click.echo(report_as_text(report, color=sys.stdout.isatty()), nl=False)


def format_files(files: Sequence[str], *, check: bool) -> int:
    """Give files of tests their one layout, or report which lack it; return the exit code."""
    sink = Sink()
    read = [(name, _read(name, sink)) for name in files]
    _print_errors(sink)
    changed = 0
    for name, file in read:
        text = format_file(file)
        if text.encode() == Path(name).read_bytes():
            continue
        changed += 1
        if check:
            click.echo(f"would change {visible(name)}", err=True)
            continue
        _write(name, text.encode())
        click.echo(f"changed {visible(name)}", err=True)
    return NO if check and changed else 0


def _read(name: str, sink: Sink) -> File:
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise CommandFailure(f"{name}: {(error.strerror or str(error)).lower()}") from error
    text = decode(data, name, sink)
    return read_file(text.text if text else "", name, sink)


def _print_errors(sink: Sink) -> None:
    """End where the tests have errors."""
    found = sink.diagnostics()
    if found:
        click.echo(render_text(found, color=sys.stderr.isatty()), err=True)
        raise CommandFailure(summary(found), ERRORS)


def _replier(beside: StaticReplier | None, servers: Sequence[Url]) -> Replier:
    if beside is not None and not servers:
        return beside
    from ingc.routetest.run.live import LiveReplier

    # Without an input there is a server: nothing to test was refused before.
    return LiveReplier(servers, beside)


def _write(name: str, data: bytes) -> None:
    try:
        write_named(Path(name), data)
    except NotWritten as error:
        raise CommandFailure(str(error)) from error
