"""How servers listen, what they present in TLS, and whom they refuse before all else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingc.ir import ANY_HOST, Certificate, Config, Host, Proxy
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.snippets import SNIPPET_VARIABLES
from ingc.ir.policies import Blocked
from ingc.match.trie import in_server_order
from ingc.model import Model
from ingc.model.scopes import inherited, setting
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.model.values import VariableBlock
from ingc.prove.server_names import DEFAULT, named, names_of
from ingc.prove.unequal import Unequal, printed
from ingc.prove.values import render
from ingc.prove.written import Written
from ingc.syntax.address import listened_on
from ingc.syntax.host import twin_of
from ingc.target import HTTP2_DIRECTIVE

_LOOPBACK = "127.0.0.1"
_SOURCES = {
    "$remote_addr": "networks",
    "$http_user_agent": "agents",
    "$http_referer": "referers",
}
"""What a list of `Blocked` looks at, and its field."""
_WHOLE = re.compile(r"~\*\^(.*)\\z", re.DOTALL).fullmatch
_FORBIDDEN = (("return", ("403",), None),)
_OWN = frozenset({"ssl", "default_server", "reuseport"})
_OF_SNIPPETS = f"${SNIPPET_VARIABLES}"
"""How the variables of snippets begin, whose programs have a reader of their own."""


def serves_https(config: Config) -> bool:
    """Return whether anything is served on https."""
    default = config.settings.default_certificate is not None
    return default or any(host.answers_https for host in config.hosts)


class Serving:
    """Compares the servers of one text with one IR."""

    def __init__(
        self, config: Config, model: Model, written: Written, looked_up: frozenset[str]
    ) -> None:
        self._looked_up = looked_up
        self._config = config
        self._settings = config.settings
        self._model = model
        self._written = written
        self._https = serves_https(config)
        self._seen: dict[object, Unequal | None] = {}

    def sockets_differ(self) -> Unequal | None:
        """Return the first difference in where, and as what, nginx listens."""
        found = {
            (listened_on(item.address), item.port, item.ssl) for item in self._model.all_sockets
        }
        wanted = set(self._sockets())
        if found != wanted:
            expected = ", ".join(f"{a}:{port}" for a, port, _ in sorted(wanted - found))
            has = ", ".join(f"{a}:{port}" for a, port, _ in sorted(found - wanted))
            return Unequal(
                "Settings", "listen_addresses", expected or "no more", has or "not these"
            )
        named = self._names_differ()
        if named is not None:
            return named
        order = self._regexes_differ()
        if order is not None:
            return order
        for socket in self._model.all_sockets:
            unlike = self._flags_differ(socket)
            if unlike is not None:
                return unlike
        return self._http2_in_clear()

    def _names_differ(self) -> Unequal | None:
        """Return a name of a server that no host has."""
        hosts = self._config.hosts
        wanted = {DEFAULT}
        for host in hosts:
            wanted.update((*host.names, *((host.twin,) if host.twin is not None else ())))
        for server in self._model.http.all("server"):
            names = names_of(server)
            for name in names:
                if name not in wanted:
                    is_twin = any(twin_of(host.name) == name for host in hosts)
                    return _stray_name(name, names, is_twin=is_twin)
        return None

    def _regexes_differ(self) -> Unequal | None:
        """Return a regex that stands before or after a name that may be the same host's.

        Of regexes the first takes a name; wildcards of one label are regexes that no two share.
        """
        hosts = in_server_order(self._config.hosts)
        listed = [name for host in hosts for name in host.names if _is_regex(name)]
        if all(name.startswith("*.") for name in listed):
            return None
        places = {name: place for place, name in enumerate(listed)}
        for socket in self._model.all_sockets:
            last, last_regex = -1, -1
            tried = (named(name) for name in _regexes_of(socket))
            for name in (name for name in tried if name not in self._looked_up):
                place = places.get(name, len(places))
                if place < last_regex or (name.startswith("~") and place < last):
                    return Unequal("Alias", "place", "in the order of the hosts", name)
                last = max(last, place)
                last_regex = place if name.startswith("~") else last_regex
        return None

    def _sockets(self) -> Iterator[tuple[str, int, bool]]:
        settings = self._settings
        addresses = [listened_on(item) for item in settings.listen_addresses]
        yield from ((item, settings.http_port, False) for item in addresses)
        if self._https and settings.inner_ports is not None:
            yield _LOOPBACK, settings.inner_ports.own, True
        elif self._https:
            yield from ((item, settings.https_port, True) for item in addresses)

    def _flags_differ(self, socket: Socket) -> Unequal | None:
        settings = self._settings
        policies = settings.policies
        wanted = set()
        if policies.front.proxy_protocol or (socket.ssl and settings.inner_ports is not None):
            wanted.add("proxy_protocol")
        if socket.ssl and policies.http2 and settings.target < HTTP2_DIRECTIVE:
            wanted.add("http2")
        reused = False
        for server in socket.servers:
            for listen in server.all("listen"):
                if not _is_at(listen, socket):
                    continue
                flags = frozenset(listen.args[1:])
                reused = reused or "reuseport" in flags
                if flags - _OWN != wanted:
                    return Unequal(
                        "Settings", "policies", render(tuple(wanted)), render(listen.args)
                    )
        if socket.default is None:
            return Unequal("Settings", "listen", "a default server", "the first by chance")
        if reused != policies.reuse_port:
            return Unequal("Policies", "reuse_port", str(policies.reuse_port), str(reused))
        return None

    def _http2_in_clear(self) -> Unequal | None:
        """On a port without TLS its default server decides whether HTTP/2 is spoken."""
        plain = next((item.first for item in self._model.all_sockets if not item.ssl), None)
        spoken = plain is not None and _speaks_http2(plain)
        if plain is None or self._settings.default_certificate is not None:
            return None
        routes = [r for h in self._config.hosts for r in (*h.routes, h.default) if r.features]
        grpc = [route for route in routes if _is_grpc(route.feature(BackendProtocol), route.action)]
        reached = any(route.feature(HttpsRedirect) is None for route in grpc)
        has = self._settings.target >= HTTP2_DIRECTIVE and not self._settings.echo
        if (spoken and not (grpc and has)) or (reached and has and not spoken):
            return Unequal("Settings", "http2 in clear", "as gRPC needs it", str(spoken))
        return None

    def server_differs(self, host: Host, server: Statement, scheme: str) -> Unequal | None:
        """Return the first difference in what the server of a host's names does for all of it."""
        if scheme == "https":
            found = self._certificate_differs(host, server)
            if found is not None:
                return found
            if _rejects(server):
                return None
        key = id(server), scheme
        if key not in self._seen:
            self._seen[key] = self._terms_differ(server, scheme)
        return self._seen[key]

    def _terms_differ(self, server: Statement, scheme: str) -> Unequal | None:
        blocked = blocked_differ(self._settings.policies.blocked, server, self._written.blocks)
        if blocked is not None or scheme != "https":
            return blocked
        return self._http2_differs(server)

    def _http2_differs(self, server: Statement) -> Unequal | None:
        wanted = self._settings.policies.http2
        if self._settings.target < HTTP2_DIRECTIVE:
            wanted = False  # a flag of listen
        if _speaks_http2(server) != wanted:
            return Unequal("Policies", "http2", str(wanted), str(not wanted))
        return None

    def _certificate_differs(self, host: Host, server: Statement) -> Unequal | None:
        wanted = self.certificate_of(host)
        scopes = (self._written.http, server)
        files = [inherited(scopes, f"ssl_certificate{end}") for end in ("", "_key")]
        found: Certificate | None = None
        if not _rejects(server) and all(len(item) == 1 for item in files):
            found = Certificate(files[0][0].args[0], files[1][0].args[0])
        if found == wanted and (wanted is not None or _rejects(server)):
            return None
        has = printed(found) if found is not None or _rejects(server) else "none, or several"
        return Unequal("Https", "certificate", printed(wanted), has)

    def certificate_of(self, host: Host) -> Certificate | None:
        """Return the certificate that clients of a host see; ``None``: its https is refused."""
        if host.https is not None and host.https.certificate is not None:
            return host.https.certificate
        return self._settings.default_certificate if host.name == ANY_HOST else None


def blocked_differ(
    blocked: Blocked, server: Statement, blocks: Mapping[str, VariableBlock]
) -> Unequal | None:
    """Return a list of clients that a server refuses otherwise than it has to."""
    found = {}
    for item in server.all("if"):
        if item.args[0].startswith(_OF_SNIPPETS):
            continue
        block = blocks.get(item.args[0].removeprefix("$"))
        field = _SOURCES.get(block.source) if block is not None else None
        inner = tuple([line.content for line in item.block or ()])
        if block is None or field is None or len(item.args) > 1:
            continue
        default, keys = _listed(block)
        if inner != _FORBIDDEN or default not in ("", "0"):
            return Unequal("Blocked", field, "a 403 of those on the list", str(inner))
        found[field] = keys
    for field in _SOURCES.values():
        wanted = frozenset(getattr(blocked, field))
        has = frozenset(_key(key, wanted) for key in found.get(field, ()))
        if has != wanted:
            missing, more = sorted(wanted - has), sorted(has - wanted)
            return Unequal("Blocked", field, render(tuple(missing)), render(tuple(more)))
    return None


def _listed(block: VariableBlock) -> tuple[str, list[str]]:
    """Return what holds for clients that are not on the list, and the list."""
    entries = [(key, value) for key, value in block.entries if key != "default"]
    if any(value != "1" for _, value in entries):
        return "1", []
    return block.default, [key for key, _ in entries]


def _key(key: str, wanted: frozenset[str]) -> str:
    """Return a key as the IR has it: one too long for nginx's table is a regex for it alone."""
    whole = _WHOLE(key) if key not in wanted else None
    text = re.sub(r"\\(.)", r"\1", whole[1], flags=re.DOTALL) if whole else ""
    return next((item for item in wanted if text and item.removeprefix("\\") == text), key)


def _stray_name(name: str, beside: tuple[str, ...], *, is_twin: bool) -> Unequal:
    """Return who else could want a name that no host has."""
    if len(beside) > 1:
        return Unequal("Alias", "names", "some of the IR's", name)
    if is_twin:
        return Unequal("WwwRedirect", "", "absent", name)
    return Unequal("Host", "name", "one of the IR's", name)


def _is_regex(name: str) -> bool:
    """Return whether nginx gets a name as a regex."""
    return name.startswith(("*.", "~"))


def _regexes_of(socket: Socket) -> Iterator[str]:
    for server in socket.servers:
        names = (name for item in server.all("server_name") for name in item.args)
        yield from (name for name in names if name.startswith("~"))


def _is_grpc(protocol: BackendProtocol | None, action: object) -> bool:
    return protocol is not None and protocol.name in ("GRPC", "GRPCS") and isinstance(action, Proxy)


def _speaks_http2(server: Statement) -> bool:
    return setting((server,), "http2") == ("on",)


def _rejects(server: Statement) -> bool:
    return setting((server,), "ssl_reject_handshake") == ("on",)


def _is_at(listen: Statement, socket: Socket) -> bool:
    host, _, port = listen.args[0].rpartition(":")
    return port == str(socket.port) and listened_on(host) == listened_on(socket.address)
