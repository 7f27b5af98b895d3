"""Where a request is passed to, and the request target that arrives there."""

from __future__ import annotations

from ingc.model.locations import FoundLocation
from ingc.model.machine import State, escape
from ingc.model.outcome import NotModelled
from ingc.model.tree import Statement
from ingc.model.values import Variables
from ingc.syntax.uri import RequestTarget

_SCHEMES = {"grpc_pass": "grpc", "fastcgi_pass": "fastcgi", "proxy_pass": "http"}


def protocol_of(passed: Statement, state: State, variables: Variables) -> str:
    """Return how the upstream is spoken to; see `ingc.model.outcome.Outcome`."""
    protocol, mark, _ = passed.args[0].partition("://")
    if not mark:
        protocol = _SCHEMES.get(passed.name, passed.name)
    if protocol.startswith("$"):
        protocol = variables.expand(protocol, state, passed.line).decode()
    return protocol


def passed_to(
    passed: Statement, state: State, found: FoundLocation, read: RequestTarget, variables: Variables
) -> tuple[str, bytes]:
    """Return the upstream and the request target that it gets. Raises `NotModelled`."""
    written = passed.args[0]
    variable = "$" in written
    text = variables.expand(written, state, passed.line)
    rest = text.partition(b"://")[2] if b"://" in text else text
    authority, slash, path = rest.partition(b"/")
    sent = read.passed if not state.rewritten else _rebuilt(state)
    if not slash or authority == b"unix:":
        return authority.decode("latin-1"), sent
    if variable:
        return authority.decode("latin-1"), slash + path
    if not state.in_location:
        return authority.decode("latin-1"), sent
    if found.pattern is not None:
        raise NotModelled("proxy_pass with a path in a regex location", passed.line)
    tail = state.uri[len(found.name) :]
    if state.escaped or state.rewritten:
        tail = escape(tail)
    query = b"?" + state.args if state.args else b""
    return authority.decode("latin-1"), slash + path + tail + query


def _rebuilt(state: State) -> bytes:
    return escape(state.uri) + (b"?" + state.args if state.args else b"")
