"""The tables that nginx builds of lists of headers: those set, those hidden, and MIME types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingc.model.starting.levels import NestedLevel
from ingc.model.starting.refusal import Place, Refusal, crowded
from ingc.model.tree import Statement
from ingc.syntax.hash_table import Size

_FIXED = Size(512, 64)
"""Where no directive names sizes."""
_TYPES = Size(2048, 64)
_SIZES = ("proxy_headers_hash_max_size", "proxy_headers_hash_bucket_size")
_SET = {"proxy": "proxy_set_header", "grpc": "grpc_set_header", "fastcgi": "fastcgi_param"}
_TABLES = {
    "proxy": ("proxy_headers_hash", "proxy_headers_hash"),
    "grpc": ("grpc_headers_hash", "grpc_headers_hash"),
    "fastcgi": ("fastcgi_params_hash", "fastcgi_hide_headers_hash"),
}
_OF_CACHES = "If-Modified-Since If-Unmodified-Since If-None-Match If-Match Range If-Range"
_ADDED = {
    "proxy": (
        "Connection Proxy-Connection Content-Length Transfer-Encoding TE Keep-Alive Expect Upgrade"
    ),
    "grpc": (
        "Content-Length TE Host Connection Proxy-Connection Transfer-Encoding Keep-Alive Expect"
        " Upgrade"
    ),
    "fastcgi": "HOST",
}
"""What nginx sends to the backend by itself, as its newest version does."""
_HIDDEN = {
    "proxy": (
        "Date Server X-Pad X-Accel-Expires X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering"
        " X-Accel-Charset"
    ),
    "grpc": (
        "Date Server X-Accel-Expires X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering"
        " X-Accel-Charset"
    ),
    "fastcgi": (
        "Status X-Accel-Expires X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering"
        " X-Accel-Charset"
    ),
}
"""What nginx hides by itself."""
_PARAM = "HTTP_"


class _List(NamedTuple):
    """The names of which nginx makes a table."""

    table: str
    size: Size
    names: tuple[str, ...]


def header_lists(levels: Iterable[NestedLevel]) -> Iterator[Refusal]:
    """Check each list of headers where nginx makes a table of it."""
    built: set[str] = set()
    checked: set[_List] = set()
    for level in levels:
        for directive, found in _lists(level, built):
            if found not in checked:
                checked.add(found)
                yield from _crowded(found, level.holder(directive), directive)


def _crowded(found: _List, place: Place, directive: str) -> Iterator[Refusal]:
    def places(wanted: frozenset[str]) -> dict[str, tuple[Place]]:
        return dict.fromkeys(wanted, (place,))

    return crowded(found.table, found.names, found.size, places, directive=directive)


def _lists(level: NestedLevel, built: set[str]) -> Iterator[tuple[str, _List]]:
    for module, directive in _SET.items():
        table, hidden_table = _TABLES[module]
        if _builds(level, (directive,), built):
            added = _ADDED[module].split()
            if level.inherited(f"{module}_cache"):
                added += _OF_CACHES.split()
            sent = _merged(_headers(level.inherited(directive), module), added)
            yield directive, _List(table, _size(level, module), sent)
        hides = f"{module}_hide_header"
        if _builds(level, (hides, f"{module}_pass_header"), built):
            hidden = _merged(_firsts(level.inherited(hides)), _HIDDEN[module].split())
            yield hides, _List(hidden_table, _size(level, module), hidden)
    for name in ("gzip_types", "sub_filter_types"):
        if _builds(level, (name,), built):
            types = tuple(arg for item in level.inherited(name) for arg in item.args)
            yield name, _List("test_types_hash", _TYPES, types)


def _builds(level: NestedLevel, directives: tuple[str, ...], built: set[str]) -> bool:
    """Return whether nginx makes a table here: of a list of its own, or of that of ``http`` where
    this is the first server that inherits it, with the sizes that hold there.
    """
    if any(map(level.own, directives)):
        return True
    if not level.is_server or directives[0] in built:
        return False
    # A table of nothing that is set is made anew in each server.
    if level.inherited(directives[0]) or directives[0] not in _SET.values():
        built.add(directives[0])
    return True


def _merged(names: Iterable[str], added: Iterable[str]) -> tuple[str, ...]:
    """Return names in lower case, and those of nginx that are not among them."""
    return tuple(dict.fromkeys(name.lower() for name in (*names, *added)))


def _headers(directives: Iterable[Statement], module: str) -> Iterator[str]:
    if module == "proxy":
        # Host is kept apart from the others.
        yield from (name for name in _firsts(directives) if name.lower() != "host")
    elif module == "grpc":
        yield from _firsts(directives)
    else:
        # Only of those that are headers there is a table.
        yield from (name[len(_PARAM) :] for name in _firsts(directives) if name.startswith(_PARAM))


def _firsts(directives: Iterable[Statement]) -> Iterator[str]:
    return (item.args[0] for item in directives)


def _size(level: NestedLevel, module: str) -> Size:
    if module != "proxy":
        return _FIXED
    most, bucket = map(level.inherited, _SIZES)
    return Size(
        int(most[0].args[0]) if most else _FIXED.max_size,
        int(bucket[0].args[0]) if bucket else _FIXED.bucket_size,
    )
