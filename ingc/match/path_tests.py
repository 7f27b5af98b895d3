"""Whether one route takes a path, without regard to the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ingc.ir import BoundedRegex, Exact, Prefix, Regex, RouteMatch
from ingc.syntax.regex.reading import compile_path

PathTest = Callable[[bytes], bool]
"""From a normalised path. May raise `TooManySteps`."""


def path_test(match: RouteMatch) -> PathTest:
    """Return the test whether a route takes a path."""
    match match:
        case Exact(path):
            return path.encode().__eq__
        case Prefix(path):
            return _below(path)
        case BoundedRegex(pattern, below):
            inside, whole = _below(below), compile_path(f"(?:{pattern})")
            return lambda uri: inside(uri) and whole.search(uri) is not None
        case Regex(pattern):
            regex = compile_path(pattern)
            return lambda uri: regex.search(uri) is not None
        case unreachable:
            assert_never(unreachable)


def _below(path: str) -> PathTest:
    """Return the test for a path and what is below it, by elements."""
    stem = path.encode().removesuffix(b"/")
    return lambda uri: uri.startswith(stem) and uri[len(stem) : len(stem) + 1] in (b"", b"/")
