"""``ingc version``."""

from __future__ import annotations

import click

import ingc


@click.command("version")
def command() -> None:
    """Print the version, as ``ingc --version`` does."""
    click.echo(f"ingc, version {ingc.__version__}")
