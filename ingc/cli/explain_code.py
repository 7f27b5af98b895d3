"""``ingc explain-code``."""

from __future__ import annotations

import click

from ingc.diagnostics import catalogue
from ingc.diagnostics.render.page import render_index, render_page


@click.command("explain-code")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic code: what it means, an example, the fix.

    Without CODE, list all of them.
    """
    if code is None:
        click.echo(render_index(), nl=False)
        return
    entry = catalogue.find(code)
    if entry is None:
        near = catalogue.suggest(code)
        hint = f"; did you mean {near}?" if near else ""
        raise click.UsageError(f'no diagnostic "{code}"{hint}')
    click.echo(render_page(entry), nl=False)
