"""Names made of contents, for what authors of different Ingresses share in one configuration."""

from __future__ import annotations

import hashlib
import re

_DIGITS = 24
_DIGEST = re.compile(rf"[0-9a-f]{{{_DIGITS}}}").fullmatch


def digest(*content: object) -> str:
    """Return 96 bits of a digest in hexadecimal: the same for the same content.

    So many, because whoever finds two contents with one digest gives two upstreams one name, on
    which nginx starts for nobody, or takes the place of somebody else's map.
    """
    return hashlib.sha256(repr(content).encode()).hexdigest()[:_DIGITS]


def is_digest(text: str) -> bool:
    """Return whether a text has the form of a digest, so that it could stand for any content."""
    return _DIGEST(text) is not None
