r"""The target that a backend gets after ``rewrite … break``, byte for byte.

The rules are those of nginx for ``location ~* "^PATH" { rewrite "(?i)PATH" TARGET break;
proxy_pass http://up; }``; the tests hold them against real nginx. What surprises in them:

- The whole URI is replaced, whichever part of it matched. A target without captures sends every
  request of the location to one path, and what lies below is lost.
- Captures are of the decoded URI. nginx encodes the result again in its own way: ``%2F`` in a
  request becomes ``/``, ``%7E`` becomes ``~``, and a byte such as ``"`` or ``|`` that was sent
  plain is encoded.
- The result is sent as it is. Slashes are not merged and dots not resolved: ``/$1`` with a capture
  ``/x`` gives ``//x``. Nothing puts a slash in front: the target ``$1`` with a capture ``x`` sends
  the request line ``GET x HTTP/1.1``, which backends refuse.
- A URI that comes out empty (``$1`` that captured nothing, ``?a``) is answered with 500.
- A ``?`` in the target begins the query, and the request's own query follows after ``&``. At the
  end of the target it is dropped, and the request's query too. A ``?`` that was captured is
  encoded and begins none.
- In that query literal text and ``$name`` stand as they are, with spaces and line feeds; ``$1`` is
  encoded where the client encoded anything in the path, or sent a ``+``, and else stands as it is.
  So a ``$name`` there, or a variable such as ``$uri``, lets a client write lines into the request
  to the backend. Use ``$1`` there, or nothing.
- ``$10`` is ``$1`` and a 0. A group that took no part is empty.
- Names of groups are variables: without case, and shared by the whole server. A group of the name
  of a built-in variable (``host``, ``uri``) makes nginx refuse its configuration, unless that
  variable may be changed (``args``): then the group changes it.

Targets that begin with ``http://``, ``https://`` or ``$scheme`` make nginx answer with a redirect
(302): `redirected`. Captures are encoded there where the client encoded anything, and of the whole
every ``%XX`` that stands for printable ASCII beyond ``%`` is decoded, up to a ``?``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingc.syntax.regex.reading import Pattern, RegexMatch, TooManySteps, read_pattern
from ingc.syntax.text import Text, Variable

_ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})|.", re.DOTALL)
_IN_URI = re.compile(rb'[\x00-\x20"#%<>?\\^`{|}\x7f-\xff]')
_IN_ARGS = re.compile(rb'[\x00-\x20"#%&+;<>?\\^`{|}\x7f-\xff]')


_NUMBERS = frozenset("123456789")


class BadRewrite(ValueError):
    """nginx refuses the target; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class _Capture:
    """A group of the regex, in the target."""

    number: int
    named: bool


_Pieces = tuple[bytes | _Capture, ...]


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """A rewrite directive that was read."""

    pattern: Pattern
    uri: _Pieces
    query: _Pieces | None
    """What follows the target's ``?``."""
    keeps_args: bool


def rewritten(
    uri: bytes, args: bytes, path: str, target: Text, *, quoted: bool = False
) -> bytes | None:
    """Return the request target that the backend receives for a ``$uri`` and a query.

    ``path`` is the regex as in the Ingress, without ``^``; the variables in ``target``
    are its groups, by number or name. ``quoted`` is whether the request's path was sent with a
    ``%`` or a ``+`` in it, which matters for captures in the target's query alone.

    None: the regex does not match, and nginx sends the request as it came. ``b""``: nothing is
    sent, nginx answers 500, as the URI came out empty or PCRE gave up. Raises `BadRegex` and
    `BadRewrite`.
    """
    rewrite = _read(path, target)
    try:
        match = rewrite.pattern.search(uri)
    except TooManySteps:
        return b""
    if match is None:
        return None
    new = b"".join(_filled(rewrite.uri, match))
    if not new:
        return b""
    sent = encoded_path(new)
    query = args if rewrite.keeps_args else b""
    if rewrite.query is not None:
        own = b"".join(_filled(rewrite.query, match, encode=quoted))
        query = own + b"&" + query if query else own
    return sent + b"?" + query if query else sent


def redirected(
    uri: bytes, args: bytes, path: str, target: Text, *, quoted: bool = False
) -> bytes | None:
    """Return the Location of a rewrite whose target is a URL; the arguments are `rewritten`'s.

    None: the regex does not match, or PCRE gave up. Raises `BadRegex` and `BadRewrite`.
    """
    rewrite = _read(path, target)
    try:
        match = rewrite.pattern.search(uri)
    except TooManySteps:
        return None
    if match is None:
        return None
    new = b"".join(_filled(rewrite.uri, match, encode=quoted))
    location = unescaped_redirect(new)
    return location + b"?" + args if args else location


def unescaped_redirect(location: bytes) -> bytes:
    """Decode as nginx does in a Location: it stops after the first question mark."""
    out = b""
    for piece in _ENCODED.finditer(location):
        byte = bytes([int(piece.group(1), 16)]) if piece.group(1) else piece.group()
        out += byte if piece.group(1) is None or b"%" < byte < b"\x7f" else piece.group()
        if byte == b"?":
            return out + location[piece.end() :]
    return out


def _filled(pieces: _Pieces, match: RegexMatch, *, encode: bool = False) -> Iterator[bytes]:
    groups = match.groups()
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            text = groups[piece.number - 1] if piece.number <= len(groups) else None
            plain = piece.named or not encode
            yield (text or b"") if plain else encoded_args(text or b"")


def encoded_path(path: bytes) -> bytes:
    """Return a path as nginx writes it into the request to a backend."""
    return _IN_URI.sub(_encoded, path)


def encoded_args(value: bytes) -> bytes:
    """Return a capture as nginx writes it into a query."""
    return _IN_ARGS.sub(_encoded, value)


def _encoded(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % byte.group()[0]


@lru_cache(maxsize=1024)
def _read(path: str, target: Text) -> _Rewrite:
    pattern = read_pattern(path, caseless=True)
    if not any(target.parts) or "\0" in str(target):
        raise BadRewrite("an empty target, or a NUL in it")
    *before, last = target.parts
    keeps_args = isinstance(last, Variable) or not last.endswith("?")
    parts = target.parts if keeps_args else (*before, str(last)[:-1])
    uri: list[bytes | _Capture] = []
    query: list[bytes | _Capture] | None = None
    for part in parts:
        if isinstance(part, Variable):
            (uri if query is None else query).append(_capture(part.name, pattern))
        elif query is None:
            head, mark, rest = part.partition("?")
            uri.append(head.encode())
            query = [rest.encode()] if mark else None
        else:
            query.append(part.encode())
    return _Rewrite(pattern, tuple(uri), None if query is None else tuple(query), keeps_args)


def _capture(name: str, pattern: Pattern) -> _Capture:
    if name in _NUMBERS:
        return _Capture(int(name), named=False)
    # Of names that differ in case alone nginx takes the last in the order of bytes.
    names = {given.lower(): pattern.groupindex[given] for given in sorted(pattern.groupindex)}
    if name.lower() not in names:
        raise BadRewrite(f'the regex has no group "{name}"')
    return _Capture(names[name.lower()], named=True)
