"""``ingc check``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import ingc
from ingc.cli.exits import ERRORS, NO, OK
from ingc.cli.findings import exit_code, print_diagnostics, printing
from ingc.cli.flags import Command, Switch
from ingc.cli.session import (
    Compiled,
    compile_inputs,
    find_nginx,
    target_version,
    version_to_run,
)
from ingc.cli.settings import CONFIG_META, compile_options, input_limit, make_options
from ingc.diagnostics import Diagnostic
from ingc.diagnostics.render.place import STDIN, Surroundings
from ingc.syntax.visible import visible

if TYPE_CHECKING:
    from ingc.compiler import Result
    from ingc.ir import Config
    from ingc.nginx import Nginx

_FORMS = ("text", "json", "sarif", "github", "gitlab")


@click.command("check", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
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
@click.option(
    "--reach",
    cls=Switch,
    help="Also list the routes whose requests reach nobody, and why; exit 4 where there are some.",
)
@click.option(
    "--departures",
    cls=Switch,
    help="Also note, once for each kind, where everything of a sort, such as all that has TLS, is "
    "answered otherwise than by ingress-nginx.",
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
    reach: bool,
    departures: bool,
    **given: Any,
) -> None:
    """Report what is wrong, and write nothing.

    \b
    Examples:
      ingc check manifests/ --strict
      ingc check manifests/ --nginx-test
      ingc check manifests/ --nginx-test --as-is
      ingc check manifests/ --tenancy
      kubectl get all,ingress,endpointslice,node,event -A -o yaml | ingc check - --reach
      ingc check manifests/ --format sarif > ingc.sarif
    """
    if as_is and not nginx_test:
        raise click.UsageError("--as-is is for --nginx-test")
    _check_form(form, tenancy=tenancy, reach=reach)
    if tenancy:
        given["trust_namespaces"] = False
    nginx = find_nginx(given["nginx"]) if nginx_test else None
    version = version_to_run(nginx, given["nginx_version"]) if nginx else target_version(given)
    options = make_options(given, nginx_version=version, secret_files=True)
    compiled = compile_inputs(
        inputs, options, max_input=input_limit(given["max_input"]), allow_empty=given["allow_empty"]
    )
    result = compiled.result
    found = _with_departures(result, general=departures)
    if form == "text" or reach:
        print_diagnostics(found, printing(given))
    else:
        click.echo(_rendered(found, form, _surroundings(ctx, inputs, compiled)), nl=False)
    if tenancy and result.ir is not None:
        from ingc.tenancy_report import shared_as_text, shared_hosts

        click.echo(shared_as_text(shared_hosts(result.ir)), nl=False)
    lost = _print_reach(result, form) if reach else OK
    code = exit_code(result) or lost
    if code == OK and nginx is not None and result.ir is not None:
        code = _rehearse(nginx, result.ir, as_is=as_is)
    ctx.exit(code)


def _check_form(form: str, *, tenancy: bool, reach: bool) -> None:
    if tenancy and form != "text":
        raise click.UsageError("--tenancy prints text alone")
    if reach and form not in ("text", "json"):
        raise click.UsageError("--reach prints text or json")


def _with_departures(result: Result, *, general: bool) -> tuple[Diagnostic, ...]:
    """Return the findings, and notes where answers depart from ingress-nginx's."""
    from ingc.departures import departures, notes
    from ingc.diagnostics.sink import by_place

    if result.ir is None or result.store is None or result.options is None:
        return result.diagnostics
    found = departures(result.store, result.ir, result.diagnostics, result.options)
    return by_place((*result.diagnostics, *notes(found, general=general)))


def _print_reach(result: Result, form: str) -> int:
    """Print the routes that reach nobody; return the exit code."""
    from ingc.reach.api import Reach
    from ingc.reach.report import report, report_as_json, report_as_text

    if result.ir is None or result.store is None:
        return OK
    found = report(Reach(result.store, result.ir, result.diagnostics), result.ir)
    click.echo(report_as_json(found) if form == "json" else report_as_text(found), nl=False)
    return NO if found.groups else OK


def _rehearse(nginx: Nginx, config: Config, *, as_is: bool) -> int:
    """Run ``nginx -t``, report what was replaced for it and the result; return the exit code."""
    from ingc.serve.config_test import rehearse

    test = rehearse(nginx, config, as_is=as_is)
    for item in test.replaced:
        click.echo(f"replaced for the test: {visible(str(item))}", err=True)
    for message in test.messages:
        click.echo(visible(message), err=True)
    kinds = Counter(item.kind for item in test.replaced)
    counted = " and ".join(_many(kinds[kind], kind) for kind in ("name", "file")) + " replaced"
    verdict = "accepted" if test.ok else "refused"
    click.echo(f"{nginx}: {verdict} {'as it is' if as_is else f'with {counted}'}", err=True)
    return OK if test.ok else ERRORS


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _rendered(found: Sequence[Diagnostic], form: str, around: Surroundings) -> str:
    from ingc.diagnostics.render import github, gitlab, json_format, sarif

    if form == "sarif":
        return sarif.render_sarif(found, version=ingc.__version__, around=around)
    if form == "gitlab":
        return gitlab.render_gitlab(found, around=around)
    if form == "github":
        return github.render_github(found, around=around)
    return json_format.render_json(found)


def _surroundings(ctx: click.Context, inputs: Sequence[str], compiled: Compiled) -> Surroundings:
    """Return what those who read a report need, to find the files that it speaks of."""
    first = str(compiled.files[0]) if compiled.files else STDIN if inputs[0] == "-" else inputs[0]
    config, settings = ctx.meta.get(CONFIG_META, ("", {}))
    folder = Path.cwd()
    root, read = _repository(folder), Path(normpath(folder / first))
    if root is None or not read.is_relative_to(root):
        # The input lies elsewhere, mostly in a repository of its own.
        root = _repository(read) or root or folder
    return Surroundings(str(folder), str(root), first, config, settings)


def _repository(path: Path) -> Path | None:
    """Return the top of the repository that a file or folder is in."""
    return next((top for top in (path, *path.parents) if (top / ".git").exists()), None)
