"""Where a 401 redirects to, as far as the request alone decides it."""

from __future__ import annotations

import re

from ingc.ir.features.external_auth import SignIn
from ingc.syntax.uri import RequestTarget

_PLAIN_HOST = re.compile(rb"[a-z0-9._:\[\]-]+", re.IGNORECASE).fullmatch
_MOST = {"%": 31, "&": 7, "+": 7, "#": 1, ";": 3}
"""How many of a character that must be encoded a target may have, so that all of it is sent."""
_ENCODED = str.maketrans({char: f"%{ord(char):02X}" for char in _MOST})
_ESCAPED = "escaped_request_uri"


def sign_in_location(
    feature: SignIn, target: RequestTarget, scheme: str, own_host: bytes, host: bytes
) -> str | None:
    """Return the Location of a redirect to a sign-in page; ``None``: it is not foretold.

    ``scheme`` is the client's, ``own_host`` the Host as sent, ``host`` nginx's ``$host``.
    """
    sent = target.sent.decode("latin-1")
    escaped = sent.translate(_ENCODED)
    fits = all(sent.count(char) <= most for char, most in _MOST.items())
    values = {
        "host": host.decode("latin-1"),
        "request_uri": sent,
        _ESCAPED: escaped,
        "is_args": "?" if target.args else "",
        "args": target.args.decode("latin-1"),
    }
    parts = feature.url.parts
    if not all(isinstance(part, str) or part.name in values for part in parts):
        return None
    text = "".join(part if isinstance(part, str) else values[part.name] for part in parts)
    if _ESCAPED in feature.url.variables and not fits:
        return None
    if not feature.parameter:
        return text
    if not fits:
        return None
    written = "".join(part for part in parts if isinstance(part, str))
    joint = "" if text[-1:] in ("?", "&") else "&" if "?" in written else "?"
    site = f"{scheme}://{own_host.decode('latin-1')}" if _PLAIN_HOST(own_host) else ""
    return f"{text}{joint}{feature.parameter}={site}{escaped}"
