"""What ``ingc diff`` does, once its command line is read."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import ERRORS, INTERNAL, CommandFailure
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
from ingc.explain.conf.evidence import WatchedObjects, evidence_of
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


@dataclass(frozen=True, slots=True)
class _Read:
    """One side, and what its objects tell of a controller that watches them."""

    side: Side
    evidence: WatchedObjects | None = None


def compare_inputs(old: str, new: str, options: Options, limit: int) -> Comparison:
    """Compare two inputs, each by its name. Raises `CommandFailure`."""
    reading = _Reading(options, limit)
    before, after = _side(old, reading), _side(new, reading)
    evidence = before.evidence or after.evidence
    try:
        return compare_sides(before.side, after.side, (old, new), evidence)
    except SideNotProved as error:
        raise CommandFailure(str(error), INTERNAL) from error


def printed(found: Comparison, form: str) -> str:
    """Return a comparison as text, markdown or JSON."""
    if form == "json":
        return comparison_as_json(found)
    if form == "markdown":
        return comparison_as_markdown(found)
    return comparison_as_text(found, color=sys.stdout.isatty())


def _side(name: str, reading: _Reading) -> _Read:
    """Read one of the two. Raises `CommandFailure`."""
    if name == "-" or Path(name).exists() or not names_revision(name):
        return _read(name, Path(), reading, name)
    with tempfile.TemporaryDirectory(prefix="ingc-diff-") as folder:
        try:
            inner = extract(name, Path(folder))
        except NoRevision as error:
            raise CommandFailure(f"{name}: {error}") from error
        return _read(inner, Path(folder), reading, name)


def _read(name: str, folder: Path, reading: _Reading, side_name: str) -> _Read:
    if name.endswith(_CONF) and not (folder / name).is_dir():
        try:
            conf = read_conf(folder / name, parse_version(reading.options.nginx_version))
        except BadConf as error:
            raise CommandFailure(str(error)) from error
        report_reading(conf, side_name)
        return _Read(conf)
    sink = Sink(strict=reading.options.strict)
    try:
        with collector_paused():
            loaded = read([name], sink, max_input=reading.limit, cwd=folder)
            config = build_ir(loaded.documents, reading.options, sink)
            evidence = evidence_of(loaded.documents, reading.options, Sink())
    except Unreadable as error:
        raise CommandFailure(str(error)) from error
    errors = [item for item in sink.diagnostics() if item.severity is Severity.ERROR]
    if [type(item.entry) for item in errors] == [EmptyInput]:
        # The first rules of a folder are a change too.
        click.echo(f"note: {side_name} holds no Kubernetes object", err=True)
    elif errors:
        click.echo(render_text(errors, color=sys.stderr.isatty()), err=True)
        raise CommandFailure(f"{side_name} has {summary(errors)}", ERRORS)
    return _Read(config, evidence)
