"""``ingc check``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

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
from ingc.shared_hosts import shared_as_text, shared_hosts

if TYPE_CHECKING:
    from ingc.ir import Config
    from ingc.nginx import Nginx

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
@click.option(
    "--as-is", cls=Switch, help="With --nginx-test: replace no name, file or port for the test."
)
@click.option(
    "--tenancy",
    cls=Switch,
    help="Also list the hosts that several namespaces share, their owners, and what others do not "
    "get; as without --trust-namespaces.",
)
@compile_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    form: str,
    nginx_test: bool,
    as_is: bool,
    tenancy: bool,
    **given: Any,
) -> None:
    """Report what is wrong, and write nothing.

    \b
    Examples:
      ingc check manifests/ --strict
      ingc check manifests/ --nginx-test
      ingc check manifests/ --nginx-test --as-is
      ingc check manifests/ --tenancy
      ingc check manifests/ --format sarif > ingc.sarif
    """
    if as_is and not nginx_test:
        raise click.UsageError("--as-is is for --nginx-test")
    if tenancy and form != "text":
        raise click.UsageError("--tenancy prints text alone")
    if tenancy:
        given["trust_namespaces"] = False
    nginx = find_nginx(given["nginx"]) if nginx_test else None
    version = version_to_run(nginx, given["nginx_version"]) if nginx else target_version(given)
    options = make_options(given, nginx_version=version, secret_files=True)
    show_foreign(ctx)
    compiled = compile_inputs(inputs, options, max_input=input_limit(given["max_input"]))
    result = compiled.result
    _show(result, form)
    if tenancy and result.ir is not None:
        click.echo(shared_as_text(shared_hosts(result.ir)), nl=False)
    code = exit_code(result)
    if code == OK and nginx is not None and result.ir is not None:
        code = _rehearse(nginx, result.ir, as_is=as_is)
    ctx.exit(code)


def _rehearse(nginx: Nginx, config: Config, *, as_is: bool) -> int:
    """Run ``nginx -t``, tell what was replaced for it and what came of it; return the exit code."""
    from ingc.serve.config_test import rehearse

    test = rehearse(nginx, config, as_is=as_is)
    for item in test.replaced:
        click.echo(f"replaced for the test: {item}", err=True)
    for message in test.messages:
        click.echo(message, err=True)
    kinds = Counter(item.kind for item in test.replaced)
    counted = " and ".join(_many(kinds[kind], kind) for kind in ("name", "file")) + " replaced"
    verdict = "accepted" if test.ok else "refused"
    click.echo(f"{nginx}: {verdict} {'as it is' if as_is else f'with {counted}'}", err=True)
    return OK if test.ok else ERRORS


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _show(result: Result, form: str) -> None:
    if form == "text":
        show_diagnostics(result)
    else:
        click.echo(_MACHINE[form](result.diagnostics), nl=False)
