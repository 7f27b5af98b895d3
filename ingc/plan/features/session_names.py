"""Words for what distinguishes cookies of sessions, in the names of upstreams and variables."""

from __future__ import annotations

from ingc.ir.features.affinity import Affinity
from ingc.syntax.naming import Words, host_word, path_word, word

_USUAL = "INGRESSCOOKIE"
"""ingress-nginx's name. nginx's variables of cookies, and its names of upstreams, have no case, so
that no other name with capitals is a word."""
_KEYS = "by_"
"""How names of upstreams begin that hash a cookie."""


def cookie_word(name: str) -> str | None:
    """Return a cookie's name as a word."""
    if name == _USUAL:
        return name.lower()
    return None if name == _USUAL.lower() else word(name)


def native_word(name: str) -> str | None:
    """Return a cookie's name as the first word behind an upstream's."""
    return None if name.startswith(_KEYS) else cookie_word(name)


def attribute_words(affinity: Affinity, *, secure: bool | None) -> Words:
    """Return words for the attributes; ``secure`` ``None``: it depends on the request's scheme."""
    words: list[str | None] = []
    if affinity.path != "/":
        path = path_word(affinity.path)
        words.append(path and f"path_{path}")
    if affinity.max_age is not None:
        words.append(f"max_age_{affinity.max_age}" if affinity.max_age >= 0 else None)
    if affinity.domain:
        domain = host_word(affinity.domain)
        words.append(domain and f"domain_{domain}")
    if affinity.samesite:
        read = "_where_read" if affinity.conditional else ""
        words.append(f"samesite_{affinity.samesite.lower()}{read}")
    if secure is not False:
        words.append("secure" if secure else "secure_on_https")
    return tuple(words)
