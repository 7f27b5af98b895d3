"""From a request to its outcome: socket, server, location, and what stands there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingc.model.locations import PASSES, Found, Level, find, read_level
from ingc.model.machine import Answer, Next, State, Undecided, escape, run
from ingc.model.outcome import NotModelled, Outcome, Request
from ingc.model.servers import Socket, read_sockets
from ingc.model.tree import Statement, read_statements
from ingc.model.values import Block, Variables, search
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, Target, read_target

_MOST_CYCLES = 10
_OF_TLS = ("client_verify", "client_s_dn", "client_i_dn", "client_escaped_cert", "protocol")
_GUARDS = ("auth_basic", "auth_request", "limit_req", "limit_conn")
_SCHEMES = {"grpc_pass": "grpc", "fastcgi_pass": "fastcgi", "proxy_pass": "http"}
Alternatives = tuple[tuple[float, Outcome], ...]


class Model:
    """A configuration that can be asked what nginx would do."""

    def __init__(self, statements: Iterable[Statement], version: tuple[int, int, int]) -> None:
        """Read a whole configuration, or the inside of one ``http`` block."""
        found = tuple(statements)
        http = next((item for item in found if item.name == "http"), None)
        self._http = http or Statement("http", (), 0, found)
        self._version = version
        blocks = (
            Block(item)
            for item in self._http.block or ()
            if item.name in ("map", "geo", "split_clients")
        )
        self._variables = Variables({block.variable: block for block in blocks})
        self._sockets = read_sockets(self._http)
        self._levels: dict[int, Level] = {}

    def outcome(self, request: Request, *, headers: bool = True) -> Outcome:
        """Return what becomes of a request; of several that chance decides, the likeliest.

        Without ``headers`` what the upstream is told is left out. Raises `NotModelled`.
        """
        return max(self.outcomes(request, headers=headers), key=lambda item: item[0])[1]

    def outcomes(self, request: Request, *, headers: bool = True) -> Alternatives:
        """Return every outcome that chance allows, each with its probability."""
        return tuple(self._outcomes(request, {}, 1.0, headers))

    def _outcomes(
        self, request: Request, choices: dict[str, bytes], odds: float, headers: bool
    ) -> Iterator[tuple[float, Outcome]]:
        try:
            yield odds, _Run(self, request, choices, headers).outcome()
        except Undecided as undecided:
            for share, value in _shares(undecided.block):
                chosen = {**choices, undecided.block.variable: value}
                yield from self._outcomes(request, chosen, odds * share, headers)

    def socket(self, request: Request) -> Socket | None:
        """Return the socket that a request arrives at; ``None``: nobody listens."""
        return next(iter(self.sockets(request)), None)

    def sockets(self, request: Request) -> tuple[Socket, ...]:
        """Return the sockets of a request's scheme and port; which one has it, the address that
        the client asks decides.
        """
        https = request.scheme == "https"
        return tuple(
            socket
            for socket in self._sockets
            if socket.ssl == https and request.port in (None, socket.port)
        )

    def listens(self, scheme: str) -> bool:
        """Tell whether any socket speaks a scheme."""
        return any(socket.ssl == (scheme == "https") for socket in self._sockets)

    def level(self, server: Statement) -> Level:
        """Return the locations of a server."""
        found = self._levels.get(id(server))
        if found is None:
            found = self._levels.setdefault(id(server), read_level(server))
        return found

    @property
    def variables(self) -> Variables:
        """The variables of the configuration."""
        return self._variables

    @property
    def version(self) -> tuple[int, int, int]:
        """The nginx that is modelled."""
        return self._version

    @property
    def http(self) -> Statement:
        """The ``http`` block."""
        return self._http


def _shares(block: Block) -> Iterator[tuple[float, bytes]]:
    left = 1.0
    for key, value in block.entries:
        if key == "*":
            yield left, value.encode()
        else:
            share = float(key.removesuffix("%")) / 100
            left -= share
            yield share, value.encode()
    if all(key != "*" for key, _ in block.entries) and left > 1e-9:
        yield left, b""


def read_model(parsed: Iterable[Mapping[str, Any]], version: tuple[int, int, int]) -> Model:
    """Return the model of what crossplane has read."""
    return Model(read_statements(parsed), version)


class _Run:
    """One request on its way."""

    def __init__(
        self, model: Model, request: Request, choices: dict[str, bytes], headers: bool
    ) -> None:
        self._model = model
        self._wants_headers = headers
        self._read: Target
        self._request = request
        self._choices = choices

    def outcome(self) -> Outcome:
        request, socket = self._request, self._model.socket(self._request)
        if socket is None or (request.scheme == "https" and self._is_refused(socket)):
            return Outcome(None, refused=True)
        try:
            read = read_target(request.target)
            name = read_host(
                read.host if read.host is not None else request.host, self._model.version
            )
            read_host(request.host, self._model.version)
        except BadTarget as error:
            return Outcome(error.status)
        except BadHost:
            return Outcome(400)
        self._read = read
        server, pattern = socket.find(name)
        state = State(
            read.uri, read.args, _known(request, read, name, server, socket), self._choices
        )
        state.quoted = b"%" in read.sent.partition(b"?")[0] or b"+" in read.sent.partition(b"?")[0]
        if pattern is not None:
            search(pattern, name, state)
        answer = run(server.rewrites, state, self._model.variables)
        if isinstance(answer, Answer):
            return self._answered(answer, state, (self._model.http, server), socket)
        return self._located(state, server, read, socket)

    def _is_refused(self, socket: Socket) -> bool:
        wanted = self._request.server_name
        if wanted is None:
            try:
                wanted = read_host(self._request.host, self._model.version)
            except BadHost:
                wanted = b""
        server, _ = socket.find(wanted.lower().removesuffix(b"."))
        reject = server.first("ssl_reject_handshake")
        return reject is not None and reject.args == ("on",)

    def _located(self, state: State, server: Statement, read: Target, socket: Socket) -> Outcome:
        level = self._model.level(server)
        for _ in range(_MOST_CYCLES):
            found = find(level, state.uri)
            scopes = (self._model.http, server, *((found.location,) if found.location else ()))
            if found.redirect is not None:
                target = escape(found.redirect) + (b"?" + state.args if state.args else b"")
                return self._answered(Answer(301, target), state, scopes, socket)
            if found.location is None:
                raise NotModelled("a path without a location", server.line)
            if found.pattern is not None:
                search(found.pattern, state.uri, state)
            outcome = run(found.location.rewrites, state, self._model.variables)
            if isinstance(outcome, Answer):
                return self._answered(outcome, state, scopes, socket)
            if outcome is Next.GO_ON:
                return self._content(state, found, scopes, read)
        return Outcome(500, server_line=server.line)

    def _answered(
        self, answer: Answer, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> Outcome:
        page = None if state.on_error_page else _error_page(scopes, answer.status)
        if page is not None:
            return self._on_page(page, state, scopes, socket)
        location = None
        if answer.location is not None:
            location = self._completed(answer.location, state, scopes, socket)
        return Outcome(
            answer.status,
            location=location,
            server_line=scopes[1].line,
            location_line=scopes[2].line if len(scopes) > 2 else 0,
            uri=state.uri,
        )

    def _on_page(
        self, page: Statement, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> Outcome:
        """Go on in the named location of an ``error_page``."""
        named = self._model.level(scopes[1]).named.get(page.args[-1])
        if named is None:
            raise NotModelled("an error_page that is no named location", page.line)
        state.on_error_page = True
        inner = (scopes[0], scopes[1], named)
        outcome = run(named.rewrites, state, self._model.variables)
        if isinstance(outcome, Answer):
            return self._answered(outcome, state, inner, socket)
        return self._content(state, Found(named), inner, self._read)

    def _completed(
        self, target: bytes, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> str:
        text = target.decode("latin-1")
        if not text.startswith("/") or _setting(scopes, "absolute_redirect") == ("off",):
            return text
        host = state.known["host"].decode("latin-1")
        usual = 443 if socket.ssl else 80
        with_port = _setting(scopes, "port_in_redirect") != ("off",) and socket.port not in (
            usual,
            0,
        )
        port = f":{socket.port}" if with_port else ""
        return f"{self._request.scheme}://{host}{port}{text}"

    def _content(
        self,
        state: State,
        found: Found,
        scopes: tuple[Statement, ...],
        read: Target,
    ) -> Outcome:
        location = scopes[-1]
        server_line, location_line = scopes[1].line, location.line
        if self._is_denied(scopes):
            return Outcome(403, uri=state.uri, server_line=server_line, location_line=location_line)
        guards = tuple(name for name in _GUARDS if _guards(scopes, name))
        passed = next(filter(None, map(location.first, PASSES)), None)
        if passed is None:
            raise NotModelled("a location that neither passes nor returns", location.line)
        upstream, target = self._passed(passed, state, found, read)
        protocol, _, _ = passed.args[0].partition("://")
        if "://" not in passed.args[0]:
            protocol = _SCHEMES.get(passed.name, passed.name)
        if protocol.startswith("$"):
            protocol = self._model.variables.expand(protocol, state, passed.line).decode()
        return Outcome(
            None,
            upstream=upstream,
            target=target,
            protocol=protocol,
            guards=guards,
            headers=tuple(self._headers(scopes, passed, state)) if self._wants_headers else (),
            uri=state.uri,
            server_line=server_line,
            location_line=location_line,
        )

    def _passed(
        self, passed: Statement, state: State, found: Found, read: Target
    ) -> tuple[str, bytes]:
        written = passed.args[0]
        variable = "$" in written
        text = self._model.variables.expand(written, state, passed.line)
        rest = text.partition(b"://")[2] if b"://" in text else text
        authority, slash, path = rest.partition(b"/")
        sent = read.sent if not state.rewritten else _rebuilt(state)
        if not slash or authority == b"unix:":
            return authority.decode("latin-1"), sent
        if variable:
            return authority.decode("latin-1"), slash + path
        if state.rewritten:
            return authority.decode("latin-1"), sent
        if found.pattern is not None:
            raise NotModelled("proxy_pass with a path in a regex location", passed.line)
        tail = escape(state.uri[len(found.name) :])
        query = b"?" + state.args if state.args else b""
        return authority.decode("latin-1"), slash + path + tail + query

    def _headers(
        self, scopes: tuple[Statement, ...], passed: Statement, state: State
    ) -> Iterator[tuple[str, str]]:
        name = passed.name.replace("_pass", "_set_header")
        for item in _inherited(scopes, name):
            try:
                value = self._model.variables.expand(item.args[1], state, item.line)
            except NotModelled:
                yield item.args[0], item.args[1]
                continue
            yield item.args[0], value.decode("latin-1")

    def _is_denied(self, scopes: tuple[Statement, ...]) -> bool:
        satisfy = _setting(scopes, "satisfy")
        for scope in reversed(scopes):
            if not (scope.all("allow") or scope.all("deny")):
                continue
            rules = [item for item in scope.block or () if item.name in ("allow", "deny")]
            if rules:
                denied = _denies(rules, self._request.address)
                guarded = any(_guards(scopes, name) for name in ("auth_basic", "auth_request"))
                return denied and not (satisfy == ("any",) and guarded)
        return False


def _denies(rules: Iterable[Statement], client: str) -> bool:
    address = ipaddress.ip_address(client)
    for rule in rules:
        text = rule.args[0]
        if text == "unix:":
            continue
        if text == "all" or address in ipaddress.ip_network(text, strict=False):
            return rule.name == "deny"
    return False


def _rebuilt(state: State) -> bytes:
    return escape(state.uri) + (b"?" + state.args if state.args else b"")


def _setting(scopes: tuple[Statement, ...], name: str) -> tuple[str, ...] | None:
    """Return a directive's arguments from the innermost scope that has it."""
    for scope in reversed(scopes):
        found = scope.first(name)
        if found is not None:
            return found.args
    return None


def _inherited(scopes: tuple[Statement, ...], name: str) -> tuple[Statement, ...]:
    """Return all directives of a name from the innermost scope that has any."""
    for scope in reversed(scopes):
        found = scope.all(name)
        if found:
            return found
    return ()


def _error_page(scopes: tuple[Statement, ...], status: int) -> Statement | None:
    """Return the ``error_page`` for a status, of the innermost scope that has any."""
    code = str(status)
    for page in _inherited(scopes, "error_page"):
        if code in page.args[:-1]:
            return page
    return None


def _guards(scopes: tuple[Statement, ...], name: str) -> bool:
    args = _setting(scopes, name)
    return args is not None and args != ("off",)


def _known(
    request: Request, read: Target, name: bytes, server: Statement, socket: Socket
) -> dict[str, bytes]:
    """Return the variables that a request decides."""
    first = server.first("server_name")
    known = {
        "host": name or (first.args[0].encode() if first else b""),
        "http_host": request.host,
        "request_uri": read.sent,
        "scheme": request.scheme.encode(),
        "https": b"on" if request.scheme == "https" else b"",
        "request_method": request.method.encode(),
        "remote_addr": request.address.encode(),
        "server_port": str(socket.port).encode(),
        "server_name": first.args[0].encode() if first else b"",
        "proxy_protocol_server_port": str(socket.port).encode(),
    }
    if request.scheme != "https":
        known.update((f"ssl_{name}", b"") for name in _OF_TLS)
    elif request.verified:
        known["ssl_client_verify"] = b"SUCCESS"
    for header, value in request.headers:
        key = header.lower().replace("-", "_")
        known.setdefault(f"http_{key}", value.encode("latin-1", "replace"))
        if key == "cookie":
            known.update(_cookies(value))
    return known


def _cookies(header: str) -> Iterator[tuple[str, bytes]]:
    for item in header.split(";"):
        name, equals, value = item.strip().partition("=")
        if equals:
            yield f"cookie_{name.lower()}", value.encode("latin-1", "replace")
