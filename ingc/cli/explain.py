"""``ingc explain``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

import click

from ingc.cli.flags import Command
from ingc.cli.settings import compile_options
from ingc.cli.urls import split_url
from ingc.explain.question import BadQuestion, Question, printable, read_question


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
@click.option("--conf", metavar="FILE", help="Explain this nginx.conf, in place of INPUT.")
@click.option("-X", "--request", "method", default="GET", metavar="METHOD", help="Method.  [GET]")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Header; repeatable."
)
@click.option(
    "--cookie", "cookies", multiple=True, metavar="NAME=VALUE", help="Cookie; repeatable."
)
@click.option("--sni", metavar="NAME", help="The name that TLS requests.  [the URL's host]")
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
    """Explain which rule takes a request, why, and what would change.

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
    from ingc.cli.explaining import print_answers, print_log, print_story, read_source

    source, code = read_source(inputs, conf, given)
    if source is None:
        ctx.exit(code)
    if log is not None:
        print_log(source, log, host or "", form)
    elif question is None:
        code = print_answers(source, request_options.read, form) or code
    else:
        print_story(source, question, form)
    ctx.exit(code)


def _check_usage(
    url: str | None, inputs: tuple[str, ...], conf: str | None, log: str | None, host: str | None
) -> None:
    if not inputs and conf is None:
        raise click.UsageError("give INPUT, or --conf nginx.conf")
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
