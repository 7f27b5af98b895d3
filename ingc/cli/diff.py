"""``ingc diff``."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import ERRORS, INTERNAL, NO, OK, CommandFailure
from ingc.cli.flags import Command
from ingc.cli.session import target_version
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.collector import collector_paused
from ingc.compiler import build_ir
from ingc.diagnostics import Severity, Sink
from ingc.diagnostics.catalogue.reading import EmptyInput
from ingc.diagnostics.render.text import render_text, summary
from ingc.diff.compare import Side, SideNotProved, compare_sides
from ingc.diff.difference import Comparison
from ingc.diff.render import comparison_as_json, comparison_as_markdown, comparison_as_text
from ingc.diff.revisions import NoRevision, extract, names_revision
from ingc.explain.conf.api import BadConf
from ingc.explain.conf.reading import read_conf
from ingc.load import Unreadable, read
from ingc.options import Options
from ingc.target import parse_version

_CONF = ".conf"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How both sides are read."""

    options: Options
    limit: int


@click.command("diff", cls=Command)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to print.",
)
@compile_options(without=("--filename", "--allow-empty"))
@click.pass_context
def command(ctx: click.Context, /, old: str, new: str, form: str, **given: Any) -> None:
    """Show which requests are answered otherwise by NEW than by OLD, each by an example.

    Each of the two is a file or a folder of manifests, an nginx.conf (by the ending .conf), or
    one of these as a git revision has it: REVISION:PATH.

    \b
    Examples:
      ingc diff HEAD~1:manifests manifests
      ingc diff main:manifests manifests --format markdown
      ingc diff /etc/nginx/nginx.conf manifests

    Exit codes: 0 the routing is the same, 1 the input has errors, 2 wrong usage, 4 it differs.
    """
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    reading = _Reading(options, input_limit(given["max_input"]))
    if old == new == "-":
        raise click.UsageError("only one of the two can be standard input")
    found = _compared(_side(old, reading), _side(new, reading), (old, new))
    click.echo(_printed(found, form), nl=False)
    ctx.exit(OK if found.same else NO)


def _printed(found: Comparison, form: str) -> str:
    if form == "json":
        return comparison_as_json(found)
    if form == "markdown":
        return comparison_as_markdown(found)
    return comparison_as_text(found, color=sys.stdout.isatty())


def _side(name: str, reading: _Reading) -> Side:
    """Read one of the two. Raises `CommandFailure`."""
    if name == "-" or Path(name).exists() or not names_revision(name):
        return _read(name, Path(), reading, name)
    with tempfile.TemporaryDirectory(prefix="ingc-diff-") as folder:
        try:
            inner = extract(name, Path(folder))
        except NoRevision as error:
            raise CommandFailure(f"{name}: {error}") from error
        return _read(inner, Path(folder), reading, name)


def _read(name: str, folder: Path, reading: _Reading, side_name: str) -> Side:
    if name.endswith(_CONF) and not (folder / name).is_dir():
        try:
            conf = read_conf(folder / name, parse_version(reading.options.nginx_version))
        except BadConf as error:
            raise CommandFailure(str(error)) from error
        report_reading(conf, side_name)
        return conf
    sink = Sink(strict=reading.options.strict)
    try:
        with collector_paused():
            loaded = read([name], sink, max_input=reading.limit, cwd=folder)
            config = build_ir(loaded.documents, reading.options, sink)
    except Unreadable as error:
        raise CommandFailure(str(error)) from error
    errors = [item for item in sink.diagnostics() if item.severity is Severity.ERROR]
    if [type(item.entry) for item in errors] == [EmptyInput]:
        # The first rules of a folder are a change too.
        click.echo(f"note: {side_name} holds no Kubernetes object", err=True)
    elif errors:
        click.echo(render_text(errors, color=sys.stderr.isatty()), err=True)
        raise CommandFailure(f"{side_name} has {summary(errors)}", ERRORS)
    return config


def _compared(old: Side, new: Side, names: tuple[str, str]) -> Comparison:
    try:
        return compare_sides(old, new, names)
    except SideNotProved as error:
        raise CommandFailure(str(error), INTERNAL) from error
