"""Which of a command's arguments is the URL, whatever order and form it was typed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from ingc.cli.flags import print_note
from ingc.explain.question import is_url, printable

_HOST_AND_PATH = re.compile(
    r"(?:localhost|(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*|\d+(?:\.\d+){3})(?::\d+)?(?:[/?].*)?",
    re.IGNORECASE | re.DOTALL,
)
_FILES = (".yaml", ".yml", ".json", ".conf", ".toml", ".ingc")
"""What ends so, and is not there, is a file that was meant, and no host."""


def split_url(ctx: click.Context, arguments: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the URL, ``None`` where there is none, and the other arguments in their order.

    A URL without its scheme is taken for http, and a note reports it. Raises `click.UsageError` for
    two URLs, and for a scheme that is neither http nor https.
    """
    urls = [place for place, argument in enumerate(arguments) if is_url(argument)]
    if not urls:
        for argument in arguments:
            if "://" in argument:
                raise click.UsageError(
                    f"{printable(argument)} begins with neither http:// nor https://"
                )
        urls = [place for place, argument in enumerate(arguments) if _looks_like_one(argument)]
    if not urls:
        _refuse_bare_path(arguments)
        return None, tuple(arguments)
    if len(urls) > 1:
        both = " and ".join(printable(arguments[place]) for place in urls[:2])
        raise click.UsageError(f"one URL at a time, please: {both}")
    (place,) = urls
    url = arguments[place]
    if not is_url(url):
        url = f"http://{url}"
        print_note(ctx, f"{printable(arguments[place])} is taken for {url}")
    return url, (*arguments[:place], *arguments[place + 1 :])


def _refuse_bare_path(arguments: Sequence[str]) -> None:
    """Raise `click.UsageError` for a path that was meant as a URL, and names no host."""
    for argument in arguments:
        bare = argument.startswith("/") and not argument.lower().endswith(_FILES)
        if bare and not Path(argument).exists():
            what = printable(argument)
            raise click.UsageError(f"{what} is no file, and a URL names its host: a.test/x")


def _looks_like_one(argument: str) -> bool:
    """Return whether an argument is a URL without its scheme: a host, and no file that is here."""
    host = re.split(r"[/?]", argument, maxsplit=1)[0]
    if host.lower().endswith(_FILES) or not _HOST_AND_PATH.fullmatch(argument):
        return False
    return not Path(argument).exists()
