"""The options about nginx's modules beyond stock, which every compiling command shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ingc.option_values import MODULES


def _option(
    name: str, **attributes: Any
) -> tuple[str, Callable[[Callable[..., Any]], Callable[..., Any]]]:
    return name, click.option(name, **attributes)


MODULE_OPTIONS = (
    _option(
        "--with-module",
        multiple=True,
        metavar="NAME[=FILE]",
        help=f"nginx has this module beyond stock: {', '.join(MODULES)}; FILE: load it from there.",
    ),
    _option(
        "--modsecurity-rules",
        metavar="FILE",
        help="Rules and settings for whoever enables ModSecurity without own ones.",
    ),
    _option(
        "--owasp-rules",
        metavar="FILE",
        help="The OWASP core rule set: a file that includes its parts.",
    ),
    _option(
        "--geoip2-database",
        multiple=True,
        metavar="FILE",
        help="A database of MaxMind, under its own name, such as GeoLite2-City.mmdb.",
    ),
)
"""Each with its name."""
