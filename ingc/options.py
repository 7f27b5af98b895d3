"""The options of a compile, with ingress-nginx's names where it had the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from ingc import target
from ingc.option_values import (
    BadOptionValue,
    Rule,
    check_module_file,
    check_rules_file,
    database_kind,
    read_layout,
    read_module,
    read_networks,
    read_selector,
    read_value,
)
from ingc.syntax.host import is_label, is_subdomain, plain_name
from ingc.syntax.labels import is_label_value

BackendMode = Literal[
    "auto",
    "endpoints",
    "cluster-ip",
    "dns",
    "pods",
    "node-port",
    "host-port",
    "load-balancer",
    "external-ips",
]
NodeAddress = Literal["internal", "external"]
AccessLog = Literal["json", "combined", "off"]
OnError = Literal["fail", "isolate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a compile has to do. Every field is the command line's option of that name."""

    namespace: str = "default"
    """The namespace of objects that name none."""
    ingress_class: tuple[str, ...] = ()
    """Classes to take; ``*`` takes all. Empty: ``nginx``, and Ingresses without a class."""
    controller_class: str = "k8s.io/ingress-nginx"
    """The ``spec.controller`` of IngressClass objects that are ours."""
    watch_ingress_without_class: bool = False
    """Take Ingresses without a class even where ``ingress_class`` is given."""
    ingress_class_by_name: bool = False
    """Take a class that is requested by name whichever controller its object names."""
    watch_namespace: str | None = None
    """The only namespace whose Ingresses are taken; ``None``: all."""
    watch_namespace_selector: str | None = None
    """Take Ingresses only of namespaces whose labels match this selector, as Kubernetes writes
    them; ``None``: all. Not beside `watch_namespace`."""
    disable_catch_all: bool = False
    """Pass over Ingresses that have a default backend."""
    host_owner: Mapping[str, str] = field(default_factory=dict)
    """The namespace that has a host, by the host as its rules write it; ``*`` for the rules without
    one. Any other host belongs to the namespace of the oldest Ingress that names it."""
    trust_namespaces: bool = False
    """Let all namespaces of a host decide what holds for all of it, as ingress-nginx does."""
    annotations_prefix: str = "nginx.ingress.kubernetes.io"
    accept_ignored: tuple[str, ...] = ()
    """Annotations, without prefix, and ConfigMap keys that may go unheeded though they protect
    something."""
    allow_snippets: tuple[str, ...] = ()
    """The namespaces whose snippets are read, directive by directive; ``*``: all. Given at all, the
    ConfigMap's snippets are read too."""
    configmap: str | None = None
    """The ConfigMap ``namespace/name`` of global settings; ``None``: none is read."""
    tcp_services_configmap: str | None = None
    """The ConfigMap ``namespace/name`` of TCP ports and the Services behind them."""
    udp_services_configmap: str | None = None
    """The same for UDP."""
    enable_ssl_passthrough: bool = False
    """Heed the annotation ``ssl-passthrough``: TLS that backends open themselves."""
    ssl_passthrough_proxy_port: int = 442
    """The loopback port of our own TLS where some host's TLS is passed on."""
    ssl_passthrough_backend_port: int = 441
    """The loopback port that TLS for backends goes through then."""
    stream_module: str | None = None
    """The file of nginx's stream module, where it is not built in."""
    with_module: tuple[str, ...] = ()
    """The modules beyond stock that nginx has: a name of `ingc.option_values.MODULES`, or the name,
    ``=`` and the file to load it from, where nginx does not load it already."""
    modsecurity_rules: str | None = None
    """ModSecurity's rules and settings, an absolute path, for whoever enables it without own
    ones."""
    owasp_rules: str | None = None
    """The OWASP core rule set, an absolute path of a file that includes its parts."""
    geoip2_database: tuple[str, ...] = ()
    """MaxMind's databases, absolute paths with MaxMind's own file names."""
    backends: BackendMode = "auto"
    """Where Services' addresses come from; the annotation ``ingc/backends`` of a Service decides
    otherwise for that one."""
    node_selector: str | None = None
    """Use only Nodes whose labels match this selector, where Nodes' ports are used; ``None``: all
    that are ready."""
    node_address: NodeAddress = "internal"
    """Which address of a Node nginx reaches, ``InternalIP`` or ``ExternalIP``."""
    cluster_domain: str = "cluster.local"
    resolver: tuple[str, ...] = ()
    """DNS servers that nginx queries at run time, as its ``resolver`` directive takes them."""
    resolve_at_start: tuple[str, ...] = ()
    """DNS names that nginx may resolve at its start, which fails where it can't; ``*``: all. They
    count where there is no `resolver`."""
    partial: bool = False
    """Services may be missing in the input though it comes from a cluster."""
    assume_port: Mapping[str, int] = field(default_factory=dict)
    """Numbers for port names whose Service is not in the input: ``http``, or ``shop/web:http``
    for one Service, which counts before the other."""
    enable_topology_aware_routing: bool = False
    """Use only endpoints that their EndpointSlices hint for `topology_zone`, where all have
    hints."""
    topology_zone: str | None = None
    """The zone that nginx runs in, as the Nodes' label ``topology.kubernetes.io/zone`` names it."""
    disable_svc_external_name: bool = False
    """Answer 503 for Services of type ExternalName."""
    default_backend_service: str | None = None
    """``namespace/name`` or ``namespace/name:port``."""
    nginx_version: str = target.DEFAULT
    """``1.N`` or ``1.N.P``, 1.22.0 or later."""
    listen_address: tuple[str, ...] = ()
    """IP literals such as ``127.0.0.1`` or ``[::]``; empty: every IPv4 address."""
    http_port: int = 80
    https_port: int = 443
    redirect_port: int | None = None
    """The port that redirects to https name; ``None`` names none."""
    default_ssl_certificate: str | None = None
    """A Secret ``namespace/name``, or the files ``CERT,KEY``."""
    tls_files: str | None = None
    """Where certificates are: a path with ``{namespace}`` and ``{secret}``, without its ending:
    ``.crt`` and ``.key``, and ``.ca.crt`` for what backends are verified by."""
    auth_files: str | None = None
    """Where passwords and client authorities are: as `tls_files`, with ``.htpasswd``, ``.ca.crt``
    and ``.ca.crl`` added."""
    secret_files: bool = True
    """Hand out the certificates found in Secrets as files beside nginx.conf."""
    access_log: AccessLog = "json"
    allow_address: tuple[str, ...] = ()
    """Addresses and networks of nginx's own machine, its link or a metadata service that backends
    and URLs may have all the same; several in one with commas between."""
    debug_header: tuple[str, ...] = ()
    """Clients, by address or network, whose answers name the route in ``X-Ingc-Route``; several
    in one with commas between."""
    health_check_path: str = "/healthz"
    """Answered with 200 by the default server; empty: none."""
    layout: str = "readable"
    """``readable``: a location for each path, in a server for each host. ``compact``: what costs
    nginx the least. Or some of the passes of ``compact``, with commas between
    (`ingc.option_values.LAYOUT_PASSES`)."""
    fragment: bool = False
    """Only what belongs inside an existing ``http { }``."""
    strict: bool = False
    """Make errors of the warnings and notes that likely mean a mistake."""
    proof: bool = True
    """Prove the result; false: hand it out as it was printed, with a note about it."""
    echo: bool = False
    """Answer for every Service by the responder of `echo_socket`, in plain HTTP whatever the
    Service's protocol is (used by serve and try)."""
    echo_socket: str = ""
    now: datetime | None = None
    """The time to judge certificates by; ``None``: the clock's."""

    @property
    def module_names(self) -> frozenset[str]:
        """The names of the modules beyond stock that nginx has."""
        return frozenset(item.partition("=")[0] for item in self.with_module)


class OptionError(ValueError):
    """An option has a value that makes no sense; the text names both."""


def check_options(options: Options) -> None:
    """Raise `OptionError` for the first option whose value makes no sense."""
    for name, check in _CHECKS:
        value = getattr(options, name)
        for item in value if isinstance(value, tuple) else (value,):
            if item is None or (item == "" and name not in _NEVER_EMPTY):
                continue
            try:
                check(item)
            except (BadOptionValue, target.BadVersion) as error:
                raise OptionError(f"--{name.replace('_', '-')}: {error}") from error
    for together, why in _TOGETHER:
        if together(options):
            raise OptionError(why)
    _check_stream(options)
    for host, namespace in options.host_owner.items():
        if not is_label(namespace) or not (host == "*" or is_subdomain(host.removeprefix("*."))):
            raise OptionError(
                f'--host-owner: "{host}={namespace}" does not have the form of '
                "shop.example.com=shop, *.example.com=shop or *=shop"
            )
    if options.http_port == options.https_port:
        raise OptionError(f"--https-port: {options.https_port} is the port of http already")


_OF_STREAM = ("tcp_services_configmap", "udp_services_configmap", "enable_ssl_passthrough")


def _check_stream(options: Options) -> None:
    """Raise `OptionError` where options of nginx's stream block can't hold together."""
    stream_option = next((name for name in _OF_STREAM if getattr(options, name)), None)
    if stream_option and options.fragment:
        name = stream_option.replace("_", "-")
        raise OptionError(f"--{name}: a fragment of http has no place for a stream block")
    inner = (options.ssl_passthrough_proxy_port, options.ssl_passthrough_backend_port)
    ports = (*inner, options.http_port, options.https_port)
    if options.enable_ssl_passthrough and len(set(ports)) < len(ports):
        raise OptionError(
            "--enable-ssl-passthrough: --http-port, --https-port, --ssl-passthrough-proxy-port and "
            "--ssl-passthrough-backend-port must be four different ports"
        )


def _has_form(rule: Rule) -> Callable[[str], object]:
    return lambda value: read_value(rule, value)


def _is_one_of(*allowed: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in allowed:
            raise BadOptionValue(f'"{value}" is none of {", ".join(allowed)}')

    return check


def _is_port(value: int) -> None:
    if not 1 <= value <= 65535:
        raise BadOptionValue(f"{value} is not a port number")


def _is_namespace(value: str) -> None:
    if not is_label(value):
        raise BadOptionValue(f'"{value}" is not a namespace')


def _is_namespace_or_all(value: str) -> None:
    if value != "*" and not is_label(value):
        raise BadOptionValue(f'"{value}" is neither a namespace nor *')


def _is_zone(value: str) -> None:
    if not is_label_value(value):
        raise BadOptionValue(f'"{value}" is not a zone, such as eu-west-1a')


def _is_service(value: str) -> None:
    port = read_value("service", value)[2:]
    if port and port[0].isdigit() and not (len(port[0]) < 6 and 1 <= int(port[0]) <= 65535):
        raise BadOptionValue(f'"{value}" has a port that is not 1 to 65535')


def _is_domain(value: str) -> None:
    if not is_subdomain(value):
        raise BadOptionValue(f'"{value}" is not a domain')


def _is_name(value: str) -> None:
    if value != "*" and not is_subdomain(plain_name(value)):
        raise BadOptionValue(f'"{value}" is neither a DNS name nor *')


def _is_certificate(value: str) -> None:
    if "," in value:
        if not all(value.split(",", 1)):
            raise BadOptionValue(f'"{value}" does not have the form of CERT,KEY')
    else:
        read_value("object", value)


def _is_pattern(value: str) -> None:
    if "{secret}" not in value or "{namespace}" not in value:
        raise BadOptionValue(f'"{value}" must hold {{namespace}} and {{secret}}')


def _is_path(value: str) -> None:
    if not value.startswith("/") or not value.isprintable() or " " in value:
        raise BadOptionValue(f'"{value}" is not a path such as /healthz')


def _lacks(field: str, module: str) -> Callable[[Options], object]:
    return lambda given: getattr(given, field) and module not in given.module_names


_NEVER_EMPTY = frozenset(
    {
        "namespace",
        "backends",
        "node_address",
        "access_log",
        "cluster_domain",
        "resolver",
        "resolve_at_start",
        "nginx_version",
        "listen_address",
        "with_module",
        "geoip2_database",
        "allow_address",
        "allow_snippets",
        "debug_header",
        "layout",
    }
)
"""Options that have no empty value; of the others it is the same as none."""

_CHECKS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("namespace", _is_namespace),
    ("watch_namespace", _is_namespace),
    ("watch_namespace_selector", read_selector),
    ("configmap", _has_form("object")),
    ("tcp_services_configmap", _has_form("object")),
    ("udp_services_configmap", _has_form("object")),
    ("ssl_passthrough_proxy_port", _is_port),
    ("ssl_passthrough_backend_port", _is_port),
    ("stream_module", check_module_file),
    ("with_module", read_module),
    ("modsecurity_rules", check_rules_file),
    ("owasp_rules", check_rules_file),
    ("geoip2_database", database_kind),
    ("backends", _is_one_of(*get_args(BackendMode))),
    ("node_selector", read_selector),
    ("node_address", _is_one_of(*get_args(NodeAddress))),
    ("access_log", _is_one_of(*get_args(AccessLog))),
    ("topology_zone", _is_zone),
    ("cluster_domain", _is_domain),
    ("resolver", _has_form("resolver")),
    ("resolve_at_start", _is_name),
    ("default_backend_service", _is_service),
    ("nginx_version", target.parse_version),
    ("listen_address", _has_form("address")),
    ("http_port", _is_port),
    ("https_port", _is_port),
    ("redirect_port", _is_port),
    ("default_ssl_certificate", _is_certificate),
    ("tls_files", _is_pattern),
    ("auth_files", _is_pattern),
    ("allow_address", read_networks),
    ("allow_snippets", _is_namespace_or_all),
    ("debug_header", read_networks),
    ("health_check_path", _is_path),
    ("layout", read_layout),
)

_TOGETHER: tuple[tuple[Callable[[Options], object], str], ...] = (
    (
        lambda given: given.host_owner and given.trust_namespaces,
        "--host-owner has no effect with --trust-namespaces",
    ),
    (
        lambda given: len(given.module_names) < len(given.with_module),
        "--with-module: a module is named twice",
    ),
    (
        lambda given: given.fragment and any("=" in item for item in given.with_module),
        "--with-module: a fragment of http has no place for load_module; name the module without "
        "its file, and load it where the fragment is included",
    ),
    (
        lambda given: (
            len({*map(database_kind, given.geoip2_database)}) < len(given.geoip2_database)
        ),
        "--geoip2-database: two databases of one kind would set the same variables",
    ),
    *(
        (_lacks(field, module), f"--{field.replace('_', '-')}: it needs --with-module {module}")
        for field, module in (
            ("modsecurity_rules", "modsecurity"),
            ("owasp_rules", "modsecurity"),
            ("geoip2_database", "geoip2"),
        )
    ),
    (
        lambda given: given.watch_namespace and given.watch_namespace_selector,
        "--watch-namespace and --watch-namespace-selector exclude each other",
    ),
    (
        lambda given: given.enable_topology_aware_routing and not given.topology_zone,
        "--enable-topology-aware-routing needs --topology-zone, the zone that nginx runs in",
    ),
    (
        lambda given: given.topology_zone and not given.enable_topology_aware_routing,
        "--topology-zone has no effect without --enable-topology-aware-routing",
    ),
)
"""What options must not be together, and why."""
