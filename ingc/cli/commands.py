"""The ``ingc`` command and its subcommands."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

import ingc
from ingc.cli.exits import INTERNAL, OK, USAGE, CommandFailure, shown

COMMANDS = {
    "compile": ("ingc.cli.compile", "Compile Ingresses to an nginx.conf."),
    "check": ("ingc.cli.check", "Report what is wrong, and write nothing."),
    "routes": ("ingc.cli.routes", "Show the table of hosts, paths and targets."),
    "explain": ("ingc.cli.explain", "Explain which rule takes a request, and why."),
    "try": ("ingc.cli.try_url", "Send one request through a real nginx, and report the answer."),
    "serve": ("ingc.cli.serve", "Run a real nginx on the input, and follow its changes."),
    "controller": ("ingc.cli.controller", "Serve a cluster's Ingresses, and follow its changes."),
    "test": ("ingc.cli.route_tests", "Test where requests go, by files of expectations."),
    "diff": ("ingc.cli.diff", "Show which requests are answered otherwise than before."),
    "migrate": ("ingc.cli.migrate", "Report what leaving ingress-nginx means for a cluster."),
    "pod-routes": ("ingc.cli.pod_routes", "Print the routes to Pods from outside of the cluster."),
    "annotations": ("ingc.cli.annotations", "Describe what an annotation does here."),
    "explain-code": ("ingc.cli.explain_code", "Explain a diagnostic code."),
    "completion": ("ingc.cli.completion", "Print the completion script of a shell."),
    "help": ("ingc.cli.help", "Show how a command is used."),
    "version": ("ingc.cli.version", "Print the version."),
}
"""The module of each command, and what the command does, in the order of the help."""

_MEANT = {
    "apply": "compile",
    "build": "compile",
    "curl": "try",
    "get": "routes",
    "lint": "check",
    "list": "routes",
    "render": "compile",
    "run": "serve",
    "template": "compile",
    "validate": "check",
}
"""What other tools call a command of ours."""


class _Commands(click.Group):
    """Loads the module of a command only when it is requested."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; for an unknown one name the nearest."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        import difflib

        near = _MEANT.get(name) or next(iter(difflib.get_close_matches(name, COMMANDS, 1)), None)
        hint = f"did you mean {near}?" if near else "ingc help lists the commands"
        raise click.UsageError(f'no command "{name}"; {hint}')

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(
    "ingc",
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(ingc.__version__, "-V", "--version", prog_name="ingc")
def cli() -> None:
    """Compile Kubernetes Ingress objects to a proved nginx.conf for stock nginx.

    \b
    INPUT is any number of files, folders, globs, or - for standard input:
      ingc compile ingress.yaml -o nginx.conf
      kubectl get ingress,service,endpointslice -A -o yaml | ingc compile - -d out/
      ingc explain http://shop.example.com/cart ingress.yaml
      ingc try http://shop.example.com/cart ingress.yaml
    """


def main(name: str = "ingc") -> None:
    """Run the command line. Exit codes are listed in `ingc.cli.exits`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A configuration is UTF-8 on every machine, whatever its locale.
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        # Returns the exit code of Context.exit, or what the command returned: None.
        sys.exit(cli.main(prog_name=name, standalone_mode=False) or OK)
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        click.echo(shown(text.getvalue()), err=True, nl=False)
        sys.exit(error.code if isinstance(error, CommandFailure) else USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USAGE)
    except Exception as error:
        _report_bug(error)
        sys.exit(INTERNAL)


def _report_bug(error: Exception) -> None:
    import traceback

    from ingc.diagnostics import Diagnostic, Origin, Severity
    from ingc.diagnostics.catalogue.internal import InternalError
    from ingc.diagnostics.render.text import render_text

    if os.environ.get("INGC_DEBUG"):
        traceback.print_exception(error)
    finding = Diagnostic(InternalError(error=_one_line(error)), Origin(), Severity.ERROR)
    click.echo(render_text([finding], color=False), err=True, nl=False)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
