"""The path that a backend gets in place of the one that was sent, and what was taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.ir import Host, Route
from ingc.ir.features.rewrite import Rewrite
from ingc.prove.belonging import own_rewrites
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.features.headers import constant
from ingc.prove.values import NoValue, read_text
from ingc.syntax.text import Text, Variable

_PREFIX = "x-forwarded-prefix"
_CASELESS = "(?i)"
_CLEAN = r"~^(?<ingc_printable>[^\x00-\x1f\x7f]*)\z"
"""What may stand in a header: a group of a path may match a line break."""


def forward_rewrite(
    feature: Rewrite, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the prefix that the backend gets to know."""
    if feature.prefix is not None:
        yield "X-Forwarded-Prefix", constant(feature.prefix)


def read_rewrite(place: InEffect) -> Rewrite | None:
    """Return what a location makes of the path, and the prefix that the backend gets to know."""
    rewrites = own_rewrites(place, "rewrite")
    if not rewrites:
        return None
    if len(rewrites) > 1 or rewrites[0].args[2:] != ("break",):
        raise NoValue("target", "a path that is replaced and looked up once more")
    pattern, target, _ = rewrites[0].args
    if not pattern.startswith(_CASELESS):
        raise NoValue("pattern", f"{pattern}, in which the case counts")
    header = place.header(_PREFIX)
    prefix = None if header is None else _printable(place, header)
    return Rewrite(read_text(target), prefix, pattern.removeprefix(_CASELESS))


def _printable(place: InEffect, text: Text) -> Text | None:
    """Return the text that a map passes on where it can stand in a header."""
    if len(text.parts) != 1 or not isinstance(text.parts[0], Variable):
        return None
    block = place.written.blocks.get(text.parts[0].name)
    if block is None or dict(block.entries) != {"default": "", _CLEAN: "$ingc_printable"}:
        return None
    return read_text(block.source)


def seen_rewrite(expected: ExpectedRoute) -> Rewrite | None:
    """Return what can be seen of a route's rewrite: the pattern, where it is the path's too."""
    own = expected.route.feature(Rewrite)
    if own is None or not expected.module:
        return None
    return replace(own, pattern=own.pattern or expected.route.path)
