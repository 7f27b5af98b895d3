"""What routes take, as regexes of nginx, which tries them one after the other."""

from __future__ import annotations

from typing import Literal, assert_never

from ingc.ir.matches import BoundedRegex, Exact, Prefix, Regex, RouteMatch
from ingc.syntax.regex.paths import bounded_regex, exact_regex, prefix_regex
from ingc.syntax.token import Unprintable, quote


def as_regex(match: RouteMatch) -> tuple[Literal["~", "~*"], str]:
    """Return the modifier and the name of the location that takes what a route takes."""
    match match:
        case Exact(path):
            return "~", exact_regex(path)
        case Prefix(path):
            return "~", prefix_regex(path)
        case BoundedRegex(pattern, below):
            return "~", bounded_regex(pattern, below)
        case Regex(pattern):
            return "~*", f"^{pattern}"
        case unreachable:
            assert_never(unreachable)


def can_be_written(match: RouteMatch) -> bool:
    """Return whether nginx reads such a regex as one token."""
    try:
        quote(as_regex(match)[1])
    except Unprintable:
        return False
    return True
