"""Who the client is: its address, scheme, port and host, as nginx or a proxy before it reports."""

from __future__ import annotations

from ingc.ir import Config, Settings
from ingc.ir.policies import Front
from ingc.plan.layout import Directive, Literal, Map, Value
from ingc.syntax.text import Text, Variable
from ingc.syntax.url import DEFAULT_PORTS

HOST = Variable("ingc_host")
REDIRECT_HOST = Variable("ingc_redirect_host")
SCHEME = Variable("ingc_scheme")
_PORT = Variable("ingc_forwarded_port")
_CLIENT_PORT = Variable("ingc_client_port")
_REDIRECT_PORT = Variable("ingc_redirect_port")
_SCHEME_PORT = Variable("ingc_scheme_port")
_OWN_HOST = Variable("ingc_own_host")
_OWN_SCHEME = Variable("ingc_own_scheme")
_SENT_SCHEME = Variable("ingc_sent_scheme")
_OWN_PORT = Variable("ingc_own_port")
_APPENDED = Variable("ingc_forwarded_for")
_FIRST = Variable("ingc_first_host")
_BARE = Variable("ingc_bare_host")
_PLAIN = r"[a-z0-9._:\[\]-]+"


def scheme_of(settings: Settings) -> Variable:
    """Return the variable that holds the scheme which the client uses."""
    return SCHEME if settings.policies.front.tells_scheme else Variable("scheme")


def twin_scheme(settings: Settings) -> Variable:
    """Return the variable that holds the scheme of a redirect of a twin.

    As in ingress-nginx, the header of a proxy that is believed goes before the PROXY line there.
    """
    front = settings.policies.front
    return _SENT_SCHEME if front.believed and front.proxy_protocol else scheme_of(settings)


def forwarded_headers(front: Front) -> dict[str, Value]:
    """Return the headers about the client that backends get where they are not the defaults."""
    headers: dict[str, Value] = {}
    if front.appended:
        headers["X-Forwarded-For"] = _APPENDED
    if front.tells_scheme:
        for name in ("X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme"):
            headers[name] = SCHEME
    default = Front()
    if front.sent_for != default.sent_for:
        headers["X-Original-Forwarded-For"] = _header(front.sent_for)
    if front.sent_host != default.sent_host:
        headers["X-Original-Forwarded-Host"] = _header(front.sent_host)
    return headers


def redirect_port(settings: Settings) -> Variable:
    """Return the variable that holds the port which a redirect of a twin names."""
    return _REDIRECT_PORT if settings.policies.front.believed else _own_port(settings)


def _own_port(settings: Settings) -> Variable:
    """Return the variable that holds the port which a client connects to."""
    return _line_port(settings) if settings.inner_ports is None else _CLIENT_PORT


def _line_port(settings: Settings) -> Variable:
    """Return the variable of nginx's own port, or of the one that a PROXY line names."""
    by_line = settings.policies.front.proxy_protocol
    return Variable("proxy_protocol_server_port" if by_line else "server_port")


def twin_maps(config: Config) -> tuple[Map, ...]:
    """Return the maps of the port that redirects of twins name; none where no host has a twin."""
    settings = config.settings
    if not any(host.twin for host in config.hosts):
        return ()
    made: list[Map] = []
    own = _own_port(settings)
    if settings.inner_ports is not None:
        # A stream server stands before our TLS, and names its own port in the line that it sends.
        inner = (str(settings.inner_ports.own), settings.https_port)
        entries = (inner, ("default", _line_port(settings)))
        made.append(Map(Variable("server_port"), own, entries))
    if settings.policies.front.believed:
        sent_scheme, sent_port = _header("X-Forwarded-Proto"), _header("X-Forwarded-Port")
        usual = tuple((scheme, str(port)) for scheme, port in DEFAULT_PORTS.items())
        number = (Literal(r"~^[0-9]{1,5}\z"), sent_port)
        made += (
            Map(sent_scheme, _SCHEME_PORT, (*usual, ("default", own))),
            # A Location may hold nothing but a number here.
            Map(sent_port, _REDIRECT_PORT, (number, ("default", _SCHEME_PORT))),
        )
    return tuple(made)


def real_ip(settings: Settings) -> tuple[Directive, ...]:
    """Return the directives that find the client's address."""
    front = settings.policies.front
    if settings.inner_ports is not None:
        believed = front.proxies if front.proxy_protocol else ()
        return (
            Directive("real_ip_header", ("proxy_protocol",)),
            Directive("set_real_ip_from", ("127.0.0.1",)),
            *(Directive("set_real_ip_from", (network,)) for network in believed),
        )
    if not front.address_header:
        return ()
    return (
        Directive("real_ip_header", (front.address_header,)),
        Directive("real_ip_recursive", ("on",)),
        *(Directive("set_real_ip_from", (network,)) for network in front.proxies),
    )


def own_host(front: Front) -> Variable:
    """Return the variable that holds the host which chose the server.

    With the port where the client named one. The Host header alone may be another: a request line
    with a whole URL outweighs it (RFC 9112, 3.2.2).
    """
    return _OWN_HOST if front.believed else HOST


def host_map(front: Front) -> Map:
    """Return the map that defines `own_host`."""
    host, sent = Variable("host"), Variable("http_host")
    same = Literal(rf"~*^({_PLAIN}) \1\.?(:[0-9]+)?\z")
    return Map(Text((host, " ", sent)), own_host(front), ((same, sent), ("default", host)))


def port_map(settings: Settings) -> Map:
    """Return the map of the port that backends get: the PROXY line's, or 443 over TLS."""
    front = settings.policies.front
    own = _line_port(settings)
    variable = _OWN_PORT if front.believed else _PORT
    if front.proxy_protocol:
        # As in ingress-nginx: the port of nginx's own socket stands for the usual one.
        return Map(own, variable, ((str(settings.https_port), "443"), ("default", own)))
    return Map(Variable("scheme"), variable, (("https", "443"), ("default", own)))


def more_maps(settings: Settings) -> tuple[Map, ...]:
    """Return the maps that only foreign words need."""
    front = settings.policies.front
    made: list[Map] = []
    scheme = Variable("scheme")
    if front.proxy_protocol:
        variable = _OWN_SCHEME if front.believed else SCHEME
        port = Variable("proxy_protocol_server_port")
        made.append(Map(port, variable, (("443", "https"), ("default", scheme))))
        scheme = variable
    if front.believed:
        made += _believed(scheme, settings)
    if front.appended:
        made.append(_appended(front))
    return tuple(made)


def _believed(scheme: Variable, settings: Settings) -> tuple[Map, ...]:
    """Return the maps of the proxy's values, where it sends any; of several hosts the first.

    As in ingress-nginx, the port 443 of a PROXY line is https whatever a header says, and a header
    that names nginx's own port of https means the usual one.
    """
    line = settings.policies.front.proxy_protocol
    sent_scheme, sent_port = Variable("http_x_forwarded_proto"), Variable("http_x_forwarded_port")
    first = Literal(f"~^ *(?<{_FIRST.name}>[^, ]+)")
    bare = Literal(f"~^(?<{_BARE.name}>[A-Za-z0-9._-]+)(:[0-9]*)?$")
    sent = _SENT_SCHEME if line else SCHEME
    by_line = (("443", "https"), ("default", sent))
    usual = settings.https_port == DEFAULT_PORTS["https"] or settings.inner_ports is not None
    own_port = () if usual else ((str(settings.https_port), "443"),)
    return (
        Map(sent_scheme, sent, (("", scheme), ("default", sent_scheme))),
        *((Map(Variable("proxy_protocol_server_port"), SCHEME, by_line),) if line else ()),
        Map(sent_port, _PORT, (("", _OWN_PORT), *own_port, ("default", sent_port))),
        Map(Variable("http_x_forwarded_host"), HOST, ((first, _FIRST), ("default", _OWN_HOST))),
        # What a Location may hold: a name alone.
        Map(HOST, REDIRECT_HOST, ((bare, _BARE), ("default", Variable("host")))),
    )


def _appended(front: Front) -> Map:
    # $proxy_add_x_forwarded_for would add the address that the header itself named.
    peer = Variable("proxy_protocol_addr" if front.proxy_protocol else "realip_remote_addr")
    sent = Variable("http_x_forwarded_for")
    return Map(sent, _APPENDED, (("", peer), ("default", Text((sent, ", ", peer)))))


def _header(header: str) -> Variable:
    return Variable("http_" + header.lower().replace("-", "_"))
