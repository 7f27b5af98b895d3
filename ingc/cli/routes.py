"""``ingc routes``."""

from __future__ import annotations

from typing import Any

import click

from ingc.cli.flags import Command
from ingc.cli.session import (
    compile_inputs,
    exit_code,
    show_diagnostics,
    show_foreign,
    target_version,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.show import routes_as_json, routes_as_text


@click.command("routes", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
@compile_options()
@click.pass_context
def command(ctx: click.Context, /, inputs: tuple[str, ...], form: str, **given: Any) -> None:
    """Show the table of hosts, paths and targets, in the order in which nginx matches.

    \b
    Examples:
      ingc routes manifests/
      ingc routes manifests/ --format json | jq '.routes[].host'
    """
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    show_foreign(ctx)
    compiled = compile_inputs(inputs, options, max_input=input_limit(given["max_input"]))
    result = compiled.result
    show_diagnostics(result)
    if result.ok:
        printed = routes_as_json if form == "json" else routes_as_text
        click.echo(printed(result.routes), nl=False)
    ctx.exit(exit_code(result))
