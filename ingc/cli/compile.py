"""``ingc compile``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import ERRORS, CommandFailure
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command, Switch, print_note
from ingc.cli.session import (
    compile_inputs,
    find_nginx,
    older_than_target,
    target_version,
    version_to_run,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.syntax.visible import visible

if TYPE_CHECKING:
    from ingc.compiler import Result
    from ingc.nginx import Nginx


@click.command("compile", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, in one step.")
@click.option("-d", "--output-dir", metavar="DIR", help="Write DIR/nginx.conf and certificates.")
@click.option(
    "--emit", type=click.Choice(["conf", "ir", "routes"]), default="conf", help="What to print."
)
@click.option("--fragment", cls=Switch, help="Only what belongs inside an existing http { }.")
@click.option(
    "--on-error",
    type=click.Choice(["fail", "isolate"]),
    default="fail",
    help="isolate: a bad object loses only its own routes, which answer 503.",
)
@click.option(
    "--worker-group",
    metavar="NAME",
    help="Group of nginx's workers, which read password files written by -d.  "
    "[as root: that of the nginx found; else: they run as you]",
)
@click.option(
    "--nginx-test",
    cls=Switch,
    help="With -d: replace nothing unless the real nginx -t accepts the new folder as it is.",
)
@compile_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    output: str | None,
    output_dir: str | None,
    emit: str,
    on_error: str,
    worker_group: str | None,
    nginx_test: bool,
    **given: Any,
) -> None:
    """Compile Ingresses to an nginx.conf.

    \b
    Examples:
      ingc compile ingress.yaml -o nginx.conf
      ingc compile manifests/ -d out/ --nginx-test && nginx -p out -c nginx.conf
      kubectl get ingress,svc -A -o yaml | ingc compile - -o nginx.conf

    Exit codes: 0 fine, 1 the input has errors (nothing is written), 2 wrong usage.
    """
    if output and output_dir:
        raise click.UsageError("-o and -d exclude each other")
    if output_dir and (given["fragment"] or emit != "conf"):
        raise click.UsageError("-d writes a whole nginx.conf; use -o with --fragment or --emit")
    if nginx_test and not output_dir:
        raise click.UsageError("--nginx-test is for -d; ingc check --nginx-test writes nothing")
    nginx = find_nginx(given["nginx"]) if nginx_test else None
    version = version_to_run(nginx, given["nginx_version"]) if nginx else target_version(given)
    options = make_options(given, nginx_version=version, secret_files=bool(output_dir))
    isolate = on_error == "isolate"
    compiled = compile_inputs(
        inputs,
        options,
        max_input=input_limit(given["max_input"]),
        on_error="isolate" if isolate else "fail",
        allow_empty=given["allow_empty"],
    )
    result = compiled.result
    print_diagnostics(result.diagnostics, printing(given))
    if result.ok and result.config is not None:
        if given["nginx_version"] is None and emit == "conf" and not nginx:
            _note_target(ctx, given["nginx"])
        group = _group_for(result, worker_group, given["nginx"]) if output_dir else None
        if not _write(result, result.config, emit, output, output_dir, group, nginx):
            ctx.exit(ERRORS)
    ctx.exit(exit_code(result))


def _note_target(ctx: click.Context, nginx: str | None) -> None:
    note = older_than_target(nginx)
    if note:
        print_note(ctx, note)


def _group_for(result: Result, named: str | None, nginx: str | None) -> int | None:
    """Return the group of nginx's workers, where there are files for them."""
    if not any(file.workers for file in result.files):
        return None
    from ingc.nginx.workers import GroupUnknown, worker_group

    try:
        return worker_group(named, nginx)
    except GroupUnknown as error:
        raise CommandFailure(f"{error}; pass --worker-group NAME") from error


def _write(
    result: Result,
    config: str,
    emit: str,
    output: str | None,
    output_dir: str | None,
    group: int | None,
    nginx: Nginx | None,
) -> bool:
    """Write the result where it belongs; false where the real nginx refuses it."""
    if not (output or output_dir):
        click.echo(_printed(result, config, emit), nl=False)
        return True
    from ingc.output import NotWritten, TrialRefused, write_folder, write_named

    try:
        if output_dir:
            check = _check_by(nginx) if nginx else None
            write_folder(Path(output_dir), config, result.files, group, check)
        elif output:
            write_named(Path(output), _printed(result, config, emit).encode())
    except NotWritten as error:
        raise CommandFailure(str(error)) from error
    except TrialRefused:
        click.echo(f"{nginx}: refused as it is; nothing was replaced in {output_dir}", err=True)
        return False
    return True


def _check_by(nginx: Nginx) -> Callable[[Path], None]:
    """Return what gives a folder to the real ``nginx -t``, as it is."""
    from ingc.nginx import test
    from ingc.output import TrialRefused

    def check(conf: Path) -> None:
        tested = test(nginx, conf.parent, conf)
        for message in tested.messages:
            click.echo(visible(message), err=True)
        if not tested.ok:
            raise TrialRefused

    return check


def _printed(result: Result, config: str, emit: str) -> str:
    if emit == "conf" or result.ir is None:
        return config
    from ingc.show import ir_as_json, routes_as_json

    if emit == "routes":
        return routes_as_json(result.routes, result.streams)
    return ir_as_json(result.ir)
