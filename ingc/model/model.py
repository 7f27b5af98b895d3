"""From a request to its outcome: socket, server, location, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingc.model.files import file_of, served, tried
from ingc.model.known import strange
from ingc.model.locations import Found, Level, find, read_level
from ingc.model.machine import Answer, Next, State, Undecided, escape, run
from ingc.model.outcome import Files, NotModelled, Outcome, Request
from ingc.model.passing import passed_to
from ingc.model.reading import check_slashes, known, read_request
from ingc.model.scopes import admitted, error_page, inherited, pass_of, setting
from ingc.model.servers import Socket, read_sockets
from ingc.model.tree import Statement, read_statements
from ingc.model.values import Block, Variables, search, shares
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, Target

_MOST_CYCLES = 10
_SCHEMES = {"grpc_pass": "grpc", "fastcgi_pass": "fastcgi", "proxy_pass": "http"}
Alternatives = tuple[tuple[float, Outcome], ...]


class Model:
    """A configuration that can be asked what nginx would do."""

    def __init__(
        self,
        statements: Iterable[Statement],
        version: tuple[int, int, int],
        files: Files | None = None,
    ) -> None:
        """Read a whole configuration, or the inside of one ``http`` block.

        ``files`` tells what is on disk; without it, what depends on that is not modelled.
        """
        found = tuple(statements)
        self._files = files
        self._strange: dict[int, Statement | None] = {}
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
            for share, value in shares(undecided.block):
                chosen = {**choices, undecided.block.variable: value}
                yield from self._outcomes(request, chosen, odds * share, headers)

    def socket(self, request: Request) -> Socket | None:
        """Return the socket that a request arrives at; ``None``: nobody listens."""
        https = request.scheme == "https"
        for socket in self._sockets:
            if socket.ssl == https and request.port in (None, socket.port):
                return socket
        return None

    def listens(self, scheme: str) -> bool:
        """Tell whether any socket speaks a scheme."""
        return any(socket.ssl == (scheme == "https") for socket in self._sockets)

    def level(self, server: Statement) -> Level:
        """Return the locations of a server."""
        found = self._levels.get(id(server))
        if found is None:
            found = self._levels.setdefault(id(server), read_level(server))
        return found

    def check(self, block: Statement) -> None:
        """Raise `NotModelled` where a block has a directive that is not known."""
        if id(block) not in self._strange:
            self._strange[id(block)] = strange(block)
        found = self._strange[id(block)]
        if found is not None:
            raise NotModelled(f"{found.name} in a {block.name}", found.line)

    @property
    def files(self) -> Files | None:
        """Tells what is on disk."""
        return self._files

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


def read_model(
    parsed: Iterable[Mapping[str, Any]],
    version: tuple[int, int, int],
    files: Files | None = None,
) -> Model:
    """Return the model of what crossplane has read; ``files`` tells what is on disk."""
    return Model(read_statements(parsed), version, files)


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
            read, name = read_request(request, self._model.version)
        except BadTarget as error:
            return Outcome(error.status)
        except BadHost:
            return Outcome(400)
        self._read = read
        self._socket = socket
        server, pattern = socket.find(name)
        self._model.check(self._model.http)
        self._model.check(server)
        first = self._named_in_tls(socket) if socket.ssl else socket.first
        check_slashes((self._model.http, first), read)
        state = State(
            read.uri,
            read.args,
            known(request, read, name, server, socket, self._model.http),
            self._choices,
        )
        path = read.sent.partition(b"#")[0].partition(b"?")[0]
        state.quoted = b"%" in path or b"+" in path
        state.escaped = b"%" in path
        state.files = self._model.files
        if pattern is not None:
            search(pattern, name, state)
        answer = run(server.rewrites, state, self._model.variables)
        if isinstance(answer, Answer):
            return self._answered(answer, state, (self._model.http, server), socket)
        return self._located(state, server, read, socket)

    def _is_refused(self, socket: Socket) -> bool:
        reject = self._named_in_tls(socket).first("ssl_reject_handshake")
        return reject is not None and reject.args == ("on",)

    def _named_in_tls(self, socket: Socket) -> Statement:
        wanted = self._request.server_name
        if wanted is None:
            try:
                wanted = read_host(self._request.host, self._model.version)
            except BadHost:
                wanted = b""
        return socket.find(wanted.lower().removesuffix(b"."))[0]

    def _located(self, state: State, server: Statement, read: Target, socket: Socket) -> Outcome:
        level = self._model.level(server)
        for _ in range(_MOST_CYCLES):
            found = find(level, state.uri)
            around = (*found.above, found.location) if found.location is not None else ()
            scopes = (self._model.http, server, *around)
            if found.redirect is not None:
                target = escape(found.redirect) + (b"?" + state.args if state.args else b"")
                return self._answered(Answer(301, target), state, scopes, socket)
            for pattern in (*found.tried, found.pattern):
                if pattern is not None:
                    search(pattern, state.uri, state)
            outcome = self._in_location(found.location, state, scopes)
            if isinstance(outcome, Answer):
                return self._answered(outcome, state, scopes, socket)
            if outcome is Next.GO_ON:
                return self._content(state, found, scopes, read)
        return Outcome(500, server_line=server.line)

    def _in_location(
        self, location: Statement | None, state: State, scopes: tuple[Statement, ...]
    ) -> Answer | Next:
        """Run the rewrite directives of the location that was found; ``None``: there is none."""
        state.branch = None
        state.in_location = True
        state.file = lambda: file_of(state.uri, scopes, state, self._model.variables)
        if location is None:
            return Next.GO_ON
        for scope in scopes[2:]:
            self._model.check(scope)
        if location.first("internal") and not state.rewritten:
            return Answer(404)
        return run(location.rewrites, state, self._model.variables)

    def _inside(
        self, target: bytes, state: State, server: Statement, *, args: bytes | None = None
    ) -> Outcome:
        """Go on with another path: an internal redirect."""
        state.jumps += 1
        if state.jumps > _MOST_CYCLES:
            return Outcome(500, server_line=server.line)
        state.uri, _, query = target.partition(b"?")
        state.args = query if args is None else args
        state.rewritten = True
        answer = run(server.rewrites, state, self._model.variables)
        if isinstance(answer, Answer):
            return self._answered(answer, state, (self._model.http, server), self._socket)
        return self._located(state, server, self._read, self._socket)

    def _in_named(
        self, name: str, item: Statement, state: State, scopes: tuple[Statement, ...]
    ) -> Outcome:
        """Go on in a named location."""
        server = scopes[1]
        named = self._model.level(server).named.get(name)
        if named is None:
            raise NotModelled(f"{item.name} with the location {name}, which is missing", item.line)
        state.jumps += 1
        if state.jumps > _MOST_CYCLES:
            return Outcome(500, server_line=server.line)
        inner = (scopes[0], server, named)
        was, state.rewritten = state.rewritten, True  # so that ``internal`` lets it pass
        outcome = self._in_location(named, state, inner)
        state.rewritten = was or state.changed or not state.in_location
        if isinstance(outcome, Answer):
            return self._answered(outcome, state, inner, self._socket)
        if outcome is Next.AGAIN:
            return self._located(state, server, self._read, self._socket)
        return self._content(state, Found(named), inner, self._read)

    def _answered(
        self, answer: Answer, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> Outcome:
        page = error_page(scopes, answer.status) if answer.text is None else None
        if page is not None and not state.on_error_page:
            return self._on_page(page, answer, state, scopes, socket)
        location = None
        if answer.location is not None:
            location = self._completed(answer.location, state, scopes, socket)
        kept = state.shown if answer.text is not None or answer.status < 201 else None
        return Outcome(
            kept or answer.status,
            location=location,
            text=answer.text,
            server_line=scopes[1].line,
            location_line=scopes[-1].line if len(scopes) > 2 else 0,
            uri=state.uri,
        )

    def _on_page(
        self,
        page: Statement,
        answer: Answer,
        state: State,
        scopes: tuple[Statement, ...],
        socket: Socket,
    ) -> Outcome:
        """Go on at the target of an ``error_page``."""
        if setting(scopes, "recursive_error_pages") != ("on",):
            state.on_error_page = True
        *codes, target = page.args
        changed = next((code[1:] for code in codes if code.startswith("=")), None)
        state.shown = answer.status if changed is None else int(changed or 0) or None
        if target.startswith("@"):
            return self._in_named(target, page, state, scopes)
        text = self._model.variables.expand(target, state, page.line)
        if text.startswith(b"/"):
            if state.known["request_method"] != b"HEAD":
                state.known["request_method"] = b"GET"
            return self._inside(text, state, scopes[1])
        status = int(changed) if changed in ("301", "302", "303", "307", "308") else 302
        return Outcome(
            status,
            location=self._completed(text, state, scopes, socket),
            server_line=scopes[1].line,
            uri=state.uri,
        )

    def _completed(
        self, target: bytes, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> str:
        text = target.decode("latin-1")
        if not text.startswith("/") or setting(scopes, "absolute_redirect") == ("off",):
            return text
        host = state.known["host"].decode("latin-1")
        usual = 443 if socket.ssl else 80
        hidden = setting(scopes, "port_in_redirect") == ("off",) or socket.port in (usual, 0)
        port = "" if hidden else f":{socket.port}"
        return f"{self._request.scheme}://{host}{port}{text}"

    def _content(
        self,
        state: State,
        found: Found,
        scopes: tuple[Statement, ...],
        read: Target,
    ) -> Outcome:
        location = scopes[-1]
        if state.branch is not None and len(scopes) > 2:
            self._model.check(state.branch)
            scopes = (*scopes, state.branch)
        server_line = scopes[1].line
        location_line = location.line if len(scopes) > 2 else 0
        guards = admitted(scopes, self._request.address)
        if guards is None:
            return self._answered(Answer(403), state, scopes, self._socket)
        tries = location.first("try_files") if state.branch is None else None
        if tries is not None:
            last = tried(tries, scopes, state, self._model.variables)
            if isinstance(last, Answer):
                return self._answered(last, state, scopes, self._socket)
            if isinstance(last, str):
                return self._in_named(last, tries, state, scopes)
            if last is not None:
                return self._inside(last, state, scopes[1])
        passed = pass_of(scopes[-1]) or pass_of(location)
        if passed is None:
            return self._file(state, scopes, guards)
        upstream, target = passed_to(passed, state, found, read, self._model.variables)
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
            shown=state.shown,
            server_line=server_line,
            location_line=location_line,
        )

    def _file(
        self, state: State, scopes: tuple[Statement, ...], guards: tuple[str, ...]
    ) -> Outcome:
        """Serve a file, as a location does that neither passes nor returns."""
        variables, files = self._model.variables, self._model.files
        path = file_of(state.uri, scopes, state, variables)
        found = served(path, scopes, state, files) if files is not None else None
        if isinstance(found, Answer):
            return self._answered(found, state, scopes, self._socket)
        if found is not None:
            return self._inside(found, state, scopes[1], args=state.args)
        return Outcome(
            None if files is None else state.shown or 200,
            guards=guards,
            uri=state.uri,
            file=path,
            shown=state.shown,
            server_line=scopes[1].line,
            location_line=scopes[2].line if len(scopes) > 2 else 0,
        )

    def _headers(
        self, scopes: tuple[Statement, ...], passed: Statement, state: State
    ) -> Iterator[tuple[str, str]]:
        name = passed.name.replace("_pass", "_set_header")
        for item in inherited(scopes, name):
            try:
                value = self._model.variables.expand(item.args[1], state, item.line)
            except NotModelled:
                yield item.args[0], item.args[1]
                continue
            yield item.args[0], value.decode("latin-1")
