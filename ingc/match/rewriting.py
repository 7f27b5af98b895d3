"""What a rewrite makes of a request: the target that the backend gets, or a redirect."""

from __future__ import annotations

from ingc.ir import Route
from ingc.ir.features.rewrite import Rewrite
from ingc.syntax.rewrite import redirected, rewritten
from ingc.syntax.uri import RequestTarget


def sent_upstream(route: Route, read: RequestTarget, passed: bytes) -> bytes | None:
    """Return the target that the backend gets; ``b""``: nginx answers 500, nothing is sent.

    ``passed`` is what it gets where nothing is rewritten.
    """
    rewrite = route.feature(Rewrite) if route.features else None
    if rewrite is None:
        return passed
    if not _is_known(rewrite):
        return None
    found = rewritten(read.uri, read.args, rewrite.pattern or route.path, rewrite.target)
    return passed if found is None else found


def redirected_to(route: Route, read: RequestTarget) -> bytes | None:
    """Return where a rewrite to a URL sends the client; ``b""``: not foretold."""
    rewrite = route.feature(Rewrite) if route.features else None
    if rewrite is None or not rewrite.redirects:
        return None
    if not _is_known(rewrite):
        return b""
    sent = read.sent.partition(b"#")[0].partition(b"?")[0]
    quoted = b"%" in sent or b"+" in sent
    pattern = rewrite.pattern or route.path
    return redirected(read.uri, read.args, pattern, rewrite.target, quoted=quoted)


def _is_known(rewrite: Rewrite) -> bool:
    """Return whether nothing but groups of the path stands in the target."""
    return all(name.isdigit() for name in rewrite.target.variables)
