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
    _report_modules(conf, name)


def _report_modules(conf: Conf, name: str) -> None:
    """Print which directives of other modules were passed over, and what they would tell."""
    found = list(conf.passed)
    names = ", ".join(dict.fromkeys(item["directive"] for item in found))
    if found:
        first = found[0]["line"]
        text = f"{name}: passed over from line {first} on, as they choose no location: {names}"
        click.echo(f"note: {visible(text)}", err=True)
    if conf.controller is not None:
        text = "ingress-nginx's own: Lua chooses endpoints, canaries, certificates and HSTS"
        click.echo(f"note: {visible(name)} is {text}, which the file does not tell", err=True)
