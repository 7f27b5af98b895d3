"""``ingc try``."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import ERRORS, NO, CommandFailure
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command, port
from ingc.cli.ports import refuse_taken
from ingc.cli.session import (
    Compiled,
    compile_inputs,
    find_nginx,
    open_session,
    version_to_run,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.cli.urls import split_url
from ingc.syntax.url import DEFAULT_PORTS, BadRequestUrl, Url, read_url
from ingc.syntax.visible import visible

if TYPE_CHECKING:
    from ingc.match import Match
    from ingc.serve.client import HttpAnswer
    from ingc.serve.session import Session
    from ingc.syntax.request import Request

_ADDRESS = "127.0.0.1"


@click.command("try", cls=Command)
@click.argument("arguments", metavar="URL INPUT...", nargs=-1)
@click.option("-X", "--request", "method", default="GET", metavar="METHOD", help="Method.  [GET]")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Header; repeatable."
)
@click.option("-i", "--include", is_flag=True, help="Show the headers of the answer too.")
@click.option("--http-port", "--port", "http_port", type=port, help="Port for http.  [a free one]")
@click.option("--https-port", type=port, help="Port for https.  [a free one]")
@compile_options(without=("--listen-address", "--http-port", "--https-port", "--access-log"))
@click.pass_context
def command(
    ctx: click.Context,
    /,
    arguments: tuple[str, ...],
    http_port: int | None,
    https_port: int | None,
    method: str,
    headers: tuple[str, ...],
    include: bool,
    **given: Any,
) -> None:
    """Send one request through a real nginx and report what came of it.

    Compiles INPUT, starts nginx on it with a responder in place of every Service, sends the
    request, prints the answer, and stops again. The URL's host needs no DNS entry.

    \b
    Examples:
      ingc try shop.example.com/cart ingress.yaml
      ingc try -i -X POST http://shop.example.com/cart manifests/
      ingc try -H 'Cookie: a=b' https://shop.example.com/ manifests/
    """
    requested, inputs = _url_and_inputs(ctx, arguments)
    sent = [_header(text) for text in headers]
    ports = _ports(http_port, https_port)
    nginx = find_nginx(given["nginx"])
    given["nginx_version"] = version_to_run(nginx, given["nginx_version"])
    with open_session(nginx, echo=True) as session:
        compiled = _compiled(session, inputs, ports, given)
        print_diagnostics(compiled.result.diagnostics, printing(given))
        if not compiled.result.ok:
            ctx.exit(exit_code(compiled.result))
        answer = _send(session, compiled, requested, ports, method, sent)
        by_line = session.port(requested.scheme) is not None
        url = f"{requested.scheme}://{requested.authority}{requested.target}"
        match = _foretold(session, _request(requested, method, sent, by_line=by_line))
        lines = (
            f"{method} {url}",
            f"  via {nginx}{', after a PROXY line' if by_line else ''}",
            *_dropped(session, sent),
            *_story(answer, match, answer.headers if include else ()),
        )
        click.echo("\n".join(map(visible, lines)))


def _compiled(
    session: Session, inputs: tuple[str, ...], ports: tuple[int, int], given: dict[str, Any]
) -> Compiled:
    options = make_options(
        given,
        echo=True,
        echo_socket=session.echo_socket,
        listen_address=(_ADDRESS,),
        http_port=ports[0],
        https_port=ports[1],
        access_log="off",
    )
    limit, allow_empty = input_limit(given["max_input"]), given["allow_empty"]
    return compile_inputs(inputs, options, max_input=limit, allow_empty=allow_empty)


def _url_and_inputs(ctx: click.Context, arguments: tuple[str, ...]) -> tuple[Url, tuple[str, ...]]:
    url, inputs = split_url(ctx, arguments)
    if url is None or not inputs:
        raise click.UsageError("give a URL and INPUT" if url is None else "give INPUT")
    try:
        return read_url(url), inputs
    except BadRequestUrl as error:
        raise click.UsageError(str(error)) from error


def _ports(http: int | None, https: int | None) -> tuple[int, int]:
    """Return the ports to serve on: free ones where none is given."""
    from ingc.nginx import free_ports

    given = {"--http-port": http, "--https-port": https}
    refuse_taken((_ADDRESS,), {name: port for name, port in given.items() if port})
    free = free_ports(2)
    return http or free[0], https or free[1]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"-H {text!r} does not have the form 'Name: value'")
    return name.strip(), value.strip()


def _send(
    session: Session,
    compiled: Compiled,
    requested: Url,
    ports: tuple[int, int],
    method: str,
    headers: Iterable[tuple[str, str]],
) -> HttpAnswer:
    from ingc.serve.client import HandshakeRefused, send
    from ingc.serve.session import NotServed

    config = compiled.result.ir
    if config is None:
        raise CommandFailure("nothing was compiled", ERRORS)
    try:
        session.serve(config)
    except NotServed as error:
        raise CommandFailure(f"nginx did not start:\n{error}", ERRORS) from error
    try:
        own = ports[1] if requested.scheme == "https" else ports[0]
        port = session.port(requested.scheme) or own
        return send(requested, port, method=method, headers=headers)
    except HandshakeRefused as error:
        raise CommandFailure(f"https is refused for {requested.host}: {error}", NO) from error
    except ConnectionRefusedError as error:
        raise CommandFailure("nothing is served on https: no host has a certificate", NO) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CommandFailure(f"no answer: {error}", NO) from error


def _foretold(session: Session, request: Request) -> Match:
    from ingc.match import Oracle

    return Oracle(session.config).answer(request)


def _dropped(session: Session, sent: Sequence[tuple[str, str]]) -> Iterator[str]:
    from ingc.explain.compiled.client import dropped

    for item in dropped(tuple(sent), session.config.settings):
        yield f"dropped   {item.what}"


def _request(
    requested: Url, method: str, headers: Sequence[tuple[str, str]], *, by_line: bool
) -> Request:
    """Return what is sent as the oracle takes it."""
    from ingc.syntax.request import Prelude, Request

    host = next((value for name, value in headers if name.lower() == "host"), requested.authority)
    return Request(
        host.encode("utf-8", "surrogateescape"),
        requested.target.encode("utf-8", "surrogateescape"),
        requested.scheme,
        method,
        tuple(item for item in headers if item[0].lower() != "host"),
        requested.host.encode("utf-8", "surrogateescape"),
        _ADDRESS,
        verified=False,
        password=any(name.lower() == "authorization" for name, _ in headers),
        prelude=Prelude(_ADDRESS, DEFAULT_PORTS[requested.scheme]) if by_line else None,
    )


def _story(answer: HttpAnswer, match: Match, printed: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f"answer    {answer.status} {answer.reason}".rstrip()]
    lines += [f"          {name}: {value}" for name, value in printed]
    location = answer.header("Location")
    if location:
        lines.append(f"redirect  {location}")
    received = _received(answer)
    if received is not None:
        lines += _backend(received)
    elif match.route is not None:
        route = match.route
        lines.append(f"ingress   {route.origin.ingress}")
        lines.append(f"rule      {route.origin.field}  ({_rule(match)})")
        if route.service:
            lines.append(
                f"service   {route.service.namespace}/{route.service.service}:"
                f"{route.service.port}  (got no request)"
            )
        if match.refusal is not None and match.status == answer.status:
            lines.append(f"because   {match.why}")
    else:
        lines.append(f"ingress   none: {match.why or 'no rule takes this request'}")
    return lines


def _rule(match: Match) -> str:
    winner = next((item for item in match.candidates if item.wins), None)
    if winner is None:
        return "default backend"
    return f"{winner.route.path_type or 'default'} {winner.route.path}: {winner.reason}"


def _received(answer: HttpAnswer) -> dict[str, Any] | None:
    """Return what the responder reported, where the answer is its."""
    try:
        reported = json.loads(answer.body)
    except ValueError:
        return None
    return reported if isinstance(reported, dict) and "request" in reported else None


def _backend(reported: dict[str, Any]) -> list[str]:
    request = reported["request"]
    lines = [
        f"ingress   {reported['ingress']}",
        f"rule      {reported['rule']}",
        f"service   {reported['service']}:{reported['port']}",
        "received  " + f"{request['method']} {request['target']} {request['version']}",
    ]
    return lines + [f"          {name}: {value}" for name, value in request["headers"]]
