"""What holds in a place: directives that inner blocks inherit from outer ones.

Scopes are the blocks around a place: ``http``, the server, its locations, the outermost first.
"""

from __future__ import annotations

from ingc.model.locations import PASSES
from ingc.model.tree import Statement


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


def intercepted(scopes: tuple[Statement, ...], passed: Statement, status: int) -> bool:
    """Return whether an ``error_page`` takes the place of an upstream's answer."""
    on = setting(scopes, f"{passed.name.removesuffix('_pass')}_intercept_errors") == ("on",)
    return on and status >= 300 and error_page(scopes, status) is not None


def guarded(scopes: tuple[Statement, ...], name: str) -> bool:
    """Return whether a directive that may refuse requests holds, and is not ``off``."""
    args = setting(scopes, name)
    return args is not None and args != ("off",)


def pass_of(block: Statement) -> Statement | None:
    """Return the directive of a block that passes requests on."""
    return next(filter(None, map(block.first, PASSES)), None)
