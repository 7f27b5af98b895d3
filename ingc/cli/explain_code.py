"""``ingc explain-code``."""

from __future__ import annotations

import click

from ingc.diagnostics.catalogue import index
from ingc.diagnostics.render.page import render_index, render_page


@click.command("explain-code")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic code: what it means, an example, the fix.

    Without CODE, list all of them.

    \b
    Examples:
      ingc explain-code ING205
      ingc explain-code path-has-forbidden-part
      ingc explain-code | grep certificate
    """
    if code is None:
        click.echo(render_index(index.ENTRIES.values()), nl=False)
        return
    entry = index.find(code)
    if entry is None:
        near = index.suggest(code)
        hint = f"; did you mean {near}?" if near else ""
        raise click.UsageError(f'no diagnostic "{code}"{hint}')
    click.echo(render_page(entry), nl=False)
