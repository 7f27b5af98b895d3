"""``ingc completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ingc.cli.completing import COMPLETION_VARIABLE


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      bash:  ingc completion bash > ~/.local/share/bash-completion/completions/ingc
      zsh:   ingc completion zsh > "${fpath[1]}/_ingc"
      fish:  ingc completion fish > ~/.config/fish/completions/ingc.fish
    """
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for {shell}")
    script = made(ctx.find_root().command, {}, "ingc", COMPLETION_VARIABLE).source()
    # click's script for fish cuts a description at its first comma.
    click.echo(script.replace('string split ","', 'string split -m 1 ","'))
