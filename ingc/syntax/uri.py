"""Request targets as nginx reads them, from the request line to ``$uri``.

The rules are those of nginx's ``ngx_http_parse_request_line`` and
``ngx_http_parse_complex_uri`` with ``merge_slashes on``, its default. The tests hold them
against real nginx, byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLAIN = re.compile(rb"(?:/(?!\.)[^/%?#\x00-\x20\x7f]+)+/?|/").fullmatch
_PLAIN_TARGET = re.compile(
    rb"((?:/(?!\.)[^/%?#\x00-\x20\x7f]+)+/?|/)(?:\?([^#\x00-\x20\x7f]*))?"
).fullmatch
_FORBIDDEN = re.compile(rb"[\x00-\x20\x7f]").search
_AUTHORITY = rb"(?:[A-Za-z0-9.-]+|\[[0-9A-Za-z:.!$&'()*+,;=_~-]*\])"
_ABSOLUTE = re.compile(
    rb"[A-Za-z][A-Za-z0-9+.-]*://(" + _AUTHORITY + rb"(?::[0-9]*)?)(?=[/?]|\Z)"
).match
_HOST_AND_PORT = re.compile(_AUTHORITY + rb":[0-9]+").fullmatch
_ESCAPE = re.compile(rb"%(..?)?", re.DOTALL)
_GOOD_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_HEX = re.compile(rb"[0-9A-Fa-f]{2}").fullmatch


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A request target after nginx has read it."""

    uri: bytes
    """``$uri``: decoded, dot segments resolved, slashes merged; begins with ``/``."""
    args: bytes
    """What follows the ``?``, as sent, without a fragment."""
    host: bytes | None = None
    """The host of an absolute target (``http://host:80/path``), with its port, as sent; it beats
    the Host header."""
    sent: bytes = b""
    """``$request_uri``: the target as sent, without an absolute form's scheme and host. Of
    ``http://host?a`` it is ``?a``, and of ``http://host`` it is ``/``."""

    @property
    def passed(self) -> bytes:
        """What a backend gets where nothing is rewritten: as sent, but for an absolute target
        without a path, which nginx writes anew.
        """
        if self.sent.startswith(b"/"):
            return self.sent
        return b"/?" + self.args if self.args else b"/"


class BadTarget(Exception):
    """nginx refuses the request line; ``status`` is its answer.

    ``host`` is ``$host`` where nginx has read it before; ``None``: it has not.
    """

    def __init__(self, status: int, why: str, host: bytes | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.host = host


def check_bytes(raw: bytes) -> None:
    """Raise `BadTarget` for a byte that nginx refuses anywhere in a target."""
    if _FORBIDDEN(raw):
        raise BadTarget(400, "the request target holds a space or a control character")


def plain_target(raw: bytes) -> bytes | None:
    """Return ``$uri`` of a target whose path is already as nginx would make it, fast.

    ``None``: `read_target` has to decide.
    """
    found = _PLAIN_TARGET(raw)
    return found[1] if found is not None else None


def read_target(raw: bytes) -> RequestTarget:
    """Read a request target in origin or absolute form.

    Raises `BadTarget` where nginx answers 400.
    """
    plain = _PLAIN_TARGET(raw)
    if plain is not None:
        return RequestTarget(plain[1], plain[2] or b"", None, raw)
    if not raw:
        raise BadTarget(400, "the request target is empty")
    check_bytes(raw)
    host: bytes | None = None
    sent = raw
    if not raw.startswith(b"/"):
        absolute = _ABSOLUTE(raw)
        if absolute is None:
            raise BadTarget(400, "the request target does not begin with a slash")
        host, sent = absolute.group(1), raw[absolute.end() :] or b"/"
    whole, _, _ = sent.partition(b"#")
    path, _, args = whole.partition(b"?")
    return RequestTarget(normalise(path or b"/"), args, host, sent)


def read_authority(raw: bytes) -> RequestTarget:
    """Read the ``host:port`` that CONNECT takes in place of a target.

    Raises `BadTarget` where nginx answers 400.
    """
    if not _HOST_AND_PORT(raw):
        raise BadTarget(400, "the target of CONNECT is not a host and a port")
    return RequestTarget(b"", b"", raw, raw)


def normalise(path: bytes) -> bytes:
    """Return ``$uri`` for the path part of a target (no ``?`` or ``#`` in it).

    Raises `BadTarget` for a broken escape, an encoded NUL, or a ``..`` above the root.
    """
    if _PLAIN(path):
        return path
    return remove_dot_segments(_ESCAPE.sub(_decode_strictly, path))


def remove_dot_segments(path: bytes) -> bytes:
    """Merge slashes and resolve ``.`` and ``..`` in a decoded path that begins with ``/``.

    Raises `BadTarget` for a ``..`` above the root.
    """
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            if not kept:
                raise BadTarget(400, "the path climbs above the root")
            kept.pop()
        elif segment not in (b"", b"."):
            kept.append(segment)
    directory = segments[-1] in (b"", b".", b"..")
    return b"/" + b"/".join(kept) + (b"/" if directory and kept else b"")


def _decode_strictly(escape: re.Match[bytes]) -> bytes:
    digits = escape.group(1)
    if digits is None or not _HEX(digits):
        raise BadTarget(400, "a % is not followed by two hexadecimal digits")
    byte = bytes.fromhex(digits.decode("ascii"))
    if byte == b"\0":
        raise BadTarget(400, "the path holds an encoded NUL")
    return byte


def decode_once(path: str) -> bytes:
    """Percent-decode a rule's path; a ``%`` without two hexadecimal digits stands for itself.

    The path of an Ingress rule names what a client requests, so it is decoded as nginx decodes
    a request before it is compared with ``$uri``.
    """
    raw = path.encode("utf-8", "surrogatepass")
    return _GOOD_ESCAPE.sub(lambda escape: bytes.fromhex(escape.group(1).decode()), raw)
