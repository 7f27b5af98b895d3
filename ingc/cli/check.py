"""``ingc check``."""

from __future__ import annotations

from typing import Any

import click

from ingc.cli.exits import ERRORS, OK
from ingc.cli.flags import Command, Switch
from ingc.cli.session import (
    compile_inputs,
    exit_code,
    find_nginx,
    show_diagnostics,
    show_foreign,
    target_version,
    version_to_run,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.compiler import Result
from ingc.diagnostics.render import github, json_format, sarif

_MACHINE = {
    "json": json_format.render_json,
    "sarif": sarif.render_sarif,
    "github": github.render_github,
}


@click.command("check", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *_MACHINE]),
    default="text",
    help="How to print what was found.",
)
@click.option("--nginx-test", cls=Switch, help="Also run the real nginx -t on the result.")
@compile_options()
@click.pass_context
def command(
    ctx: click.Context, /, inputs: tuple[str, ...], form: str, nginx_test: bool, **given: Any
) -> None:
    """Report what is wrong, and write nothing.

    \b
    Examples:
      ingc check manifests/ --strict
      ingc check manifests/ --nginx-test
      ingc check manifests/ --format sarif > ingc.sarif
    """
    nginx = find_nginx(given["nginx"]) if nginx_test else None
    version = version_to_run(nginx, given["nginx_version"]) if nginx else target_version(given)
    options = make_options(given, nginx_version=version, secret_files=True)
    show_foreign(ctx)
    compiled = compile_inputs(inputs, options, max_input=input_limit(given["max_input"]))
    result = compiled.result
    _show(result, form)
    code = exit_code(result)
    if code == OK and nginx is not None and result.ir is not None:
        from ingc.serve.config_test import rehearse

        test = rehearse(nginx, result.ir)
        for message in test.messages:
            click.echo(message, err=True)
        click.echo(f"{nginx}: {'accepts' if test.ok else 'refuses'} the configuration", err=True)
        code = OK if test.ok else ERRORS
    ctx.exit(code)


def _show(result: Result, form: str) -> None:
    if form == "text":
        show_diagnostics(result)
    else:
        click.echo(_MACHINE[form](result.diagnostics), nl=False)
