"""``ingc migrate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import INTERNAL, NO, OK, CommandFailure
from ingc.cli.findings import exit_code
from ingc.cli.flags import Command
from ingc.cli.session import target_version
from ingc.cli.settings import compile_options, input_limit, make_options

if TYPE_CHECKING:
    from ingc.compiler import Result
    from ingc.load import Document
    from ingc.migrate import Prepared
    from ingc.options import Options

_FORMS = ("text", "json", "markdown", "html")


@click.command("migrate", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "-o",
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="How to print: for a terminal, for programs, for an issue, or one page for a browser.",
)
@click.option(
    "--controller",
    default="",
    metavar="NAME",
    help="Which controller is left, where the input has several: kind, namespace and name, or a "
    "part of them.  [the first Deployment, else the first Helm values]",
)
@compile_options(without=("--allow-empty", "--quiet", "--summary", "--strict"))
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    form: str,
    controller: str,
    **given: Any,
) -> None:
    """Report what leaving ingress-nginx means: what stays the same, what differs, what to decide.

    INPUT is the dump of a cluster, or manifests; with the controller's Deployment or the values of
    its Helm chart the report says what its flags become.

    \b
    Examples:
      kubectl get ingress,ingressclass,service,endpointslice,configmap,deployment,daemonset \\
        -A -o yaml | ingc migrate -
      ingc migrate all.yaml -o html > migration.html
      ingc migrate manifests/ values.yaml -o json | jq .summary

    Exit codes: 0 everything keeps its behaviour, 2 wrong usage or unreadable input, 4 something
    differs, needs a decision or is not valid.
    """
    options = make_options(given, nginx_version=target_version(given), secret_files=True)
    prepared, result = _compiled(inputs, options, given, controller)
    from ingc.migrate import assemble
    from ingc.migrate.rendering import render

    found = assemble(prepared, result, inputs)
    click.echo(render(found, form), nl=False)
    code = exit_code(result)
    ctx.exit(code if code == INTERNAL else OK if found.unchanged else NO)


def _compiled(
    inputs: tuple[str, ...], options: Options, given: dict[str, Any], controller: str
) -> tuple[Prepared, Result]:
    """Read, carry the controller's flags over, and compile. Raises `CommandFailure`."""
    from ingc.cli.progress import WatchedProofs, progress
    from ingc.compiler import compile_documents
    from ingc.diagnostics import Sink
    from ingc.migrate import NoSuchController, prepare

    sink, watched = Sink(), WatchedProofs()
    with progress(watched) as work:
        documents = _read(inputs, sink, input_limit(given["max_input"]), work.reading)
        try:
            prepared = prepare(documents, options, controller)
        except NoSuchController as error:
            raise CommandFailure(f"--controller: {error}") from error
        work.compiling()
        result = compile_documents(
            prepared.documents,
            prepared.options,
            sink,
            on_error="isolate",
            proofs=watched,
            served=False,
        )
    return prepared, result


def _read(inputs: tuple[str, ...], sink: Any, limit: int, progress: Any) -> tuple[Document, ...]:
    from ingc.collector import collector_paused
    from ingc.load import Unreadable, read
    from ingc.migrate.helm import is_values

    try:
        with collector_paused():
            loaded = read(inputs, sink, max_input=limit, progress=progress, wanted=is_values)
    except Unreadable as error:
        raise CommandFailure(str(error)) from error
    return loaded.documents
