"""One request on its way: server, location, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ingc.model.admission import admitted
from ingc.model.checks import checks_of
from ingc.model.files import file_of, served, tried
from ingc.model.handshake import (
    BAD_CERTIFICATE,
    MISDIRECTED,
    NO_CERTIFICATE,
    certificate_refused,
    is_misdirected,
    refuses,
)
from ingc.model.headers import added, sent_on
from ingc.model.locations import FoundLocation, Level, find
from ingc.model.machine import Answered, Next, State, escape, run, run_late
from ingc.model.outcome import Files, HeadersWanted, NotModelled, Outcome
from ingc.model.passing import passed_to, protocol_of
from ingc.model.reading import check_slashes, known, with_address
from ingc.model.scopes import error_page, intercepted, pass_of, setting
from ingc.model.servers import Socket
from ingc.model.tree import LATE, Statement
from ingc.model.values import Variables, search
from ingc.syntax.header_rules import HeaderRules, read_headers
from ingc.syntax.host import read_host
from ingc.syntax.request import NO_PRELUDE, Request, read_request, tls_name
from ingc.syntax.uri import BadTarget, RequestTarget

_MOST_CYCLES = 10
_CERTIFICATES = (BAD_CERTIFICATE, NO_CERTIFICATE)
Choices = dict[str, bytes]
"""What each ``split_clients`` gives, by the name of its variable."""


class Configuration(Protocol):
    """What a request meets; `ingc.model.Model`."""

    @property
    def files(self) -> Files | None:
        """What is on disk, by path; ``None``: not modelled."""

    @property
    def variables(self) -> Variables:
        """The variables of the configuration."""

    @property
    def version(self) -> tuple[int, int, int]:
        """The nginx that is modelled."""

    @property
    def http(self) -> Statement:
        """The ``http`` block."""

    @property
    def rates(self) -> Mapping[str, str]:
        """The rates of the zones of ``limit_req``, by their names."""

    @property
    def limit_keys(self) -> Mapping[str, str]:
        """By what the zones of limits distinguish clients, by their names."""

    def socket(self, request: Request) -> Socket | None:
        """Return the socket that a request arrives at."""

    def level(self, server: Statement) -> Level:
        """Return the locations of a server."""

    def header_rules(self, server: Statement) -> HeaderRules:
        """Return which headers a server reads, and how long they may be."""

    def check(self, block: Statement) -> None:
        """Raise `NotModelled` where a block has a directive that is not known."""


class Run:
    """One request on its way."""

    def __init__(
        self,
        model: Configuration,
        request: Request,
        headers: HeadersWanted,
        taken: FoundLocation | None,
        there: tuple[int, ...],
        choices: Choices,
    ) -> None:
        """``headers`` are those that the outcome has; ``taken`` is the location that
        takes the request, ``None`` the one that is found. ``there`` has for each ``try_files`` that
        is met the number of the file that is there; for others that is not known.
        """
        self._model = model
        self._taken = taken
        self._headers = headers
        self._read: RequestTarget
        self._socket: Socket
        self._request = request
        self._choices = choices
        self._there = there

    def outcome(self) -> Outcome:
        request, socket = self._request, self._model.socket(self._request)
        version = self._model.version
        if socket is None or (socket.proxied and request.prelude == NO_PRELUDE):
            return Outcome(None, refused=True)
        if request.scheme == "https" and refuses(socket, tls_name(request, version)):
            return Outcome(None, refused=True)
        try:
            name, read = read_request(request, version, self._model.header_rules(socket.first))
        except BadTarget as error:
            return self._unread(error, socket)
        self._read = read
        self._socket = socket
        server, pattern = socket.find(name)
        request = self._heard(request, server)
        self._model.check(self._model.http)
        self._model.check(server)
        in_tls = tls_name(request, version) if socket.ssl else b""
        first = socket.find(in_tls)[0] if socket.ssl else socket.first
        check_slashes((self._model.http, first), read)
        refused: Answered | None = None
        if socket.ssl:
            http = self._model.http
            status, request = certificate_refused(request, in_tls, name, socket, http)
            refused = None if status is None else Answered(status)
        peer = request.address
        self._request = with_address(request, (self._model.http, server))
        state = State(
            read.uri,
            read.args,
            known(self._request, read, name, server, socket, self._model.http, peer=peer),
            self._choices,
        )
        path = read.sent.partition(b"#")[0].partition(b"?")[0]
        state.quoted = b"%" in path or b"+" in path
        state.escaped = b"%" in path
        state.files = self._model.files
        state.there = self._there
        if pattern is not None:
            search(pattern, name, state)
        if refused is not None:
            return self._answered(refused, state, (self._model.http, server), socket)
        answer = run(server.rewrites, state, self._model.variables)
        if isinstance(answer, Answered):
            return self._answered(answer, state, (self._model.http, server), socket)
        return self._located(state, server, read, socket)

    def _heard(self, request: Request, server: Statement) -> Request:
        """Return a request with the headers that nginx reads: after Host, by its server's rules."""
        rules = self._model.header_rules(server)
        kept = read_headers(request.headers, rules, self._model.version)
        return request if kept == request.headers else request._replace(headers=kept)

    def _unread(self, error: BadTarget, socket: Socket) -> Outcome:
        """Return the answer to a request that can't be read: no location of a server is looked up.

        The method is judged last, by the server of the Host; all else by that of the TLS name.
        """
        request, version = self._request, self._model.version
        in_tls, http = tls_name(request, version), self._model.http
        if error.host is not None and is_misdirected(in_tls, error.host, socket, http):
            return Outcome(MISDIRECTED)
        judged = error.status == 405
        name = read_host(request.host, version) if judged else tls_name(request, version)
        server = socket.find(name)[0] if judged or socket.ssl else socket.first
        read = RequestTarget(b"", b"")
        heard = self._heard(request, server) if judged else request._replace(headers=())
        about = known(heard, read, b"", server, socket, self._model.http)
        state = State(b"", b"", about, self._choices)
        sent = self._sent_with(error.status, (self._model.http, server), state)
        return Outcome(error.status, sent=sent, why=error.why)

    def _located(
        self, state: State, server: Statement, read: RequestTarget, socket: Socket
    ) -> Outcome:
        level = self._model.level(server)
        for _ in range(_MOST_CYCLES):
            found, self._taken = self._taken or find(level, state.uri), None
            around = (*found.above, found.location) if found.location is not None else ()
            scopes = (self._model.http, server, *around)
            if found.redirect is not None:
                target = escape(found.redirect) + (b"?" + state.args if state.args else b"")
                return self._answered(Answered(301, target), state, scopes, socket)
            for pattern in (*found.tried, found.pattern):
                if pattern is not None:
                    search(pattern, state.uri, state)
            outcome = self._in_location(found.location, state, scopes)
            if isinstance(outcome, Answered):
                return self._answered(outcome, state, scopes, socket)
            if outcome is Next.GO_ON:
                return self._content(state, found, scopes, read)
        return Outcome(500, server_line=server.line)

    def _in_location(
        self, location: Statement | None, state: State, scopes: tuple[Statement, ...]
    ) -> Answered | Next:
        """Run the rewrite directives of the location that was found; ``None``: there is none."""
        state.branch = None
        state.in_location = True
        state.file = lambda: file_of(state.uri, scopes, state, self._model.variables)
        if location is None:
            return Next.GO_ON
        for scope in scopes[2:]:
            self._model.check(scope)
        if location.first("internal") and not state.rewritten:
            return Answered(404)
        found = run(location.rewrites, state, self._model.variables)
        late = location.first(LATE) if found is Next.GO_ON else None
        return found if late is None else run_late(late, state, self._model.variables)

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
        if isinstance(answer, Answered):
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
        if isinstance(outcome, Answered):
            return self._answered(outcome, state, inner, self._socket)
        if outcome is Next.AGAIN:
            return self._located(state, server, self._read, self._socket)
        return self._content(state, FoundLocation(named), inner, self._read)

    def _answered(
        self, answer: Answered, state: State, scopes: tuple[Statement, ...], socket: Socket
    ) -> Outcome:
        page = error_page(scopes, answer.status) if answer.text is None else None
        if page is not None and not state.on_error_page:
            return self._on_page(page, answer, state, scopes, socket)
        location = None
        if answer.location is not None:
            location = self._completed(answer.location, state, scopes, socket)
        kept = state.shown if answer.text is not None or answer.status < 201 else None
        inner = scopes if state.branch in (None, scopes[-1]) else (*scopes, state.branch)
        return Outcome(
            kept or (400 if answer.status in _CERTIFICATES else answer.status),
            location=location,
            text=answer.text,
            sent=self._sent_with(kept or answer.status, inner, state),
            server_line=scopes[1].line,
            location_line=scopes[-1].line if len(scopes) > 2 else 0,
            answer_line=answer.line,
            uri=state.uri,
        )

    def _on_page(
        self,
        page: Statement,
        answer: Answered,
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
        found: FoundLocation,
        scopes: tuple[Statement, ...],
        read: RequestTarget,
    ) -> Outcome:
        location = scopes[-1]
        if state.branch is not None and len(scopes) > 2:
            self._model.check(state.branch)
            scopes = (*scopes, state.branch)
        server_line = scopes[1].line
        location_line = location.line if len(scopes) > 2 else 0
        keys, variables = self._model.limit_keys, self._model.variables
        guards = admitted(scopes, self._request, state, variables, keys)
        if isinstance(guards, int):
            return self._answered(Answered(guards), state, scopes, self._socket)
        tries = location.first("try_files") if state.branch is None else None
        if tries is not None:
            last = tried(tries, scopes, state, variables)
            if isinstance(last, Answered):
                return self._answered(last, state, scopes, self._socket)
            if isinstance(last, str):
                return self._in_named(last, tries, state, scopes)
            if last is not None:
                return self._inside(last, state, scopes[1])
        passed = pass_of(scopes[-1]) or pass_of(location)
        if passed is None:
            return self._file(state, scopes, guards)
        upstream, target = passed_to(passed, state, found, read, variables)
        reply = self._request.reply
        if reply is not None and intercepted(scopes, passed, reply):
            return self._answered(Answered(reply), state, scopes, self._socket)
        return Outcome(
            None,
            upstream=upstream,
            target=target,
            protocol=protocol_of(passed, state, variables),
            guards=guards,
            headers=self._sent_on(scopes, passed, state),
            sent=self._sent_with(state.shown, scopes, state),
            checks=checks_of(scopes, self._model.level(scopes[1]), self._model.rates),
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
        if isinstance(found, Answered):
            return self._answered(found, state, scopes, self._socket)
        if found is not None:
            return self._inside(found, state, scopes[1], args=state.args)
        return Outcome(
            None if files is None else state.shown or 200,
            guards=guards,
            sent=self._sent_with(state.shown or 200, scopes, state),
            checks=checks_of(scopes, self._model.level(scopes[1]), self._model.rates),
            uri=state.uri,
            file=path,
            shown=state.shown,
            server_line=scopes[1].line,
            location_line=scopes[2].line if len(scopes) > 2 else 0,
        )

    def _sent_with(
        self, status: int | None, scopes: tuple[Statement, ...], state: State
    ) -> tuple[tuple[str, str], ...]:
        """Return the headers that are added to an answer; ``None``: its status is not known."""
        if not self._headers.added:
            return ()
        return tuple(added(status, scopes, state, self._model.variables))

    def _sent_on(
        self, scopes: tuple[Statement, ...], passed: Statement, state: State
    ) -> tuple[tuple[str, str], ...]:
        if not self._headers.passed:
            return ()
        return tuple(sent_on(scopes, passed, state, self._model.variables))
