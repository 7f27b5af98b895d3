"""Reading the input, compiling it, and telling what was found: what the commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import ERRORS, INTERNAL, OK, CommandFailure
from ingc.collector import collector_paused
from ingc.compiler import Result, compile_documents
from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.objects import NothingSelected
from ingc.diagnostics.render.text import render_text, summary
from ingc.load import Unreadable, read
from ingc.options import OnError, Options
from ingc.prove import Proofs
from ingc.target import format_version, parse_version

if TYPE_CHECKING:
    from ingc.nginx import Nginx
    from ingc.serve.session import Session

_AS_ERRORS = frozenset({NothingSelected.code})
"""A note in the library; on the command line an empty result is a mistake."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A result, and the files that it was read from."""

    result: Result
    files: tuple[Path, ...]


def compile_inputs(
    inputs: Sequence[str],
    options: Options,
    *,
    max_input: int,
    on_error: OnError = "fail",
    proofs: Proofs | None = None,
    served: bool = True,
) -> Compiled:
    """Read and compile; ``served`` as in `compile_documents`.

    Raises `CommandFailure` for input that can't be read.
    """
    sink = Sink(strict=options.strict, as_errors=_AS_ERRORS)
    try:
        with progress() as step, collector_paused():
            loaded = read(inputs, sink, max_input=max_input, progress=step)
    except Unreadable as error:
        raise CommandFailure(str(error)) from error
    result = compile_documents(
        loaded.documents, options, sink, on_error=on_error, proofs=proofs, served=served
    )
    return Compiled(result, loaded.files)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on a terminal; yields what to call with bytes done and in all."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(
        length=1, label="reading", file=sys.stderr, width=0, show_eta=False
    ) as bar:

        def step(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield step


def show_diagnostics(result: Result) -> None:
    """Print what was found to stderr, as text."""
    if result.diagnostics:
        text = render_text(result.diagnostics, color=sys.stderr.isatty())
        click.echo(text, err=True)
        click.echo(summary(result.diagnostics), err=True)


def show_foreign(ctx: click.Context) -> None:
    """Say which flags of ingress-nginx were given that have no meaning here."""
    for name in ctx.meta.get("ingc.foreign", ()):
        click.echo(f"note: --{name} has no meaning here and was passed over", err=True)


def exit_code(result: Result) -> int:
    """Return the exit code for a result."""
    codes = {diagnostic.code for diagnostic in result.errors}
    if any(code.startswith("ING9") for code in codes):
        return INTERNAL
    return ERRORS if codes else OK


def find_nginx(path: str | None) -> Nginx:
    """Return the nginx to run. Raises `CommandFailure` where there is none."""
    from ingc.nginx import NginxNotFound, find

    try:
        return find(path)
    except NginxNotFound as error:
        raise CommandFailure(str(error)) from error


def open_session(nginx: Nginx, *, echo: bool) -> Session:
    """Return a folder for nginx to run in. Raises `CommandFailure` where its workers can't run."""
    from ingc.nginx.workers import WorkersUnknown
    from ingc.serve.session import Session

    try:
        return Session(nginx, echo=echo)
    except WorkersUnknown as error:
        why = f"nginx's workers can't give up root's rights: {error}"
        raise CommandFailure(f"{why}; start ingc as another user than root") from error


def version_to_run(nginx: Nginx, wanted: str | None) -> str:
    """Return the version to compile for when this nginx is run on the result.

    Raises `CommandFailure` where the nginx is older than the version that was asked for.
    """
    found = format_version(nginx.version)
    if wanted is None or wanted == "auto":
        return found
    if nginx.version < parse_version(wanted):
        raise CommandFailure(f"{nginx.path} is nginx {found}, older than {wanted}")
    return wanted


def target_version(given: dict[str, Any]) -> str | None:
    """Return the version to compile for, asking the nginx found where ``auto`` was given."""
    wanted: str | None = given["nginx_version"]
    if wanted == "auto":
        return format_version(find_nginx(given["nginx"]).version)
    return wanted
