"""More names for a host, and the twin that is redirected to it."""

from __future__ import annotations

from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import read_number, read_text
from ingc.syntax.text import Variable


def read_alias(place: InEffect) -> Alias | None:
    """Return the names of a host's server beside its first.

    Their place among those of other servers is compared for all servers together.
    """
    _, *others = place.called or ("",)
    return Alias(tuple(others)) if others else None


def seen_alias(expected: ExpectedRoute) -> Alias | None:
    """Return what can be seen of a host's names: some regexes take nothing, and are not written."""
    _, *others = expected.host.names
    return Alias(tuple(others)) if others else None


def read_www_redirect(place: InEffect) -> WwwRedirect | None:
    """Return the redirect of all paths to another host."""
    root = place.level.prefix.get(b"/")
    answer = root.first("return") if root is not None else None
    if answer is None or len(answer.args) < 2:
        return None
    if not isinstance(next(iter(read_text(answer.args[1]).parts), ""), Variable):
        return None
    return WwwRedirect(read_number(answer.args[0], "status"))


def seen_www_redirect(expected: ExpectedRoute) -> WwwRedirect | None:
    """Return what can be seen of it at the host's twin."""
    return expected.host.feature(WwwRedirect)
