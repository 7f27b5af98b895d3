"""What is to be known of an nginx.conf that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ingc.syntax.visible import visible

if TYPE_CHECKING:
    from ingc.explain import Conf


def report_reading(conf: Conf, name: str) -> None:
    """Print which files could not be read, and what the file was taken for."""
    for text in conf.unread:
        click.echo(f"warning: not read: {visible(text)}", err=True)
    if conf.inside:
        click.echo(f"note: {visible(name)} has no http block: it is taken for the inside", err=True)
