"""Redirects to https, and from a host's root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.prove.belonging import own_rewrites
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_number, read_text, render
from ingc.syntax.text import Text, Variable

REFUSALS = (("403",), ("503",))
"""What a route for https alone returns to plain http."""
_CLIENTS = "$ingc_scheme"
"""The scheme that a client uses, where a proxy in front of nginx says it."""
_PLAIN = (("$scheme", "=", "http"), (_CLIENTS, "=", "http"))
_SENT, _STRIPPED = Variable("request_uri"), Variable("ingc_redirect_uri")
_WITHOUT_SLASH = {"~^(?<ingc_stripped>.*)/$": "$ingc_stripped", "default": "$request_uri"}
_FOUND = "302"


def answers_to_http(place: InEffect) -> Iterator[tuple[str, ...]]:
    """Yield what a location returns to plain http alone, in the order of the text.

    The arguments of ``return``. What only `_CLIENTS` decides may be passed by.
    """
    for item in own_rewrites(place, "if"):
        answer = item.first("return")
        if item.args in _PLAIN and answer is not None:
            yield answer.args
            if item.args[0] != _CLIENTS:
                return


def acts_on_http(expected: ExpectedRoute) -> bool:
    """Return whether requests of the scheme may be a client's plain http."""
    return expected.scheme == "http" or expected.settings.policies.front.tells_scheme


def read_https_redirect(place: InEffect) -> HttpsRedirect | None:
    """Return the redirect to the same host and path on https."""
    always = (item.args for item in own_rewrites(place, "return"))
    for answer in (*answers_to_http(place), *always):
        text = read_text(answer[-1])
        first = text.parts[0] if text.parts else ""
        if len(answer) > 1 and isinstance(first, str) and first == "https://":
            return _to_https(read_number(answer[0], "status"), text, place)
    return None


def _to_https(status: int, text: Text, place: InEffect) -> HttpsRedirect:
    """Return a redirect; `HttpsRedirect.with_port` says that it names any port."""
    _, host, *port, path = (*text.parts, "") if len(text.parts) < 3 else text.parts
    if not isinstance(host, Variable):
        raise NoValue("", f"a redirect to {render(text)}")
    if path == _STRIPPED:
        block = place.written.blocks.get(_STRIPPED.name)
        if block is None or dict(block.entries) != _WITHOUT_SLASH:
            raise NoValue("keep_slash", "a path without more than one slash")
    elif path != _SENT:
        raise NoValue("keep_slash", f"the path {render(path)}")
    return HttpsRedirect(status, keep_slash=path == _SENT, with_port=bool(port))


def seen_https_redirect(expected: ExpectedRoute) -> HttpsRedirect | None:
    """Return what can be seen of a route's redirect: another port may be named for everybody."""
    own = expected.route.feature(HttpsRedirect)
    if own is None or not acts_on_http(expected):
        return None
    named = own.with_port or bool(expected.settings.redirect_port)
    return replace(own, with_port=named)


def read_app_root(place: InEffect) -> AppRoot | None:
    """Return the path that a request for the root of a server is redirected to."""
    root = place.level.exact.get(b"/")
    answer = root.first("return") if root is not None else None
    if answer is None or answer.args[0] != _FOUND:
        return None
    scheme, *rest = read_text(answer.args[-1]).parts
    if scheme != Variable("scheme") or len(rest) < 2 or not _is_own_host(rest[1]):
        return None
    return AppRoot(render(Text(tuple(rest[2:]))))


def _is_own_host(part: object) -> bool:
    return isinstance(part, Variable) and part.name.startswith("ingc_")


def seen_app_root(expected: ExpectedRoute) -> AppRoot | None:
    """Return what can be seen of a host's redirect from its root."""
    return expected.host.feature(AppRoot)
