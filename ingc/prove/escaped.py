"""Whether a variable is the path and query of the request, percent-encoded."""

from __future__ import annotations

from ingc.model import NotModelled
from ingc.model.reading import header_rules
from ingc.prove.effective import InEffect
from ingc.syntax.text import Variable

_ENCODED = frozenset(b"%&+#;")
"""What ends a parameter of a query, or means something else in it, for one reader or another."""

_MOST = 65535
"""The longest URI that has to be encoded, however large nginx's buffers are."""

_NO_BYTES = frozenset(b"\n\r \0\t")
"""What no request has in its URI."""


def is_escaped(inner: InEffect, part: str | Variable) -> bool:
    """Return whether a part of a text is each URI that a client may send, percent-encoded.

    Nothing else of it may be left out; ``/`` alone stands for a URI that is too long for nginx.
    """
    if not isinstance(part, Variable):
        return False
    known = inner.written.escaped
    key = (part, inner.assigned.get(part.name))
    if key not in known:
        most = min(_MOST, header_rules((inner.written.http,)).longest * 8 // 5)
        known[key] = _encodes(inner, part, most)
    return known[key]


def _encodes(inner: InEffect, part: Variable, most: int) -> bool:
    if any(_value(inner, part, uri) != _encoded(uri) for uri in _uris(most)):
        return False
    too_long = b"/" + b"&" * (_MOST + 1)
    return _value(inner, part, too_long) in (b"/", _encoded(too_long))


def _value(inner: InEffect, part: Variable, uri: bytes) -> bytes | None:
    try:
        return inner.expand(f"${{{part.name}}}", request_uri=uri).encode("latin-1")
    except NotModelled:
        return None


def _encoded(uri: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte if byte in _ENCODED else bytes((byte,)) for byte in uri)


def _uris(most: int) -> tuple[bytes, ...]:
    """Return URIs: of every byte, and the longest; each of its stretches has much to encode."""
    every = bytes(byte for byte in range(256) if byte not in _NO_BYTES)
    signs = bytes(sorted(_ENCODED))
    much = b"&" * (1 << 10) + signs * 50
    stretch = b"a" * 505 + signs[:3] + b"%41"
    longest = b"/" + much + stretch * (most // len(stretch) + 1)
    return b"/", b"/a?b=%20&c=+;", b"/" + every, longest[:most]
