"""The options that every compiling command shares, and how they become `ingc.Options`."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, get_args

import click

from ingc.cli.flags import SNIPPET_OPTION, Switch, add_note, port
from ingc.cli.module_settings import MODULE_OPTIONS
from ingc.option_values import BadOptionValue, read_assumed_port, read_host_owner, read_size
from ingc.options import AccessLog, BackendMode, NodeAddress, OptionError, Options, check_options

CONFIG_FILE = "ingc.toml"
CONFIG_META = "ingc.config"
"""Where a context keeps the file of options: its name, and the line of each that it sets."""

_KEY = re.compile(r"""\s*\[?["']?([A-Za-z][A-Za-z0-9_-]*)["']?\s*[=\]]""")
_NOT_IN_FILE = frozenset({"arguments", "config", "filename", "help", "url", "inputs"})
_OF_OTHER_COMMANDS = frozenset(
    {"as-is", "check", "client-ip", "conf", "cookie", "echo", "emit", "fail-under", "fmt", "format"}
    | {"controller", "ingress-namespace", "path", "service"}
    | {"fragment", "header", "host", "include", "junit", "live", "log", "nginx-test", "on-error"}
    | {"output", "output-dir", "port", "record", "request", "sni", "tenancy", "worker-group"}
    | {"context", "drain", "election-id", "folder", "healthz-host", "healthz-port", "kubeconfig"}
    | {"no-reports", "publish-service", "publish-status-address", "read-namespace", "read-pods"}
    | {"read-routes", "report-node-internal-ip-address", "shutdown-wait"}
)
"""Options that some command has: one file may serve several commands."""

Decorated = Callable[..., Any]


_Option = tuple[str, Callable[[Decorated], Decorated]]


def _option(name: str, **attributes: Any) -> _Option:
    return name, click.option(name, **attributes)


def _switch(name: str, text: str, short: str = "") -> _Option:
    names = (short, name) if short else (name,)
    return name, click.option(*names, cls=Switch, help=text)


def _named(name: str, short: str, **attributes: Any) -> _Option:
    return name, click.option(short, name, **attributes)


def _load_config(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Make the config file's values the defaults of the options."""
    path = Path(value) if value else Path(CONFIG_FILE)
    if not value and not path.is_file():
        return None
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise click.UsageError(f"--config {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: not valid TOML: {error}") from error
    ctx.default_map = {**(ctx.default_map or {}), **_defaults(ctx.command, table, path)}
    ctx.meta[CONFIG_META] = str(path), _lines_of(text)
    add_note(ctx, f"options from {path}")
    return str(path)


def _lines_of(text: str) -> dict[str, int]:
    """Return the line of each option that a config file sets, by its name."""
    found = ((number, _KEY.match(line)) for number, line in enumerate(text.splitlines(), 1))
    return {match[1].replace("_", "-"): number for number, match in found if match}


def _defaults(command: click.Command, table: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the values of a config file by the names that click has for the options."""
    options = {
        name.removeprefix("--"): param
        for param in command.params
        if isinstance(param, click.Option) and param.name not in _NOT_IN_FILE
        for name in param.opts
    }
    given = {key.replace("_", "-"): item for key, item in table.items()}
    elsewhere = {name.removeprefix("--") for name, _ in _OPTIONS} | _OF_OTHER_COMMANDS
    unknown = sorted(set(given) - set(options) - (elsewhere - _NOT_IN_FILE))
    if unknown:
        raise click.UsageError(f"{path}: no such option: {', '.join(unknown)}")
    return {
        str(options[key].name): _value(options[key], item, f"{path}: {key}")
        for key, item in given.items()
        if key in options
    }


def _value(option: click.Option, item: Any, where: str) -> Any:
    """Return a value of a config file as click takes it. Raises `click.UsageError`."""
    if isinstance(option, Switch):
        if isinstance(item, bool):
            return item
        raise click.UsageError(f"{where} must be true or false")
    if option.multiple:
        if isinstance(item, dict):
            item = [f"{key}={value}" for key, value in item.items()]
        items = item if isinstance(item, list) else [item]
        return [_scalar(each, where) for each in items]
    return _scalar(item, where)


def _scalar(item: Any, where: str) -> str:
    if isinstance(item, str | int | float) and not isinstance(item, bool):
        return str(item)
    raise click.UsageError(f"{where} must be a string or a number")


_OPTIONS: tuple[_Option, ...] = (
    _named(
        "--filename",
        "-f",
        multiple=True,
        expose_value=False,
        metavar="FILE",
        help="The same as INPUT, as kubectl takes it; repeatable.",
    ),
    _named(
        "--namespace",
        "-n",
        metavar="NAME",
        help="Namespace of objects that name none.  [default]",
    ),
    _switch(
        "--allow-empty", "Accept an input in which no Ingress is selected: everything answers 404."
    ),
    _switch("--quiet", "Print errors alone, and no notes.", "-q"),
    _switch("--summary", "Print how often each code was found, in place of each finding."),
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
    _switch(
        "--ingress-class-by-name",
        "Take a class named by --ingress-class whichever controller its object names.",
    ),
    _option(
        "--watch-namespace", metavar="NAME", help="Take Ingresses of this namespace alone.  [all]"
    ),
    _option(
        "--watch-namespace-selector",
        metavar="SELECTOR",
        help="Take Ingresses of namespaces with such labels alone, such as env=prod,!test.  [all]",
    ),
    _switch("--disable-catch-all", "Pass over Ingresses that have a default backend."),
    _option(
        "--host-owner",
        multiple=True,
        metavar="HOST=NS",
        help="Give a host to this namespace, not to that of the oldest Ingress that names it; "
        "repeatable, '*' for rules without a host.",
    ),
    _switch(
        "--trust-namespaces",
        "Let every namespace decide what holds for a whole host that it shares.",
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
        help="Compile although this annotation or ConfigMap key, which protects something, "
        "goes unheeded; repeatable.",
    ),
    SNIPPET_OPTION,
    _option(
        "--configmap",
        metavar="NS/NAME",
        help="ConfigMap of global settings, with ingress-nginx's keys.",
    ),
    _option(
        "--tcp-services-configmap",
        metavar="NS/NAME",
        help="ConfigMap of TCP ports: each key a port, its value ns/service:port[:PROXY[:PROXY]].",
    ),
    _option(
        "--udp-services-configmap",
        metavar="NS/NAME",
        help="ConfigMap of UDP ports: each key a port, its value ns/service:port.",
    ),
    _switch(
        "--enable-ssl-passthrough", "Heed ssl-passthrough: backends open their TLS themselves."
    ),
    _option(
        "--ssl-passthrough-proxy-port",
        type=port,
        help="Loopback port of our own TLS where some host's is passed on.  [442]",
    ),
    _option(
        "--ssl-passthrough-backend-port",
        type=port,
        help="Loopback port that TLS for backends goes through then.  [441]",
    ),
    _option(
        "--stream-module",
        metavar="FILE",
        help="Load nginx's stream module from this file.  [it is built in]",
    ),
    *MODULE_OPTIONS,
    _option(
        "--backends",
        type=click.Choice(get_args(BackendMode)),
        help="Where Services' addresses come from.  [auto]",
    ),
    _option(
        "--node-selector",
        metavar="LABELS",
        help="Use the ports of Nodes with these labels alone.  [all that are ready]",
    ),
    _option(
        "--node-address",
        type=click.Choice(get_args(NodeAddress)),
        help="Which address of a Node nginx reaches.  [internal]",
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
        "--resolve-at-start",
        multiple=True,
        metavar="NAME",
        help="Let nginx resolve this DNS name when it starts, and not start where it can't; "
        "repeatable, '*' for all.",
    ),
    _switch("--partial", "Services may be missing in an input that comes from a cluster."),
    _option(
        "--assume-port",
        multiple=True,
        metavar="[NS/SERVICE:]NAME=NUMBER",
        help="Number for a port name whose Service is not in the input; repeatable.",
    ),
    _switch(
        "--enable-topology-aware-routing",
        "Use only endpoints that are hinted for --topology-zone, where all have hints.",
    ),
    _option(
        "--topology-zone",
        metavar="ZONE",
        help="The zone that nginx runs in, for --enable-topology-aware-routing.",
    ),
    _switch("--disable-svc-external-name", "Answer 503 for Services of type ExternalName."),
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
    _option("--http-port", type=port, help="Port for http.  [80]"),
    _option("--https-port", type=port, help="Port for https.  [443]"),
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
        help="Where certificates are, such as /tls/{namespace}/{secret}; adds .crt, .key, .ca.crt.",
    ),
    _option(
        "--auth-files",
        metavar="PATTERN",
        help="Where passwords and client CAs are, such as /auth/{namespace}/{secret}; .htpasswd, "
        ".ca.crt and .ca.crl are added.",
    ),
    _option(
        "--access-log",
        type=click.Choice(get_args(AccessLog)),
        help="Form of the access log.  [json]",
    ),
    _option(
        "--allow-address",
        multiple=True,
        metavar="ADDRESS[,...]",
        help="Let backends and URLs have these addresses or networks of nginx's own machine, link "
        "or metadata service; repeatable.  [none]",
    ),
    _option(
        "--debug-header",
        multiple=True,
        metavar="ADDRESS[,...]",
        help="Send these clients the route of each answer in X-Ingc-Route: addresses, networks; "
        "repeatable.  [nobody]",
    ),
    _option(
        "--health-check-path",
        metavar="PATH",
        help="Answered with 200 by the default server; empty for none.  [/healthz]",
    ),
    _switch(
        "--no-proof",
        "Do not prove that the result routes as the Ingresses request.",
    ),
    _switch("--strict", "Make errors of warnings that likely mean a mistake."),
    _option("--max-input", metavar="SIZE", help="Refuse more input than this.  [1GiB]"),
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
                declared: list[Any] = getattr(command, "__click_params__", [])
                declared[-1].shared = True
        return command

    return decorate


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
        fields["proof"] = not given.get("no_proof")
        fields["assume_port"] = dict(read_assumed_port(item) for item in assumed)
        owners = given.get("host_owner") or ()
        fields["host_owner"] = dict(map(read_host_owner, owners))
        options = Options(**fields)
        check_options(options)
    except (OptionError, BadOptionValue) as error:
        raise click.UsageError(str(error)) from error
    return options


def input_limit(text: str | None) -> int:
    """Read ``--max-input``; without it, the limit of `ingc.load.read`."""
    if text is None:
        from ingc.load.reader import MAX_INPUT

        return MAX_INPUT
    try:
        return read_size(text)
    except BadOptionValue as error:
        raise click.UsageError(f"--max-input: {error}") from error
