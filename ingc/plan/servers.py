"""Hosts → servers: who listens where, and with which certificate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ingc.ir import ANY_HOST, Certificate, Config, Host, Settings
from ingc.ir.features.aliases import WwwRedirect
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.snippets import ServerProgram
from ingc.ir.features.tuning import ServerTuning
from ingc.match.trie import HostTable, path_matcher
from ingc.plan.contents import Contents, Site
from ingc.plan.features.canary import plain_upstreams
from ingc.plan.features.client_certs import server_directives
from ingc.plan.features.snippets import headers_piece, program_directives, types_of
from ingc.plan.frame.blocking import refusals
from ingc.plan.frame.client_identity import redirect_port, twin_scheme
from ingc.plan.frame.http import serves_https
from ingc.plan.hoisting import hoist, with_own_headers
from ingc.plan.language import speaks_grpc
from ingc.plan.layout import Comment, Directive, Literal, Location, Map, Server, directive
from ingc.plan.locations import plan_locations
from ingc.plan.parts import Demands, HostPart, Shared, directives_in, passes_of, variables_set
from ingc.plan.pieces import Piece
from ingc.plan.redirects import REDIRECT_URI, STRIPPED_MAP, to_https, whole_redirect
from ingc.syntax.regex.reading import TooManySteps
from ingc.syntax.text import Text
from ingc.target import HTTP2_DIRECTIVE

_NOT_FOUND = (directive("return", 404),)


def plan_default(config: Config, contents: Contents, *, grpc: bool) -> HostPart:
    """Return the servers of every name that no host has; ``grpc``: a host needs it in clear."""
    host = next(host for host in config.hosts if host.name == ANY_HOST)
    site = Site(contents, host, http_apart=whole_redirect(host, config.settings) is not None)
    grpc = grpc or speaks_grpc(host, config.settings)
    servers = tuple(_default_servers(config, site, grpc=grpc))
    return _part(site, servers, None)


def plan_host(host: Host, contents: Contents, https: NamesInTls) -> HostPart:
    """Return the servers of a host; ``https`` are the names that the https servers take."""
    settings = contents.config.settings
    redirect = whole_redirect(host, settings)
    site = Site(contents, host, http_apart=redirect is not None)
    servers: list[Server] = []
    if redirect is not None and _has_regex(host):
        # Not among the first: nginx tries regexes in the order of the servers.
        server, maps = _redirect_server(redirect, [host], settings)
        servers.append(server)
        site.need([Piece(maps=maps)])
    served = _host_server(site)
    if served:
        servers.append(served)
    servers.extend(_twin_server(site))
    refused = _names_to_refuse(host, https, settings)
    if refused:
        servers.append(_refusing_server(host, refused, settings))
    return _part(site, tuple(servers), redirect)


def _part(site: Site, servers: tuple[Server, ...], redirect: HttpsRedirect | None) -> HostPart:
    host, settings = site.host, site.contents.config.settings
    directives = list(directives_in(servers))
    demands = Demands(
        redirect if redirect is not None and not _has_regex(host) else None,
        site.needing,
        passes_of(directives),
        variables_set(directives),
        grpc=redirect is None and speaks_grpc(host, settings),
    )
    return HostPart(servers, demands, frozenset(plain_upstreams(host)))


def redirect_servers(
    hosts: Iterable[tuple[Host, HttpsRedirect | None]], settings: Settings, shared: Shared
) -> Iterator[Server]:
    """Yield a server for each redirect that plain http of some hosts is."""
    redirected: dict[HttpsRedirect, list[Host]] = defaultdict(list)
    for host, redirect in hosts:
        if redirect is not None:
            redirected[redirect].append(host)
    for redirect, named in redirected.items():
        server, maps = _redirect_server(redirect, named, settings)
        shared.add([Piece(maps=maps)])
        yield server


class NamesInTls:
    """The names that hosts with https take, looked up when one is asked for."""

    def __init__(self, hosts: Iterable[Host]) -> None:
        self._hosts = hosts
        self._table: HostTable | None = None

    def may_find(self, name: str) -> bool:
        """Return whether such a host may take what a name stands for; see `HostTable.may_find`."""
        if self._table is None:
            self._table = HostTable(host for host in self._hosts if host.answers_https)
        return self._table.may_find(name)


def _default_servers(config: Config, site: Site, *, grpc: bool) -> tuple[Server, ...]:
    settings, host = config.settings, site.host
    names = tuple(directive("server_name", name) for name in server_names(host))
    certificate = settings.default_certificate
    listen = _listen_http(settings, default=True)
    if certificate:
        listen += _listen_https(settings, default=True)
    health = _health_check(host, settings)
    taken = {location.name for location in health}
    planned = plan_locations(site)
    # The health check also stands where only nginx's redirect had to be kept out.
    others = (item for item in planned if item.modifier != "=" or item.name not in taken)
    locations = (*health, *others)
    secured = _tls(settings, certificate) if certificate else _http2_in_clear(settings, grpc=grpc)
    directives = (*listen, *names, *secured, *_tunings(host), *refusals(settings))
    first = Server(Comment("every host that no rule names"), directives, locations)
    program = host.feature(ServerProgram) if host.features else None
    if program is not None:
        first = _answering(first, program, site)
    if certificate or not serves_https(config):
        return (first,)
    refuse = (*_listen_https(settings, default=True), *names, *_tls(settings, None))
    # A client may name a served host in TLS and another one in the request.
    root = Location(Comment("no such host"), "", Literal("/"), _NOT_FOUND)
    return first, Server(Comment("https: every name without a certificate"), refuse, (root,))


def _http2_in_clear(settings: Settings, *, grpc: bool) -> tuple[Directive, ...]:
    """gRPC needs HTTP/2; on a port without TLS its default server decides what is spoken there."""
    if settings.target < HTTP2_DIRECTIVE or not grpc:
        return ()
    return (directive("http2", "on"),)


def _health_check(host: Host, settings: Settings) -> tuple[Location, ...]:
    path = settings.health_check_path
    if path is None or settings.fragment or _takes(host, path):
        return ()
    body = (directive("access_log", "off"), directive("return", 200, "ok"))
    return (Location(Comment("health check"), "=", Literal(path), body),)


def _takes(host: Host, path: str) -> bool:
    try:
        return path_matcher(host).find(path.encode()) is not None
    except TooManySteps:
        return True  # nginx gives up as well, and no health check may hide that


def _redirect_server(
    redirect: HttpsRedirect, hosts: list[Host], settings: Settings
) -> tuple[Server, tuple[Map, ...]]:
    names = tuple(directive("server_name", name) for host in hosts for name in server_names(host))
    answer, maps = to_https(redirect, settings)
    root = Location(Comment("redirect to https"), "", Literal("/"), (answer,))
    inner = (*_listen_http(settings), *names, *refusals(settings))
    return Server(Comment("http to https"), inner, (root,)), maps


def _host_server(site: Site) -> Server | None:
    host, contents = site.host, site.contents
    settings = contents.config.settings
    listen: tuple[Directive, ...] = ()
    tls: tuple[Directive, ...] = ()
    if not site.http_apart:
        listen += _listen_http(settings)
    if host.https and host.https.certificate:
        listen += _listen_https(settings)
        tls = _tls(settings, host.https.certificate)
    if not listen:
        return None
    names = tuple(directive("server_name", name) for name in server_names(host))
    certificates, maps = server_directives(host, https=bool(tls))
    site.need([Piece(maps=maps)])
    inner = (*listen, *names, *tls, *certificates, *_tunings(host), *refusals(settings))
    program = host.feature(ServerProgram) if host.features else None
    server = Server(Comment(host.name), inner, plan_locations(site))
    if program is not None:
        # What it answers must not have the headers of locations, so that none are moved up.
        return _answering(server, program, site)
    headers = (directive("add_header", *header, "always") for header in contents.sent)
    return hoist(server, tuple(headers))


def _answering(server: Server, program: ServerProgram, site: Site) -> Server:
    """Return a server with a program, and with what acts on its answers.

    A location without headers would inherit those, and keeps what it had.
    """
    contents = site.contents
    site.need([Piece(blocks=types_of(program.steps, contents.config.settings))])
    tunings = (directive(item.directive, *args) for item in program.tunings for args in item.each())
    headers = contents.header_lists((headers_piece(program.headers),), "proxy")
    added = tuple(item for item in headers if item.name == "add_header")
    sent = tuple(directive("add_header", *header, "always") for header in contents.sent)
    return Server(
        server.title,
        (*server.directives, *tunings, *added, *program_directives(program.steps)),
        tuple(with_own_headers(item, added, sent) for item in server.locations),
    )


def _has_regex(host: Host) -> bool:
    return any(name.startswith("~") for name in host.names)


def _twin_server(site: Site) -> tuple[Server, ...]:
    """The host's twin with or without ``www.``, redirected to it; the port is always named."""
    host, settings = site.host, site.contents.config.settings
    redirect, twin = host.feature(WwwRedirect), host.twin
    if redirect is None or twin is None:
        return ()
    listen = _listen_http(settings)
    tls: tuple[Directive, ...] = ()
    if host.https and host.https.certificate:
        listen += _listen_https(settings)
        tls = _tls(settings, host.https.certificate)
    target = Text(
        (twin_scheme(settings), f"://{host.name}:", redirect_port(settings), REDIRECT_URI)
    )
    answer = directive("return", redirect.status, target)
    site.need([Piece(maps=(STRIPPED_MAP,))])
    root = Location(Comment(f"redirect to {host.name}"), "", Literal("/"), (answer,))
    name = directive("server_name", Literal(twin))
    inner = (*listen, name, *tls, *refusals(settings))
    return (Server(Comment(twin), inner, (root,)),)


def _tunings(host: Host) -> tuple[Directive, ...]:
    tunings = (item for item in host.features if isinstance(item, ServerTuning))
    return tuple(directive(item.directive, *item.args) for item in tunings)


def _names_to_refuse(host: Host, https: NamesInTls, settings: Settings) -> list[str]:
    """Return the names of a host without https that another https server would take.

    The default server takes all of them where it has a certificate.
    """
    if host.answers_https:
        return []
    names = (*host.names, *((host.twin,) if host.twin else ()))
    return [name for name in names if settings.default_certificate or https.may_find(name)]


def _refusing_server(host: Host, refused: list[str], settings: Settings) -> Server:
    names = tuple(directive("server_name", server_name(name)) for name in refused)
    root = Location(Comment("https is refused"), "", Literal("/"), _NOT_FOUND)
    directives = (*_listen_https(settings), *names, *_tls(settings, None))
    return Server(Comment(f"{host.name}: no https"), directives, (root,))


def server_names(host: Host) -> tuple[Literal, ...]:
    """Return nginx's names for a host and its aliases."""
    return tuple(map(server_name, host.names))


def server_name(host: str) -> Literal:
    """Return nginx's name for a host; a wildcard's regex takes exactly one label."""
    if not host.startswith("*."):
        return Literal(host or "_")
    return Literal("~^[^.]+[.]" + host[2:].replace(".", "[.]") + "$")


def _listen_http(settings: Settings, *, default: bool = False) -> tuple[Directive, ...]:
    extra = _socket_options(settings, default=default)
    return tuple(
        directive("listen", socket(address, settings.http_port), *extra)
        for address in settings.listen_addresses
    )


def _listen_https(settings: Settings, *, default: bool = False) -> tuple[Directive, ...]:
    in_listen = settings.policies.http2 and settings.target < HTTP2_DIRECTIVE
    http2 = ("http2",) if in_listen else ()
    extra = _socket_options(settings, default=default)
    if settings.inner_ports is not None:
        # The stream block listens for the clients, and passes on who they are.
        proxied = () if "proxy_protocol" in extra else ("proxy_protocol",)
        address = socket("127.0.0.1", settings.inner_ports.own)
        return (directive("listen", address, "ssl", *http2, *proxied, *extra),)
    return tuple(
        directive("listen", socket(address, settings.https_port), "ssl", *http2, *extra)
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


def socket(address: str, port: int) -> str | int:
    """Return what ``listen`` takes for an address, ``""`` for every IPv4 one, and a port."""
    return f"{address}:{port}" if address else port
