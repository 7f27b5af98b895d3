"""The options that every compiling command shares, and how they become `ingc.Options`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, get_args

import click

from ingc.cli.flags import Switch
from ingc.option_values import BadValue, read_assumed_port, read_size
from ingc.options import AccessLog, BackendMode, OptionError, Options, check_options

CONFIG_FILE = "ingc.toml"
_PORTS = click.IntRange(1, 65535)
_NO_FIELD = frozenset({"max_input", "on_error", "config", "nginx"})

Decorated = Callable[..., Any]


_Option = tuple[str, Callable[[Decorated], Decorated]]


def _option(name: str, **attributes: Any) -> _Option:
    return name, click.option(name, **attributes)


def _switch(name: str, text: str) -> _Option:
    return name, click.option(name, cls=Switch, help=text)


def _load_config(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Make the config file's values the defaults of the options."""
    path = Path(value) if value else Path(CONFIG_FILE)
    if not value and not path.is_file():
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"--config {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: not valid TOML: {error}") from error
    known = {param.name for param in ctx.command.params}
    defaults = {key.replace("-", "_"): item for key, item in table.items()}
    unknown = sorted(set(defaults) - _all_names() - known)
    if unknown:
        raise click.UsageError(f"{path}: no such option: {', '.join(unknown)}")
    ctx.default_map = {**(ctx.default_map or {}), **defaults}
    click.echo(f"note: options from {path}", err=True)
    return str(path)


_OPTIONS: tuple[_Option, ...] = (
    _option("--namespace", metavar="NAME", help="Namespace of objects that name none.  [default]"),
    _option(
        "--ingress-class",
        multiple=True,
        metavar="NAME",
        help="Take Ingresses of this class; repeatable, '*' takes all.  "
        "[nginx, and those without a class]",
    ),
    _option(
        "--controller-class",
        metavar="NAME",
        help="spec.controller of our IngressClass objects.  [k8s.io/ingress-nginx]",
    ),
    _switch(
        "--watch-ingress-without-class", "Take Ingresses without a class beside --ingress-class."
    ),
    _option(
        "--annotations-prefix",
        metavar="PREFIX",
        help="Prefix of annotations.  [nginx.ingress.kubernetes.io]",
    ),
    _option(
        "--accept-ignored",
        multiple=True,
        metavar="NAME",
        help="Compile although this annotation, which protects something, goes unheeded; "
        "repeatable.",
    ),
    _option(
        "--backends",
        type=click.Choice(get_args(BackendMode)),
        help="Where Services' addresses come from.  [auto]",
    ),
    _option(
        "--cluster-domain", metavar="DOMAIN", help="DNS domain of the cluster.  [cluster.local]"
    ),
    _option(
        "--resolver",
        multiple=True,
        metavar="ADDRESS",
        help="DNS server for names of upstreams at run time; repeatable.",
    ),
    _option(
        "--assume-port",
        multiple=True,
        metavar="NAME=NUMBER",
        help="Number for a port name whose Service is not in the input; repeatable.",
    ),
    _option(
        "--default-backend-service",
        metavar="NS/NAME[:PORT]",
        help="Service for requests that no rule takes.  [404]",
    ),
    _option(
        "--listen-address",
        multiple=True,
        metavar="ADDRESS",
        help="Address to listen on, such as 127.0.0.1 or [::]; repeatable.  [every IPv4 address]",
    ),
    _option("--http-port", type=_PORTS, help="Port for http.  [80]"),
    _option("--https-port", type=_PORTS, help="Port for https.  [443]"),
    _option(
        "--nginx-version",
        metavar="1.N[.P]|auto",
        help="The nginx to compile for; auto asks the one found.  [1.26]",
    ),
    _option(
        "--default-ssl-certificate",
        metavar="NS/NAME|CERT,KEY",
        help="Certificate for every host without one of its own.",
    ),
    _option(
        "--tls-files",
        metavar="PATTERN",
        help="Where certificates are, such as /tls/{namespace}/{secret}; .crt and .key are added.",
    ),
    _option(
        "--access-log",
        type=click.Choice(get_args(AccessLog)),
        help="Form of the access log.  [json]",
    ),
    _option(
        "--health-check-path",
        metavar="PATH",
        help="Answered with 200 by the default server; empty for none.  [/healthz]",
    ),
    _switch("--strict", "Make errors of warnings that likely mean a mistake."),
    _option(
        "--max-input", metavar="SIZE", default="1GiB", help="Refuse more input than this.  [1GiB]"
    ),
    _option(
        "--nginx", metavar="PATH", help="The nginx to run.  [from PATH, else that of ingc[nginx]]"
    ),
    _option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_load_config,
        help="Options as TOML.  [./ingc.toml]",
    ),
)


def compile_options(*, without: Container[str] = ()) -> Callable[[Decorated], Decorated]:
    """Give a command the options that every compiling command takes, but for some by name."""

    def decorate(command: Decorated) -> Decorated:
        for name, option in reversed(_OPTIONS):
            if name not in without:
                command = option(command)
        return command

    return decorate


def _all_names() -> frozenset[str]:
    own = {"fragment", "on_error", "emit", "format", "output", "output_dir", "port", "echo"}
    return frozenset(Options.__dataclass_fields__) | own | _NO_FIELD


def make_options(given: dict[str, Any], **fixed: Any) -> Options:
    """Build `Options` of what the command line gave; what it did not give keeps its default.

    Raises `click.UsageError` for values that make no sense.
    """
    fields = {
        name: value
        for name, value in {**given, **fixed}.items()
        if name in Options.__dataclass_fields__ and value not in (None, ())
    }
    try:
        assumed = given.get("assume_port") or ()
        fields["assume_port"] = dict(read_assumed_port(item) for item in assumed)
        options = Options(**fields)
        check_options(options)
    except (OptionError, BadValue) as error:
        raise click.UsageError(str(error)) from error
    return options


def input_limit(text: str) -> int:
    """Read ``--max-input``."""
    try:
        return read_size(text)
    except BadValue as error:
        raise click.UsageError(f"--max-input: {error}") from error
