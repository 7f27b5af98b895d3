"""Hosts → servers: who listens where, and with which certificate."""

from __future__ import annotations

from collections import defaultdict

from ingc.ir import ANY_HOST, Certificate, Config, Host, Settings
from ingc.ir.features import Alias, HttpsRedirect, ServerTuning, WwwRedirect
from ingc.match.trie import HostTable, path_matcher
from ingc.plan.blocking import refusals
from ingc.plan.contents import Contents
from ingc.plan.frame import directive, serves_https
from ingc.plan.front import scheme_of
from ingc.plan.layout import Comment, Directive, Literal, Location, Server
from ingc.plan.locations import plan_locations
from ingc.plan.pieces import Piece
from ingc.plan.redirects import REDIRECT_URI, STRIPPED_MAP, to_https, whole_redirect
from ingc.syntax.host import twin_of
from ingc.syntax.text import Text, Variable
from ingc.target import HTTP2_DIRECTIVE

_NOT_FOUND = (directive("return", 404),)


def plan_servers(config: Config, contents: Contents) -> tuple[Server, ...]:
    """Return the servers: the default ones, the redirect to https, then the hosts by name."""
    settings = config.settings
    servers = list(_default_servers(config, contents))
    redirected: dict[HttpsRedirect, list[Host]] = defaultdict(list)
    for host in config.hosts:
        redirect = whole_redirect(host, settings)
        if redirect is not None:
            redirected[redirect].append(host)
    servers.extend(_redirect_server(*item, contents) for item in redirected.items())
    wild = HostTable(host for host in config.hosts if host.name.startswith("*."))
    for host in sorted(config.hosts, key=_has_regex_names):
        if host.name == ANY_HOST:
            continue
        served = _host_server(host, settings, contents)
        if served:
            servers.append(served)
        servers.extend(_twin_server(host, contents))
        if _must_refuse_https(host, wild):
            servers.append(_refusing_server(host, settings))
    return tuple(servers)


def _default_servers(config: Config, contents: Contents) -> tuple[Server, ...]:
    settings = config.settings
    host = next(host for host in config.hosts if host.name == ANY_HOST)
    name = directive("server_name", Literal("_"))
    certificate = settings.default_certificate
    listen = _listen_http(settings, default=True)
    if certificate:
        listen += _listen_https(settings, default=True)
    health = _health_check(host, settings)
    taken = {location.name for location in health}
    planned = plan_locations(host, contents)
    # The health check also stands where only nginx's redirect had to be kept out.
    others = (item for item in planned if item.modifier != "=" or item.name not in taken)
    locations = (*health, *others)
    secured = _tls(settings, certificate) if certificate else ()
    directives = (*listen, name, *secured, *refusals(settings))
    first = Server(Comment("every host that no rule names"), directives, locations)
    if certificate or not serves_https(config):
        return (first,)
    refuse = (*_listen_https(settings, default=True), name, *_tls(settings, None))
    # A client may name a served host in TLS and another one in the request.
    root = Location(Comment("no such host"), "", Literal("/"), _NOT_FOUND)
    return first, Server(Comment("https: every name without a certificate"), refuse, (root,))


def _health_check(host: Host, settings: Settings) -> tuple[Location, ...]:
    path = settings.health_check_path
    if path is None or settings.fragment or path_matcher(host).find(path.encode()):
        return ()
    body = (directive("access_log", "off"), directive("return", 200, "ok"))
    return (Location(Comment("health check"), "=", Literal(path), body),)


def _redirect_server(redirect: HttpsRedirect, hosts: list[Host], contents: Contents) -> Server:
    settings = contents.config.settings
    names = tuple(directive("server_name", name) for host in hosts for name in server_names(host))
    answer, maps = to_https(redirect, settings)
    contents.need([Piece(maps=maps)])
    root = Location(Comment("redirect to https"), "", Literal("/"), (answer,))
    inner = (*_listen_http(settings), *names, *refusals(settings))
    return Server(Comment("http to https"), inner, (root,))


def _host_server(host: Host, settings: Settings, contents: Contents) -> Server | None:
    listen: tuple[Directive, ...] = ()
    tls: tuple[Directive, ...] = ()
    if whole_redirect(host, settings) is None:
        listen += _listen_http(settings)
    if host.https and host.https.certificate:
        listen += _listen_https(settings)
        tls = _tls(settings, host.https.certificate)
    if not listen:
        return None
    names = tuple(directive("server_name", name) for name in server_names(host))
    inner = (*listen, *names, *tls, *_tunings(host), *refusals(settings))
    return Server(Comment(host.name), inner, plan_locations(host, contents))


def _has_regex_names(host: Host) -> bool:
    """nginx tries regex names in the order of the servers: a rule's wildcard comes first."""
    alias = host.feature(Alias)
    return alias is not None and any(name.startswith("~") for name in alias.names)


def _twin_server(host: Host, contents: Contents) -> tuple[Server, ...]:
    """The host's twin with or without ``www.``, redirected to it; the port is always named."""
    redirect, twin = host.feature(WwwRedirect), twin_of(host.name)
    if redirect is None or twin is None:
        return ()
    settings = contents.config.settings
    listen = _listen_http(settings)
    tls: tuple[Directive, ...] = ()
    if host.https and host.https.certificate:
        listen += _listen_https(settings)
        tls = _tls(settings, host.https.certificate)
    target = Text((scheme_of(settings), f"://{host.name}:", Variable("server_port"), REDIRECT_URI))
    answer = directive("return", redirect.status, target)
    contents.need([Piece(maps=(STRIPPED_MAP,))])
    root = Location(Comment(f"redirect to {host.name}"), "", Literal("/"), (answer,))
    name = directive("server_name", Literal(twin))
    inner = (*listen, name, *tls, *refusals(settings))
    return (Server(Comment(twin), inner, (root,)),)


def _tunings(host: Host) -> tuple[Directive, ...]:
    tunings = (item for item in host.features if isinstance(item, ServerTuning))
    return tuple(directive(item.directive, *item.args) for item in tunings)


def _must_refuse_https(host: Host, wild: HostTable) -> bool:
    """A host without https must not fall to the https server of a wildcard that covers it."""
    if host.name.startswith("*.") or (host.https and host.https.certificate):
        return False
    covering = wild.find(host.name.encode())
    return bool(covering and covering.https and covering.https.certificate)


def _refusing_server(host: Host, settings: Settings) -> Server:
    name = directive("server_name", server_name(host.name))
    root = Location(Comment("https is refused"), "", Literal("/"), _NOT_FOUND)
    directives = (*_listen_https(settings), name, *_tls(settings, None))
    return Server(Comment(f"{host.name}: no https"), directives, (root,))


def server_names(host: Host) -> tuple[Literal, ...]:
    """Return nginx's names for a host and its aliases."""
    alias = host.feature(Alias)
    return tuple(map(server_name, (host.name, *(alias.names if alias else ()))))


def server_name(host: str) -> Literal:
    """Return nginx's name for a host; a wildcard's regex takes exactly one label."""
    if host.startswith("~") or not host.startswith("*."):
        return Literal(host)
    return Literal("~^[^.]+[.]" + host[2:].replace(".", "[.]") + "$")


def _listen_http(settings: Settings, *, default: bool = False) -> tuple[Directive, ...]:
    extra = _socket_options(settings, default=default)
    return tuple(
        directive("listen", _socket(address, settings.http_port), *extra)
        for address in settings.listen_addresses
    )


def _listen_https(settings: Settings, *, default: bool = False) -> tuple[Directive, ...]:
    in_listen = settings.policies.http2 and settings.target < HTTP2_DIRECTIVE
    http2 = ("http2",) if in_listen else ()
    extra = _socket_options(settings, default=default)
    return tuple(
        directive("listen", _socket(address, settings.https_port), "ssl", *http2, *extra)
        for address in settings.listen_addresses
    )


def _socket_options(settings: Settings, *, default: bool) -> tuple[str, ...]:
    policies = settings.policies
    proxied = ("proxy_protocol",) if policies.front.proxy_protocol else ()
    if not default:
        return proxied
    # nginx takes the options of a socket once.
    return (*proxied, "default_server", *(("reuseport",) if policies.reuse_port else ()))


def _tls(settings: Settings, certificate: Certificate | None) -> tuple[Directive, ...]:
    """How a server answers a handshake; ``certificate`` ``None``: it refuses every one."""
    as_directive = settings.policies.http2 and settings.target >= HTTP2_DIRECTIVE
    http2 = (directive("http2", "on"),) if as_directive else ()
    if certificate is None:
        return (*http2, directive("ssl_reject_handshake", "on"))
    return (
        *http2,
        directive("ssl_certificate", Literal(certificate.certificate)),
        directive("ssl_certificate_key", Literal(certificate.key)),
    )


def _socket(address: str, port: int) -> str | int:
    return f"{address}:{port}" if address else port
