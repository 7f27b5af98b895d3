"""``ingc routes``."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import CommandFailure
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command
from ingc.cli.session import (
    compile_inputs,
    target_version,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.option_values import BadOptionValue, read_value

if TYPE_CHECKING:
    from ingc.compiler import Result
    from ingc.routes.chosen import Choice


@click.command("routes", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "tree", "svg"]),
    default="text",
    help="How to print: a table, JSON, a tree or a picture, both down to the endpoints.",
)
@click.option(
    "--host", default="", metavar="NAME", help="Only the host that serves NAME; '*': no host named."
)
@click.option(
    "--ingress-namespace", default="", metavar="NAME", help="Only rules of Ingresses of NAME."
)
@click.option(
    "--service", default="", metavar="NS/NAME", help="Only what goes to this Service, canaries too."
)
@click.option("--path", default="", metavar="PATH", help="Only rules with this path or one below.")
@compile_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    form: str,
    host: str,
    ingress_namespace: str,
    service: str,
    path: str,
    **given: Any,
) -> None:
    """Show the table of hosts, paths and targets, in the order in which nginx matches.

    \b
    Examples:
      ingc routes manifests/
      ingc routes manifests/ --host shop.example.com --format tree
      ingc routes manifests/ --format svg > routes.svg
      ingc routes manifests/ --format json | jq '.routes[].host'
    """
    from ingc.routes.chosen import Choice

    choice = Choice(host, ingress_namespace, _service(service), path)
    if form == "svg" and importlib.util.find_spec("drawsvg") is None:
        raise CommandFailure("--format svg needs drawsvg: pip install 'ingc[svg]'")
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    compiled = compile_inputs(
        inputs, options, max_input=input_limit(given["max_input"]), allow_empty=given["allow_empty"]
    )
    result = compiled.result
    print_diagnostics(result.diagnostics, printing(given, usual="count"))
    if result.ok:
        click.echo(_printed(result, choice, form), nl=False)
    ctx.exit(exit_code(result))


def _service(text: str) -> str:
    if text:
        try:
            read_value("object", text)
        except BadOptionValue as error:
            raise click.UsageError(f"--service: {error}") from error
    return text


def _printed(result: Result, choice: Choice, form: str) -> str:
    from ingc.show import routes_as_json, routes_as_text

    routes, streams = choice.routes(result.routes), choice.streams(result.streams)
    if not (routes or streams):
        click.echo("note: no route is chosen", err=True)
    if form == "json":
        return routes_as_json(routes, streams)
    if form == "text" or result.ir is None:
        return routes_as_text(routes, streams)
    from ingc.routes.chart import chart

    trunks = chart(routes, streams, result.ir)
    if form == "tree":
        from ingc.routes.tree import tree_as_text

        return tree_as_text(trunks)
    from ingc.routes.picture import picture

    return picture(trunks)
