"""What holds for the whole configuration beside plain directives: small frozen values.

The defaults are what holds without a ConfigMap.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.ir.modules import Database, Exporter, FirewallRules
from ingc.ir.stream import StreamPolicy
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class Front:
    """What is believed of the proxies in front of nginx."""

    proxy_protocol: bool = False
    """Every connection begins with a PROXY line."""
    address_header: str = ""
    """The header that names the client's address; empty: the peer of the connection is it."""
    proxies: tuple[str, ...] = ()
    """The networks whose word on the client's address is taken."""
    believed: bool = False
    """X-Forwarded-Proto, -Port and -Host are believed."""
    appended: bool = False
    """The backend's X-Forwarded-For is what the request had, with the peer added."""
    sent_for: str = "X-Forwarded-For"
    """The header that X-Original-Forwarded-For repeats."""
    sent_host: str = "X-Forwarded-Host"
    """The header that X-Original-Forwarded-Host repeats."""

    @property
    def tells_scheme(self) -> bool:
        """True where something else than the connection decides which scheme a client uses."""
        return self.believed or self.proxy_protocol


@dataclass(frozen=True, slots=True)
class LogFile:
    """Where the access log goes, and what is in it."""

    path: str = "access.log"
    """A file, or ``syslog:`` and a server."""
    params: tuple[str, ...] = ()
    format: Text | None = None
    """``None``: the form that the option `access_log` names."""
    escape: str = "default"
    """``default``, ``json`` or ``none``."""
    skipped: tuple[str, ...] = ()
    """Request targets that are not logged; ``~`` begins a regex."""
    auth: bool = False
    """Log the requests to auth services too."""
    unknown_hosts: bool = True
    """Log the requests that no rule takes, where the host has none."""


@dataclass(frozen=True, slots=True)
class KeepalivePolicy:
    """How long connections to backends are kept."""

    connections: int = 64
    """For each worker and upstream; 0 keeps none."""
    sized: bool = True
    """Whether nobody gave that number, so that it follows from how many upstreams there are."""
    requests: int = 10000
    timeout: str = ""
    """Empty: nginx's own."""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Who is answered with 403 wherever a rule would have taken the request."""

    networks: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    """Values of User-Agent; ``~`` begins a regex."""
    referers: tuple[str, ...] = ()
    """Values of Referer; ``~`` begins a regex."""


@dataclass(frozen=True, slots=True)
class VariableMap:
    """A variable that the operator's http-snippet computes from others."""

    name: str
    """In lower case, without the dollar sign."""
    source: Text
    entries: tuple[tuple[str, Text], ...]
    """Keys as nginx has them, ``~`` or ``~*`` before a regex, and values."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What a ConfigMap may change for everybody."""

    front: Front = field(default_factory=Front)
    log: LogFile = field(default_factory=LogFile)
    keepalive: KeepalivePolicy = field(default_factory=KeepalivePolicy)
    blocked: Blocked = field(default_factory=Blocked)
    hsts: str | None = "max-age=31536000; includeSubDomains"
    """Strict-Transport-Security of answers on https; ``None``: the backend's own."""
    request_headers: tuple[tuple[str, Text], ...] = ()
    """Sent to every backend, in place of the defaults."""
    response_headers: tuple[tuple[str, Text], ...] = ()
    """Added to every answer, in place of the backend's."""
    hidden: tuple[str, ...] = ()
    """Headers of backends' answers that are not passed on."""
    request_id: bool = True
    """Give requests without an X-Request-ID one."""
    dh_param: str | None = None
    """The file of the parameters for DHE ciphers."""
    ticket_key: str | None = None
    """The file of the key of session tickets."""
    http2: bool = True
    reuse_port: bool = False
    stream: StreamPolicy = field(default_factory=StreamPolicy)
    maps: tuple[VariableMap, ...] = ()
    firewall_rules: FirewallRules = ()
    """Rules of ModSecurity that hold wherever it is on."""
    databases: tuple[Database, ...] = ()
    exporter: Exporter | None = None
    """``None``: no request is traced."""
