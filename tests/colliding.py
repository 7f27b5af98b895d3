"""Names that were made to have one hash in nginx's tables."""

from __future__ import annotations

import itertools

_PAIRS = ("ao", "c1")
"""Two letters each, with the same hash in any place: nginx's hash is a polynomial in 31."""


def colliding(count: int, length: int, before: str = "", after: str = "") -> list[str]:
    """Return different names of a length that all have the same hash."""
    places = max(1, (count - 1).bit_length())
    names = []
    for chosen in itertools.islice(itertools.product(_PAIRS, repeat=places), count):
        name = before + "".join(chosen)
        filled = length - len(name) - len(after)
        assert filled >= 0, "too short for so many"
        names.append(f"{name}{'x' * filled}{after}")
    return names


def colliding_hosts(count: int, domain: str = "evil.example") -> list[str]:
    """Return names of hosts of about 250 characters that all have the same hash."""
    label = "x" * 60
    return [f"{name}.{label}.{label}.{label}.{domain}" for name in colliding(count, 50)]
