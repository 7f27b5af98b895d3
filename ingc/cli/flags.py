"""Options in ingress-nginx's form, and those of it that have no meaning here."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

import click

from ingc.cli.groups import FOREIGN, grouped


class Switch(click.Option):
    """A boolean option: ``--x``, ``--x=true`` or ``--x=false``, as Go programs take it."""

    def __init__(self, names: list[str], **attributes: Any) -> None:
        super().__init__(names, type=bool, default=False, **attributes)

    def make_metavar(self, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """Return nothing: the end of the help states once what a switch takes."""
        return ""


def port(value: str | int) -> int:
    """Read a port's number, for options; its name is what the help prints for the value.

    Raises `click.BadParameter` for what is not from 1 to 65535.
    """
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise click.BadParameter(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def namespaces(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Read lists of namespaces; ``true`` stands for all of them, ``false`` for none."""
    found = dict.fromkeys(name.strip() for item in value for name in item.split(","))
    named = (name for name in found if name != "false")
    return tuple("*" if name == "true" else name for name in named)


SNIPPET_OPTION = (
    "--allow-snippets",
    click.option(
        "--allow-snippets",
        multiple=True,
        metavar="[=NS,…]",
        callback=namespaces,
        help="Read snippets, directive by directive, by the list of docs/snippets.md: of every "
        "namespace, or of those that are named, and of the ConfigMap.",
    ),
)
"""The option, by its name, as every compiling command has it."""

FOREIGN_SWITCHES = (
    "alsologtostderr",
    "deep-inspect",
    "disable-full-test",
    "disable-leader-election",
    "disable-sync-events",
    "enable-annotation-validation",
    "enable-metrics",
    "enable-ssl-chain-completion",
    "logtostderr",
    "metrics-per-host",
    "metrics-per-undefined-host",
    "profiling",
    "report-node-internal-ip-address",
    "report-status-classes",
    "update-status",
    "update-status-on-shutdown",
)
FOREIGN_VALUES = (
    "apiserver-host",
    "bucket-factor",
    "certificate-authority",
    "default-server-port",
    "dynamic-configuration-retries",
    "election-id",
    "election-ttl",
    "exclude-socket-metrics",
    "health-check-timeout",
    "healthz-host",
    "healthz-port",
    "internal-logger-address",
    "kubeconfig",
    "length-buckets",
    "max-buckets",
    "maxmind-edition-ids",
    "maxmind-license-key",
    "maxmind-mirror",
    "maxmind-retries-count",
    "maxmind-retries-timeout",
    "monitor-max-batch-size",
    "post-shutdown-grace-period",
    "profiler-address",
    "profiler-port",
    "publish-service",
    "publish-status-address",
    "shutdown-grace-period",
    "size-buckets",
    "status-port",
    "status-update-interval",
    "stream-port",
    "sync-period",
    "sync-rate-limit",
    "time-buckets",
    "v",
    "validating-webhook",
    "validating-webhook-certificate",
    "validating-webhook-key",
)
"""Flags of the ingress-nginx controller that have nothing to do with the configuration."""


NOTES = "ingc.notes"
"""Where a context keeps what is to be printed before the command runs."""


class Command(click.Command):
    """A command that knows switches, the foreign flags, and ``-f FILE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each bare switch its value, so that it never takes the next argument for one."""
        bare = {
            name: max(param.opts, key=len)
            for param in self.params
            if isinstance(param, Switch)
            for name in param.opts
        }
        known = {name for param in self.params for name in param.opts}
        bare |= {name: name for name in _foreign(FOREIGN_SWITCHES, known)}
        end = args.index("--") if "--" in args else len(args)
        given = [f"{bare[arg]}=true" if arg in bare else arg for arg in args[:end]]
        given = [f"{arg}=*" if arg == ALLOW_SNIPPETS else arg for arg in given]
        own = _without_foreign(given, ctx, known)
        files: list[str] = []
        if any(FILE_OPTION in param.opts for param in self.params):
            own, files = _without_files(own)
        try:
            return super().parse_args(ctx, [*own, *args[end:], *files])
        except click.NoSuchOption as error:
            raise click.UsageError(_unknown(error.option_name, self.params)) from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the command's own options first, then the shared ones by their subject."""
        shared = False
        for heading, options in grouped(self.get_params(ctx)):
            rows = [row for option in options if (row := option.get_help_record(ctx))]
            with formatter.section(heading):
                formatter.write_dl([(names.rstrip(), text) for names, text in rows])
            shared = shared or heading != "Options"
        if shared:
            formatter.write_paragraph()
            formatter.write_text(FOREIGN)

    def invoke(self, ctx: click.Context) -> Any:
        """Print what there is to print beforehand, unless ``--quiet`` is given, and run."""
        for note in ctx.meta.get(NOTES, ()):
            print_note(ctx, note)
        return super().invoke(ctx)


ALLOW_SNIPPETS = "--allow-snippets"
"""Takes nothing, which is all namespaces, or ``=`` and a list of them."""
FILE_OPTION = "-f"
_HOLDS_ANYWAY = frozenset({"-A", "--all-namespaces", "-R", "--recursive"})
"""Switches of kubectl beside ``-f``: all namespaces are read, and folders with all below them."""

_MEANT = {"-o": "--format", "--output": "--format", "--out": "--output", "--json": "--format"}
"""What other tools call an option of ours."""


def _unknown(name: str, params: Sequence[click.Parameter]) -> str:
    """Return what to report of an option that a command does not have: the nearest one."""
    known = [option for param in params for option in param.opts if option.startswith("--")]
    meant = _MEANT.get(name, "")
    if meant not in known:
        import difflib

        near = difflib.get_close_matches(name.replace("_", "-"), known, 1)
        meant = near[0] if near else ""
    if name == "--dry-run":
        return "no option --dry-run; ingc check writes nothing"
    return f"no option {name}" + (f"; did you mean {meant}?" if meant else "")


def print_note(ctx: click.Context, note: str) -> None:
    """Print a note to stderr, unless ``--quiet`` is given."""
    if not ctx.params.get("quiet"):
        click.echo(f"note: {note}", err=True)


def add_note(ctx: click.Context, text: str) -> None:
    """Keep a note for the start of the command."""
    ctx.meta.setdefault(NOTES, []).append(text)


def _without_files(args: list[str]) -> tuple[list[str], list[str]]:
    """Take ``-f FILE`` out, as kubectl takes it: what is left, and the files, which are INPUT.

    kubectl's switches that go with it are taken out too.
    """
    kept: list[str] = []
    files: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg in (FILE_OPTION, "--filename"):
            file = next(rest, None)
            if file is None:
                raise click.UsageError(f"Option '{arg}' requires an argument.")
            files.append(file)
        elif arg in _HOLDS_ANYWAY:
            continue
        elif arg.startswith("--filename="):
            files.append(arg.removeprefix("--filename="))
        elif arg.startswith(FILE_OPTION) and not arg.startswith("--"):
            files.append(arg.removeprefix(FILE_OPTION).removeprefix("="))
        else:
            kept.append(arg)
    return kept, files


def _foreign(names: Iterable[str], known: Container[str]) -> list[str]:
    """Return the options of ingress-nginx that a command does not have itself."""
    return [option for name in names if (option := f"--{name}") not in known]


def _without_foreign(args: list[str], ctx: click.Context, known: Container[str]) -> list[str]:
    foreign = {*_foreign((*FOREIGN_SWITCHES, *FOREIGN_VALUES), known)}
    kept: list[str] = []
    rest = iter(args)
    for arg in rest:
        name, equals, _ = arg.partition("=")
        if name not in foreign:
            kept.append(arg)
            continue
        add_note(ctx, f"{name} has no meaning here and was passed over")
        if not equals:
            next(rest, None)
    return kept
