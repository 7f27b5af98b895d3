"""Reading the input, compiling it, and finding an nginx to run: what the commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingc.cli.exits import CommandFailure
from ingc.options import OnError, Options
from ingc.target import DEFAULT, format_version, parse_version

if TYPE_CHECKING:
    from ingc.cli.progress import WatchedProofs
    from ingc.compiler import Result
    from ingc.nginx import Nginx
    from ingc.serve.session import Session


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
    proofs: WatchedProofs | None = None,
    allow_empty: bool = False,
    served: bool = True,
) -> Compiled:
    """Read and compile. Raises `CommandFailure` for input that can't be read.

    ``allow_empty`` accepts an input in which no Ingress is selected; ``served`` is as in
    `compile_documents`.
    """
    from ingc.cli.progress import WatchedProofs, progress
    from ingc.collector import collector_paused
    from ingc.compiler import compile_documents
    from ingc.diagnostics import Sink
    from ingc.diagnostics.catalogue.objects import NothingSelected
    from ingc.load import Unreadable, read
    from ingc.load.yaml_shares import processors

    # A note in the library; on the command line an empty result is a mistake: it would replace
    # what is served by nothing but 404.
    sink = Sink(strict=options.strict, as_errors=() if allow_empty else (NothingSelected.code,))
    watched = proofs or WatchedProofs()
    # The process is ours alone here; in a program that is for its author to say.
    with progress(watched) as work, collector_paused():
        try:
            loaded = read(
                inputs,
                sink,
                max_input=max_input,
                progress=work.reading,
                processes=processors(),
            )
        except Unreadable as error:
            raise CommandFailure(str(error)) from error
        work.compiling()
        result = compile_documents(
            loaded.documents,
            options,
            sink,
            on_error=on_error,
            proofs=watched,
            served=served,
        )
    return Compiled(result, loaded.files)


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

    Raises `CommandFailure` where the nginx is older than the version that was requested.
    """
    found = format_version(nginx.version)
    if wanted is None or wanted == "auto":
        return found
    if nginx.version < parse_version(wanted):
        raise CommandFailure(f"{nginx.path} is nginx {found}, older than {wanted}")
    return wanted


def older_than_target(path: str | None) -> str:
    """Return a note where the nginx found is too old for the default target; else nothing.

    The output stays that of the default target on every machine. ``path`` is ``--nginx``.
    """
    from ingc.nginx import NginxNotFound, find
    from ingc.nginx.find import on_path

    if path is None and on_path() is None:
        return ""  # ingc[nginx] brings one that is new enough
    try:
        found = find(path)
    except NginxNotFound:
        return ""
    if found.version >= parse_version(DEFAULT):
        return ""
    return (
        f"this is for nginx {DEFAULT}, and {found.path} is {format_version(found.version)}, which "
        "may refuse it; pass --nginx-version auto to compile for that one"
    )


def target_version(given: dict[str, Any]) -> str | None:
    """Return the version to compile for, that of the nginx found where ``auto`` was given."""
    wanted: str | None = given["nginx_version"]
    if wanted == "auto":
        return format_version(find_nginx(given["nginx"]).version)
    return wanted
