"""What holds in a place: directives that inner blocks inherit from outer ones.

Scopes are the blocks around a place: ``http``, the server, its locations, the outermost first.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingc.model.locations import PASSES
from ingc.model.tree import Statement
from ingc.syntax.address import read_client, read_network

_AUTHS = ("auth_basic", "auth_request")
_GUARDS = (*_AUTHS, "limit_req", "limit_conn")


def setting(scopes: tuple[Statement, ...], name: str) -> tuple[str, ...] | None:
    """Return a directive's arguments from the innermost scope that has it."""
    for scope in reversed(scopes):
        found = scope.first(name)
        if found is not None:
            return found.args
    return None


def inherited(scopes: tuple[Statement, ...], name: str) -> tuple[Statement, ...]:
    """Return all directives of a name from the innermost scope that has any."""
    for scope in reversed(scopes):
        found = scope.all(name)
        if found:
            return found
    return ()


def error_page(scopes: tuple[Statement, ...], status: int) -> Statement | None:
    """Return the ``error_page`` for a status, of the innermost scope that has any."""
    code = str(status)
    for page in inherited(scopes, "error_page"):
        if code in page.args[:-1]:
            return page
    return None


def guarded(scopes: tuple[Statement, ...], name: str) -> bool:
    """Return whether a directive that may refuse requests holds, and is not ``off``."""
    args = setting(scopes, name)
    return args is not None and args != ("off",)


def pass_of(block: Statement) -> Statement | None:
    """Return the directive of a block that passes requests on."""
    return next(filter(None, map(block.first, PASSES)), None)


def admitted(
    scopes: tuple[Statement, ...], client: str | None, password: bool | None
) -> tuple[str, ...] | int:
    """Return what may still refuse the request; or the status, where it is refused here.

    ``None`` is an address that is not known, or a password, and refuses nobody.
    """
    guards = tuple(name for name in _GUARDS if guarded(scopes, name))
    ruled = ruling(scopes, client) if client is not None else None
    auths = [name for name in guards if name in _AUTHS]
    wrong = password is False and "auth_basic" in auths
    if not auths or setting(scopes, "satisfy") != ("any",):
        if ruled == "deny":
            return 403
        return 401 if wrong else _left(guards, ("auth_basic",) if password else ())
    if ruled == "allow" or (password and "auth_basic" in auths):
        return _left(guards, auths)
    unknown = client is None and any(scope.all("allow") or scope.all("deny") for scope in scopes)
    return 401 if wrong and auths == ["auth_basic"] and not unknown else guards


def _left(guards: tuple[str, ...], passed: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in guards if name not in passed)


def ruling(scopes: tuple[Statement, ...], client: str) -> str | None:
    """Return ``allow`` or ``deny``, by the innermost scope that has such rules; or neither."""
    address = read_client(client)
    for scope in reversed(scopes):
        if not (scope.all("allow") or scope.all("deny")):
            continue
        rules = [item for item in scope.block or () if item.name in ("allow", "deny")]
        for rule in rules:
            text = rule.args[0]
            if text == "unix:":
                continue
            if text == "all" or address in read_network(text):
                return rule.name
        if rules:
            return None
    return None


def must_verify(scopes: tuple[Statement, ...]) -> bool:
    """Return whether a client without a certificate is turned away."""
    return setting(scopes, "ssl_verify_client") == ("on",)


def may_verify(scopes: tuple[Statement, ...]) -> bool:
    """Return whether a client with a certificate that nobody vouches for is turned away."""
    return setting(scopes, "ssl_verify_client") in (("on",), ("optional",))
