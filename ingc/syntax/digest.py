"""Names made of contents, for what authors of different Ingresses share in one configuration."""

from __future__ import annotations

import hashlib

_DIGITS = 24


def digest(*content: object) -> str:
    """Return 96 bits of a digest in hexadecimal: the same for the same content.

    So many, because whoever finds two contents with one digest gives two upstreams one name, on
    which nginx starts for nobody, or takes the place of somebody else's map.
    """
    return hashlib.sha256(repr(content).encode()).hexdigest()[:_DIGITS]
