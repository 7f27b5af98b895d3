"""Requests that tell two routings apart: from each path and host, the ones at its edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_SAFE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=:@"
)
_LONGEST = 2000
"""Bytes of a decoded path; a longer request line might not be read."""


def target_for(path: bytes) -> bytes:
    """Return the request target that nginx decodes to a path."""
    return b"".join(bytes((byte,)) if byte in _SAFE else b"%%%02X" % byte for byte in path)


def path_witnesses(paths: Iterable[bytes]) -> list[bytes]:
    """Return request targets around decoded paths, each once, in a fixed order.

    For each path: itself, with and without the slash at its end, one element and one character
    longer, a neighbour, in the other case, its parent. Always the root and a path that nobody has.
    """
    found: dict[bytes, None] = {b"/": None, b"/ingc-no-such-path": None}
    for path in paths:
        if path.startswith(b"/") and len(path) <= _LONGEST:
            found.update(dict.fromkeys(_around(path)))
    return [target_for(path) for path in found]


def _around(path: bytes) -> Iterator[bytes]:
    stem = path.rstrip(b"/")
    yield path
    if stem:
        yield stem
        yield stem + b"/"
        yield stem + b"/x"
        yield stem + b"x"
        yield stem[:-1] + bytes((stem[-1] ^ 1,)) if stem[-1:].isalnum() else stem + b"0"
        yield stem.rpartition(b"/")[0] + b"/"
    if path.swapcase() != path:
        yield path.swapcase()


def host_witnesses(hosts: Iterable[str]) -> list[bytes]:
    """Return Host headers around names: itself, one label more, one less, another name."""
    found: dict[str, None] = {"nobody.invalid": None}
    for host in hosts:
        if host.startswith("*."):
            found.update(dict.fromkeys((f"a{host[1:]}", f"a.b{host[1:]}", host[2:])))
        elif host and not host.startswith("~"):
            found.update(dict.fromkeys((host, f"x.{host}", host.partition(".")[2] or f"{host}x")))
    return [host.encode() for host in found]
