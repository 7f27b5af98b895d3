"""``ingc diff``."""

from __future__ import annotations

from typing import Any

import click

from ingc.cli.exits import NO, OK
from ingc.cli.flags import Command
from ingc.cli.session import target_version
from ingc.cli.settings import compile_options, input_limit, make_options


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
    limit = input_limit(given["max_input"])
    if old == new == "-":
        raise click.UsageError("only one of the two can be standard input")
    from ingc.cli.comparing import compare_inputs, printed

    found = compare_inputs(old, new, options, limit)
    click.echo(printed(found, form), nl=False)
    ctx.exit(OK if found.same else NO)
