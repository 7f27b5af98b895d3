"""Where a 401 redirects to, as far as the request alone decides it."""

from __future__ import annotations

import re

from ingc.ir import Settings
from ingc.ir.features.external_auth import LONGEST_URI, SignIn
from ingc.syntax.request import longest_uri
from ingc.syntax.uri import RequestTarget

_PLAIN_HOST = re.compile(r"[a-z0-9._:\[\]-]+", re.IGNORECASE).fullmatch
_ENCODED = str.maketrans({char: f"%{ord(char):02X}" for char in "%&+#;"})
_ESCAPED = "escaped_request_uri"


def longest_escaped(settings: Settings) -> int:
    """Return the bytes of the longest URI that leads back from a sign-in page."""
    return LONGEST_URI if settings.fragment else min(LONGEST_URI, longest_uri(settings.tunings))


def sign_in_location(
    feature: SignIn, target: RequestTarget, scheme: str, own_host: str, host: bytes, longest: int
) -> str | None:
    """Return the Location of a redirect to a sign-in page; ``None``: it is not foretold.

    ``scheme`` is the client's, ``own_host`` from `own_host`, ``host`` nginx's ``$host``;
    ``longest`` is from `longest_escaped`.
    """
    sent = target.sent.decode("latin-1")
    escaped = sent.translate(_ENCODED) if len(sent) <= longest else "/"
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
    if not feature.parameter:
        return text
    written = "".join(part for part in parts if isinstance(part, str))
    ends = isinstance(parts[-1], str) and parts[-1][-1:] in ("?", "&")
    joint = "" if ends else "&" if "?" in written else "?"
    site = f"{scheme}://{own_host}" if _PLAIN_HOST(own_host) else ""
    return f"{text}{joint}{feature.parameter}={site}{escaped}"
