"""Hosts that differ in names alone, so that the proof of one is the proof of the others.

What is expected and what nginx was given are written down together, and every name that is the
host's own is replaced, on both sides alike: its host name, its Ingresses, its upstreams, the words
made of them in names of ours, and the digests there. Two hosts with the same writing are one
problem with other names in it, and nothing in a request's way depends on how such a name is spelt:
they are compared with each other and passed on. The replacing can be undone, so no difference
between two hosts is lost.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache

from ingc.ir import Host, Route, RouteFeature
from ingc.prove.proofs import Context
from ingc.syntax.naming import dashed_word, host_word

_MOST_NAMES = 64
"""Each is looked for in the whole text. A host with more is proved by itself, which costs less."""
_HEX = re.compile(r"[0-9a-f][0-9a-f]{15,}")
"""A digest, or more; that it begins with a set of characters is what makes the search fast."""
_LONGEST_DIGEST = 32
_OURS = re.compile(r"ingc_\w+")
"""A name of ours, in which words may stand for names; see `ingc.syntax.naming`."""


def likeness(host: Host, context: Context) -> str:
    """Return the host and all that decides what becomes of its requests, without its names.

    Empty: it has too many of them.
    """
    names = _names(host)
    if len(names) > _MOST_NAMES:
        return ""
    expected = [
        repr((host.name, host.https, host.regex, host.features)),
        *map(_route, host.routes),
        _route(host.default),
        *(_route(dead.route) for dead in host.dead),
    ]
    text = "\n".join((*expected, repr(context)))
    for number, name in enumerate(names):
        text = text.replace(name, f"\0{number}\0")
    digests: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        if len(found[0]) > _LONGEST_DIGEST:
            return found[0]
        return digests.setdefault(found[0], f"\1{len(digests)}\1")

    return _HEX.sub(numbered, _without_words(text, names))


def _without_words(text: str, names: list[str]) -> str:
    """Return a text without the words that stand for the host's own names in names of ours.

    Elsewhere such a word may be nginx's: ``http_host`` is its variable, and the word of a host.
    """
    words = [
        (f"_{word}", f"_\2{number}\2")
        for number, name in enumerate(names)
        for word in (host_word(name) or dashed_word(name),)
        if word is not None and f"_{word}" in text
    ]

    def numbered(found: re.Match[str]) -> str:
        written = found[0]
        for word, number in words:
            written = written.replace(word, number)
        return written

    return _OURS.sub(numbered, text) if words else text


def _route(route: Route) -> str:
    origin = route.origin
    where = f"{origin.ingress} {origin.field}"
    features = list(map(_feature, route.features))
    return f"{where} {route.match!r} {route.path!r} {route.action!r} {features!r}"


def _feature(feature: RouteFeature) -> tuple[object, ...]:
    """Return a feature, with what it does not print."""
    kind: type = type(feature)
    return (feature, *[getattr(feature, name) for name in _unprinted(kind)])


@cache
def _unprinted(kind: type) -> tuple[str, ...]:
    """Return the fields that make two features unlike and are not printed."""
    found = fields(kind) if is_dataclass(kind) else ()
    return tuple(item.name for item in found if item.compare and not item.repr)


def _names(host: Host) -> list[str]:
    """Return the names of a host in the order in which they are met, each of them once."""
    suffix = host.name.removeprefix("*.")
    names: dict[str, None] = {}
    if suffix:
        names[suffix] = None
        names[suffix.replace(".", "[.]")] = None
    for route in (*host.routes, host.default):
        names.update(dict.fromkeys(route.upstreams))
        origin = route.origin
        if origin.name:
            names[origin.ingress] = None
            names[f"{origin.namespace}_{origin.name}"] = None
    return list(names)
