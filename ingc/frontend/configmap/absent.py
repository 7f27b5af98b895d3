"""Short ways to declare keys that are not acted on."""

from __future__ import annotations

from ingc.frontend.configmap.declare import UnsupportedKey
from ingc.frontend.declarations.declare import Support

NOT_YET = "it is not supported yet"


def meaningless(name: str, why: str, *harmless: str) -> UnsupportedKey:
    """Declare a key that can change nothing here."""
    return UnsupportedKey(name, why, Support.MEANINGLESS, harmless=harmless)


def needs_module(
    name: str, why: str, instead: str, *harmless: str, protects: bool = False, needs: str = ""
) -> UnsupportedKey:
    """Declare a key for a module that stock nginx does not have."""
    return UnsupportedKey(
        name,
        why,
        Support.NEEDS_MODULE,
        instead,
        protects=protects,
        harmless=harmless,
        needs=needs,
    )


def refused(name: str, why: str, instead: str) -> UnsupportedKey:
    """Declare a key whose content is never taken, and may protect something."""
    return UnsupportedKey(name, why, Support.REFUSED, instead, protects=True)
