"""Requests that distinguish two routings: from each path and host, the ones at its edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.syntax.regex.samples import sample
from ingc.syntax.uri import BadTarget, read_target

_SAFE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=:@"
)
_PLAIN = bytes(sorted(_SAFE))
LONGEST = 2000
"""Bytes of a decoded path; a longer request line might not be read."""
NOBODY = b"nobody.invalid"
"""A name that no host takes, unless a regex does."""


def is_plain(path: bytes) -> bool:
    """Return whether a path is sent as it is."""
    return not path.translate(None, _PLAIN)


def target_for(path: bytes) -> bytes:
    """Return the request target that nginx decodes to a path."""
    if is_plain(path):
        return path
    return b"".join(bytes((byte,)) if byte in _SAFE else b"%%%02X" % byte for byte in path)


def uri_witnesses(paths: Iterable[bytes]) -> list[bytes]:
    """Return normalised paths around decoded ones, each once, in a fixed order.

    For each path: itself, with and without the slash at its end, one element and one character
    longer, a neighbour, in the other case, its parent. Always the root and a path that nobody has.
    """
    found: dict[bytes, None] = {b"/": None, b"/ingc-no-such-path": None}
    for path in paths:
        if path.startswith(b"/") and len(path) <= LONGEST:
            around = _around(path)
            found.update(dict.fromkeys(around if _is_normal(path) else _normalised(around)))
    return list(found)


def path_witnesses(paths: Iterable[bytes]) -> list[bytes]:
    """Return the request targets of `uri_witnesses`."""
    return [target_for(uri) for uri in uri_witnesses(paths)]


def _is_normal(path: bytes) -> bool:
    return b"//" not in path and b"/." not in path


def _normalised(paths: Iterable[bytes]) -> Iterator[bytes]:
    for path in paths:
        try:
            yield read_target(target_for(path)).uri
        except BadTarget:
            continue


def _around(path: bytes) -> list[bytes]:
    stem = path.rstrip(b"/")
    swapped = path.swapcase()
    found = [path] if swapped == path else [path, swapped]
    if stem:
        last = stem[-1:]
        near = stem[:-1] + bytes((stem[-1] ^ 1,)) if last.isalnum() else stem + b"0"
        parent = stem.rpartition(b"/")[0] + b"/"
        found += [stem, stem + b"/", stem + b"/x", stem + b"x", near, parent]
    return found


def own_names(name: str) -> tuple[bytes, ...]:
    """Return Host headers for a name: labels in front of a wildcard's suffix, the likeliest first.

    None where no text for a regex is found.
    """
    if name.startswith("~"):
        found = sample(name[1:])
        return (found.lower(),) if found else ()
    if name.startswith("*."):
        return tuple(f"{label}{name[1:]}".encode() for label in ("a", "ingc-label", "ingc-other"))
    return (name.encode() or NOBODY,)


def near_names(name: str) -> tuple[bytes, ...]:
    """Return Host headers that a name must not take: a label more, one less, a like one."""
    if name.startswith("*."):
        suffix = name[1:]
        unlike = f"a.{suffix[1:].replace('.', 'x')}"
        return tuple(each.encode() for each in (f"a.b{suffix}", suffix[1:], f"a{suffix}.x", unlike))
    if not name or name.startswith("~"):
        return ()
    return f"x.{name}".encode(), (name.partition(".")[2] or f"{name}x").encode()
