"""``ingc help``."""

from __future__ import annotations

import click

from ingc.cli.exits import OK


@click.command("help")
@click.argument("name", metavar="[COMMAND]", required=False)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Show how a command is used; without COMMAND, what commands there are.

    \b
    Examples:
      ingc help
      ingc help explain
      ingc help compile | less
    """
    root = ctx.find_root()
    if name is None:
        click.echo(root.get_help())
        ctx.exit(OK)
    if isinstance(root.command, click.Group):
        _, chosen, _ = root.command.resolve_command(root, [name])
        if chosen is not None:
            with click.Context(chosen, info_name=name, parent=root) as inner:
                click.echo(chosen.get_help(inner))
