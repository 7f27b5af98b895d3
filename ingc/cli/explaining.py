"""What ``ingc explain`` does, once its command line is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import OK, USAGE
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.session import compile_inputs, target_version
from ingc.cli.settings import input_limit, make_options
from ingc.compiler import Result
from ingc.diagnostics import Sink
from ingc.explain import BadConf, BadQuestion, Conf, asker_of, is_url, read_conf
from ingc.explain.api import teller_of
from ingc.explain.conf.evidence import WatchedObjects, evidence_of
from ingc.explain.json_form import story_as_json, unreadable
from ingc.explain.log.reading import NoHost, read_combined, read_json, tally
from ingc.explain.log.report import log_as_json, log_as_text, malformed_note
from ingc.explain.question import Question
from ingc.explain.text import answer_as_line, story_as_text
from ingc.load import Unreadable, read
from ingc.options import Options
from ingc.target import DEFAULT, parse_version

_MOST_ERRORS = 5


def read_source(
    inputs: tuple[str, ...], conf: str | None, given: dict[str, Any]
) -> tuple[Result | Conf | None, int]:
    """Return what is to be explained, ``None`` where errors left nothing of it, and the exit code.

    Raises `click.ClickException` for what can't be read.
    """
    source = _read(inputs, conf, given)
    if not isinstance(source, Result):
        return source, OK
    code = _print_errors(source, given)
    return (None if source.ir is None else source), code


def _read(inputs: tuple[str, ...], conf: str | None, given: dict[str, Any]) -> Result | Conf:
    version = target_version(given)
    if conf is None:
        options = make_options(given, nginx_version=version, secret_files=True)
        limit = input_limit(given["max_input"])
        return compile_inputs(
            inputs,
            options,
            max_input=limit,
            on_error="isolate",
            allow_empty=given["allow_empty"],
            served=False,
        ).result
    if not Path(conf).is_file():
        raise click.UsageError(f"--conf {conf}: no such file")
    try:
        found = read_conf(conf, parse_version(version or DEFAULT))
    except BadConf as error:
        raise click.ClickException(str(error)) from error
    if inputs and found.controller is None:
        raise click.UsageError("--conf takes the place of INPUT")
    report_reading(found, conf)
    if not inputs:
        return found
    options = make_options(given, nginx_version=version, secret_files=True)
    return found.with_evidence(_evidence(inputs, options, input_limit(given["max_input"])))


def _evidence(inputs: tuple[str, ...], options: Options, limit: int) -> WatchedObjects:
    """Return what objects tell of a controller. Raises `click.ClickException`."""
    sink = Sink()
    try:
        loaded = read(list(inputs), sink, max_input=limit, cwd=Path())
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    found = evidence_of(loaded.documents, options, sink)
    if sink.errors:
        click.echo("note: INPUT has errors, which ingc check prints", err=True)
    return found


def _print_errors(result: Result, given: dict[str, Any]) -> int:
    """Print the errors of the input: the rules that they concern answer 503."""
    how = replace(
        printing(given), most=_MOST_ERRORS, remark="; compile refuses the input, explain goes on"
    )
    print_diagnostics(result.errors, how)
    return exit_code(result)


def _colored() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def print_story(source: Result | Conf, question: Question, form: str) -> None:
    """Print everything that there is to say of one request."""
    story = teller_of(source).tell(question)
    printed = (
        story_as_json(story, indent=2) + "\n"
        if form == "json"
        else story_as_text(story, color=_colored())
    )
    click.echo(printed, nl=False)


def print_answers(source: Result | Conf, read: Callable[[str, str], Question], form: str) -> int:
    """Answer each line of standard input in a line; return the exit code.

    ``read`` makes a request of a URL and a method, which may be empty.
    """
    asker, teller = asker_of(source), teller_of(source)
    code, any_line = OK, False
    for line in _lines():
        any_line = True
        method, _, url = line.partition(" ")
        if is_url(line) or not url:
            method, url = "", line
        try:
            question = read(url.strip(), method)
        except BadQuestion as error:
            code = USAGE
            click.echo(unreadable(line, str(error)) if form == "json" else f"{error}")
            continue
        if form == "json":
            click.echo(story_as_json(teller.short(question)))
        else:
            click.echo(answer_as_line(asker.ask(question)))
    if not any_line:
        click.echo("note: standard input holds no URL", err=True)
    return code


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        click.echo("note: reading URLs from standard input, one a line", err=True)
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "surrogateescape").strip("\r\n\t ")
        if line:
            yield line


def print_log(source: Result | Conf, log: str, host: str, form: str) -> None:
    """Print what became of the requests of an access log on standard input.

    ``host`` is that of lines that name none. Raises `click.UsageError` where one is needed.
    """
    asker = asker_of(source)
    parse = partial(read_json if log == "json" else read_combined, host=host)
    try:
        counts = tally(_raw_lines(), parse, asker)
    except NoHost as error:
        raise click.UsageError("a line of the log names no host; pass --host NAME") from error
    report = log_as_json if form == "json" else log_as_text
    click.echo(report(counts, asker), nl=False)
    note = malformed_note(counts)
    if note:
        click.echo(note, err=True)


def _raw_lines() -> Iterable[bytes]:
    return sys.stdin.buffer
