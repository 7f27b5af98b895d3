"""``ingc test``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ingc.cli.exits import NO
from ingc.cli.flags import Command
from ingc.cli.session import target_version
from ingc.cli.settings import compile_options, make_options
from ingc.syntax.url import BadRequestUrl, Url, read_url

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
    fewer rules are hit than --fail-under requires.
    """
    files, inputs = _parted(arguments)
    if check and not fmt:
        raise click.UsageError("--check belongs to --fmt")
    if fmt:
        beside = inputs or conf or live or recorded or junit
        ctx.exit(_format(files, beside, check=check))
    if recorded and (junit or form != "text"):
        raise click.UsageError("--record writes tests, and no results")
    _check_usage(files, inputs, conf, live, recorded=recorded)
    servers = _servers(live) if live else ()
    if fail_under is not None and not (inputs or conf):
        raise click.UsageError("--fail-under needs INPUT or --conf, which know the rules")
    from ingc.cli.testing import print_report, read_all, record_tests, run, source_of, write_junit

    tests = read_all(files)
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    source = source_of(ctx, inputs, conf, options, given)
    if recorded and source is not None:
        record_tests(source)
        ctx.exit(0)
    report = run(tests, source, servers, fail_under)
    write_junit(report, junit)
    print_report(report, form)
    ctx.exit(0 if report.ok else NO)


def _parted(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of tests, and the rest, which is INPUT."""
    files = tuple(item for item in arguments if item.endswith(_ENDING))
    return files, tuple(item for item in arguments if not item.endswith(_ENDING))


def _format(files: tuple[str, ...], beside: object, *, check: bool) -> int:
    _only(files, beside, "--fmt takes files of tests alone")
    from ingc.cli.testing import format_files

    return format_files(files, check=check)


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
