"""Regular expressions on PCRE2, the engine that nginx uses."""

from __future__ import annotations

from typing import Protocol, cast


class BadRegex(ValueError):
    """PCRE2 refuses the pattern; ``position`` is the offset in it, in bytes."""

    def __init__(self, why: str, position: int) -> None:
        super().__init__(why)
        self.why = why
        self.position = position


class Pattern(Protocol):
    """A compiled pattern over bytes."""

    def search(self, subject: bytes, /) -> object | None:
        """Return a match anywhere in the subject, or ``None``."""


def compile_path(pattern: str) -> Pattern:
    """Compile a path regex as nginx does for ``location ~* "^…"``: over bytes, caseless.

    ``pattern`` is written without the leading ``^``, which is put before its text and nothing
    else: after a ``|`` the pattern is unanchored, as in ingress-nginx. Raises `BadRegex`.
    """
    import pcre2

    try:
        compiled = pcre2.compile(("^" + pattern).encode(), pcre2.IGNORECASE)
    except pcre2.PatternError as error:
        why = str(error).partition("; ")[2] or str(error)
        raise BadRegex(why, max(0, error.pos - 1)) from error
    return cast("Pattern", compiled)
