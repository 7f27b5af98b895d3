"""``ingc test``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import ERRORS, NO, CommandFailure
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command
from ingc.cli.output import NotWritten, write_named
from ingc.cli.session import (
    compile_inputs,
    target_version,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.compiler import Result
from ingc.diagnostics import Sink
from ingc.diagnostics.render.text import render_text, summary
from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.reading import read_conf
from ingc.load.decoding import decode
from ingc.options import Options
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
from ingc.syntax.visible import visible
from ingc.target import parse_version

if TYPE_CHECKING:
    from ingc.syntax.url import Url

_ENDING = ".ingc"


@click.command("test", cls=Command)
@click.argument("arguments", metavar="TESTS.ingc... INPUT...", nargs=-1)
@click.option("--conf", metavar="FILE", help="Test this nginx.conf, in place of INPUT.")
@click.option(
    "--live",
    multiple=True,
    metavar="URL",
    help="Send the requests to this running server; once for http and once for https.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
@click.option("--junit", metavar="FILE", help="Also write the results as JUnit's XML.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the tests hit fewer of the rules.",
)
@click.option(
    "--record",
    "recorded",
    is_flag=True,
    help="Write tests that pass today, made of the rules of INPUT.",
)
@click.option("--fmt", is_flag=True, help="Give the files of tests their one layout.")
@click.option("--check", is_flag=True, help="With --fmt: write nothing, fail where it would.")
@compile_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    arguments: tuple[str, ...],
    conf: str | None,
    live: tuple[str, ...],
    form: str,
    junit: str | None,
    fail_under: float | None,
    recorded: bool,
    fmt: bool,
    check: bool,
    **given: Any,
) -> None:
    """Test where requests go. What ends in .ingc are tests, the rest is INPUT.

    \b
    Examples:
      ingc test routes.ingc manifests/
      ingc test routes.ingc --conf /etc/nginx/nginx.conf
      ingc test routes.ingc --live http://127.0.0.1:8080
      ingc test --record manifests/ > routes.ingc
      ingc test --fmt routes.ingc

    Exit codes: 0 all passed, 1 tests or INPUT have errors, 2 wrong usage, 4 a test failed, or
    fewer rules are hit than --fail-under asks for.
    """
    files = tuple(item for item in arguments if item.endswith(_ENDING))
    inputs = tuple(item for item in arguments if not item.endswith(_ENDING))
    if check and not fmt:
        raise click.UsageError("--check belongs to --fmt")
    if fmt:
        ctx.exit(_format(files, inputs or conf or live or recorded or junit, check=check))
    if recorded and (junit or form != "text"):
        raise click.UsageError("--record writes tests, and no results")
    _check_usage(files, inputs, conf, live, recorded=recorded)
    servers = _servers(live) if live else ()
    if fail_under is not None and not (inputs or conf):
        raise click.UsageError("--fail-under needs INPUT or --conf, which know the rules")
    tests = _read_all(files)
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    source = _source(ctx, inputs, conf, options, given)
    if recorded and source is not None:
        click.echo(record(source), nl=False)
        return
    report = _run(tests, source, servers, fail_under)
    _write_junit(report, junit)
    _print(report, form)
    ctx.exit(0 if report.ok else NO)


def _read_all(files: tuple[str, ...]) -> list[RouteTest]:
    """Read the tests of files. Raises `CommandFailure` where they have errors, or no test."""
    sink = Sink()
    tests = [test for file in files for test in read_tests(_read(file, sink), sink)]
    _print_errors(sink)
    if files and not tests:
        raise CommandFailure(f"{', '.join(files)}: there is no test", ERRORS)
    return tests


def _check_usage(
    files: tuple[str, ...],
    inputs: tuple[str, ...],
    conf: str | None,
    live: tuple[str, ...],
    *,
    recorded: bool,
) -> None:
    """Raise `click.UsageError` where there is nothing to test, or nothing to test it against."""
    if recorded:
        _only(inputs or conf, files or live, "--record takes INPUT or --conf, and no tests")
    else:
        _only(files, False, "no file of tests is given; their names end in .ingc")
    if inputs and conf:
        raise click.UsageError("INPUT and --conf exclude each other")
    if not (inputs or conf or live):
        raise click.UsageError("nothing to test: give INPUT, --conf or --live")


def _only(wanted: object, unwanted: object, message: str) -> None:
    if not wanted or unwanted:
        raise click.UsageError(message)


def _servers(live: Sequence[str]) -> tuple[Url, ...]:
    from ingc.syntax.url import BadRequestUrl, read_url

    found: dict[str, Url] = {}
    for text in live:
        try:
            url = read_url(text)
        except BadRequestUrl as error:
            raise click.UsageError(f"--live: {error}") from error
        if url.target != "/":
            raise click.UsageError(f'--live: "{text}" has a path; name the server alone')
        if url.scheme in found:
            raise click.UsageError(f"--live: two servers for {url.scheme}")
        found[url.scheme] = url
    return tuple(found.values())


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


def _format(files: Sequence[str], beside: object, *, check: bool) -> int:
    _only(files, beside, "--fmt takes files of tests alone")
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


def _source(
    ctx: click.Context,
    inputs: Sequence[str],
    conf: str | None,
    options: Options,
    given: dict[str, Any],
) -> Result | Conf | None:
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


def _run(
    tests: Sequence[RouteTest],
    source: Result | Conf | None,
    servers: Sequence[Url],
    at_least: float | None,
) -> Report:
    beside = StaticReplier(source) if source is not None else None
    outcomes, hit = run_tests(tests, _replier(beside, servers))
    coverage = coverage_of(beside.refs(), hit) if beside is not None else None
    return Report(outcomes, coverage, at_least)


def _replier(beside: StaticReplier | None, servers: Sequence[Url]) -> Replier:
    if beside is not None and not servers:
        return beside
    from ingc.routetest.run.live import LiveReplier

    # Without an input there is a server: nothing to test was refused before.
    return LiveReplier(servers, beside)


def _write_junit(report: Report, junit: str | None) -> None:
    if junit is not None:
        from ingc.routetest.report.junit import report_as_junit

        _write(junit, report_as_junit(report))


def _write(name: str, data: bytes) -> None:
    try:
        write_named(Path(name), data)
    except NotWritten as error:
        raise CommandFailure(str(error)) from error


def _print(report: Report, form: str) -> None:
    if form == "json":
        click.echo(report_as_json(report), nl=False)
        return
    click.echo(report_as_text(report, color=sys.stdout.isatty()), nl=False)
