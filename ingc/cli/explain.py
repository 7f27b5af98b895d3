"""``ingc explain``."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ingc.cli.confs import report_reading
from ingc.cli.exits import OK, USAGE
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command
from ingc.cli.session import compile_inputs, target_version
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.cli.urls import split_url
from ingc.compiler import Result
from ingc.explain import BadConf, BadQuestion, Conf, asker_of, is_url, read_conf, read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import story_as_json, unreadable
from ingc.explain.log.reading import NoHost, read_combined, read_json, tally
from ingc.explain.log.report import log_as_json, log_as_text, malformed_note
from ingc.explain.question import Question, printable
from ingc.explain.text import answer_as_line, story_as_text
from ingc.target import DEFAULT, parse_version

_MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class _Given:
    """What the options set for each request."""

    method: str
    headers: tuple[tuple[str, str], ...]
    sni: str | None
    client_ip: str | None

    def read(self, url: str, method: str = "") -> Question:
        """Return the request for a URL. Raises `BadQuestion`."""
        return read_question(
            url,
            method=method or self.method,
            headers=self.headers,
            sni=self.sni,
            client_ip=self.client_ip,
        )


@click.command("explain", cls=Command)
@click.argument("arguments", metavar="[URL] INPUT...", nargs=-1)
@click.option("--conf", metavar="FILE", help="Ask about this nginx.conf, in place of INPUT.")
@click.option("-X", "--request", "method", default="GET", metavar="METHOD", help="Method.  [GET]")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Header; repeatable."
)
@click.option(
    "--cookie", "cookies", multiple=True, metavar="NAME=VALUE", help="Cookie; repeatable."
)
@click.option("--sni", metavar="NAME", help="The name that TLS asks for.  [the URL's host]")
@click.option("--client-ip", metavar="ADDRESS", help="The client's address, for lists of them.")
@click.option(
    "--log",
    type=click.Choice(["json", "combined"]),
    help="Count the requests of an access log on standard input.",
)
@click.option("--host", metavar="NAME", help="With --log: the host of lines that name none.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
@compile_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    arguments: tuple[str, ...],
    conf: str | None,
    form: str,
    log: str | None,
    host: str | None,
    **given: Any,
) -> None:
    """Tell which rule takes a request, why, and what would change.

    Without URL, reads URLs, or METHOD URL, from standard input and answers each in a line. With
    --log, reads an access log there: how many requests each rule takes, and which none takes.

    \b
    Examples:
      ingc explain http://shop.example.com/cart manifests/
      ingc explain -H 'X-Canary: always' https://shop.example.com/ manifests/
      ingc explain http://shop.example.com/cart --conf /etc/nginx/nginx.conf
      ingc explain manifests/ < urls.txt
      ingc explain manifests/ --log json < access.log
    """
    url, inputs = split_url(ctx, arguments)
    request_options = _given(given)
    _check_usage(url, inputs, conf, log, host)
    question = _question(request_options, url) if url is not None else None
    source = _read(inputs, conf, given)
    code = _print_errors(source, given) if isinstance(source, Result) else OK
    if isinstance(source, Result) and source.ir is None:
        ctx.exit(code)
    if log is not None:
        _print_log(source, log, host or "", form)
    elif question is None:
        code = _print_answers(source, request_options, form) or code
    else:
        story = teller_of(source).tell(question)
        as_json = form == "json"
        printed = (
            story_as_json(story, indent=2) + "\n"
            if as_json
            else story_as_text(story, color=_colored())
        )
        click.echo(printed, nl=False)
    ctx.exit(code)


def _check_usage(
    url: str | None, inputs: tuple[str, ...], conf: str | None, log: str | None, host: str | None
) -> None:
    if bool(inputs) == (conf is not None):
        raise click.UsageError(
            "--conf takes the place of INPUT" if inputs else "give INPUT, or --conf nginx.conf"
        )
    if url is not None and log is not None:
        raise click.UsageError("--log reads requests from standard input; leave out the URL")
    if host is not None and log is None:
        raise click.UsageError("--host goes with --log; a URL names its host")
    if url is None and "-" in inputs:
        what = "the access log is" if log else "URLs are"
        raise click.UsageError(f"{what} read from standard input, so INPUT can't be -")


def _given(given: dict[str, Any]) -> _Given:
    headers = [_header(text) for text in given.pop("headers")]
    cookies = given.pop("cookies")
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    client_ip = given.pop("client_ip")
    if client_ip is not None:
        try:
            client_ip = str(ipaddress.ip_address(client_ip))
        except ValueError as error:
            raise click.UsageError(
                f"--client-ip {printable(client_ip)} is no IP address"
            ) from error
    return _Given(given.pop("method"), tuple(headers), given.pop("sni"), client_ip)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"-H {text!r} does not have the form 'Name: value'")
    return name.strip(), value.strip()


def _question(request_options: _Given, url: str) -> Question:
    try:
        return request_options.read(url)
    except BadQuestion as error:
        raise click.UsageError(str(error)) from error


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
    report_reading(found, conf)
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


def _print_answers(source: Result | Conf, request_options: _Given, form: str) -> int:
    asker, teller = asker_of(source), teller_of(source)
    code, any_line = OK, False
    for line in _lines():
        any_line = True
        method, _, url = line.partition(" ")
        if is_url(line) or not url:
            method, url = "", line
        try:
            question = request_options.read(url.strip(), method)
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


def _print_log(source: Result | Conf, log: str, host: str, form: str) -> None:
    asker = asker_of(source)
    read = partial(read_json if log == "json" else read_combined, host=host)
    try:
        counts = tally(_raw_lines(), read, asker)
    except NoHost as error:
        raise click.UsageError("a line of the log names no host; pass --host NAME") from error
    report = log_as_json if form == "json" else log_as_text
    click.echo(report(counts, asker), nl=False)
    note = malformed_note(counts)
    if note:
        click.echo(note, err=True)


def _raw_lines() -> Iterable[bytes]:
    return sys.stdin.buffer
