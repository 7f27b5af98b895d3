"""Names as clients send them, and where each leads: which server, and which host of the IR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.ir import ANY_HOST, Config, Host
from ingc.match.trie import MANY_SEARCHES, HostTable
from ingc.model import Model
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.prove.witnesses import NOBODY, near_names, own_names
from ingc.syntax.pcre import TooManySteps

SCHEMES = ("http", "https")
_MOST_SEARCHES = 200_000
"""For names that so many regexes may match that nginx itself is slow; what they cost is bounded.
Names beyond them are not looked up. No exact name and no wildcard of a host is one of these."""


@dataclass(frozen=True, slots=True)
class NamedSite:
    """Where a name leads on one scheme."""

    scheme: str
    server: Statement | None
    """``None``: nobody listens."""
    host: Host
    twin: bool
    """True where the name is redirected to the host."""


class Sites:
    """Finds where names lead."""

    def __init__(self, config: Config, model: Model) -> None:
        self._config = config
        self._hosts = HostTable(config.hosts)
        self._any = next(host for host in config.hosts if host.name == ANY_HOST)
        self.sockets: Mapping[str, Socket | None] = {
            scheme: _socket(model, scheme) for scheme in SCHEMES
        }
        """The socket of each scheme that is compared; see `RoutingProof._unlike_sockets`."""
        self._searches = _MOST_SEARCHES

    def of(self, name: bytes) -> list[NamedSite]:
        twin = self._hosts.redirected(name)
        found = []
        searches = self._hosts.searches(name) if twin is None else 0
        if searches > MANY_SEARCHES:
            self._searches -= searches
            if self._searches < 0:
                return []
        try:
            host = twin or self._hosts.find(name) or self._any
            for scheme, socket in self.sockets.items():
                server = socket.find(name)[0] if socket is not None else None
                if server is not None or scheme == "http":
                    found.append(NamedSite(scheme, server, host, twin is not None))
        except TooManySteps:
            return []
        return found

    def names(self, host: Host) -> Iterator[bytes]:
        """Yield a Host header for each name of a host, one that no other host takes if possible."""
        for name in (*host.names, *((host.twin,) if host.twin else ())):
            likely = own_names(name)
            if len(likely) > 1:
                taken = (each for each in likely if self._leads_to(each) is host)
                yield next(taken, likely[0])
            else:
                yield from likely

    def _leads_to(self, name: bytes) -> Host | None:
        sites = self.of(name)
        return sites[0].host if sites else None

    def _own_names(self, host: Host) -> Iterator[bytes]:
        """Yield a name for each of a host's own that no other host takes, without its twin."""
        for name in self.names(host):
            sites = self.of(name)
            if sites and sites[0].host is host and not sites[0].twin:
                yield name

    def in_tls(self) -> Iterator[tuple[bytes, Host]]:
        """Yield names as clients send them in TLS, each with the host that takes it.

        Of each host's own also with a dot at the end and in capitals, those near to it, and one
        that nobody has.
        """
        yield NOBODY, self._leads_to(NOBODY) or self._any
        for host in self._config.hosts if self._config.settings.inner_ports is not None else ():
            # nginx tries regexes of stream on a name as it was sent, with its dot.
            dot = b"." if not any(name.startswith("~") for name in host.names) else b""
            for name in self._own_names(host) if host.name else ():
                yield from ((name, host), (name + dot, host), (name.upper(), host))
            for name in near_names(host.name):
                sites = self.of(name)
                if sites and not sites[0].twin:
                    yield name, sites[0].host


def _socket(model: Model, scheme: str) -> Socket | None:
    return next((item for item in model.all_sockets if item.ssl == (scheme == "https")), None)
