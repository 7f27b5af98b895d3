"""Reads the cookie that keeps a client on its endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model.values import parts
from ingc.prove.effective import Effect

_DEEPEST = 8
_SIDE = "_side"
"""Ends the name of the cookie that keeps a client on its side of a canary."""


def read_affinity(effect: Effect) -> dict[str, object] | None:
    """Return the cookie's name and attributes, of ``sticky`` or of a header of our own."""
    for block in effect.upstreams:
        sticky = block.first("sticky")
        if sticky is not None:
            return _of_sticky(effect, sticky.args)
    for args in effect.every("add_header"):
        if args[0] != "Set-Cookie":
            continue
        for value in _values(effect, args[1]):
            name = value.partition("=")[0]
            if value and not name.endswith(_SIDE) and "; " in value:
                return _of_header(effect, value)
    return None


def _values(effect: Effect, text: str, depth: int = 0) -> Iterator[str]:
    """Yield what a variable may be, through maps of maps."""
    entries = effect.map(text)
    if entries is None or depth > _DEEPEST:
        yield text
        return
    for _, value in entries:
        yield from _values(effect, value, depth + 1)


def _of_sticky(effect: Effect, args: tuple[str, ...]) -> dict[str, object]:
    given = dict(arg.partition("=")[::2] for arg in args[2:])
    site = given.get("samesite", "")
    conditional, same = _same_site(effect, site)
    return {
        "name": args[1],
        "path": given.get("path", ""),
        "domain": given.get("domain", ""),
        "max_age": int(given["expires"].removesuffix("s")) if "expires" in given else None,
        "samesite": same,
        "conditional": conditional,
    }


def _of_header(effect: Effect, value: str) -> dict[str, object]:
    cookie, *attributes = _spelled(effect, value).split("; ")
    given = dict(item.partition("=")[::2] for item in attributes)
    return {
        "name": cookie.partition("=")[0],
        "path": given.get("Path", ""),
        "domain": given.get("Domain", ""),
        "max_age": int(given["Max-Age"]) if "Max-Age" in given else None,
        "samesite": given.get("SameSite", ""),
        "conditional": any("SameSite=" in item for item in _variables(effect, value)),
    }


def _spelled(effect: Effect, value: str) -> str:
    """Put the longest value of each map of ours in place of its variable."""
    made = ""
    for kind, piece in parts(value):
        entries = effect.map(f"${piece}") if kind == "variable" else None
        made += piece if kind == "text" else max((v for _, v in entries or ()), key=len, default="")
    return made


def _variables(effect: Effect, value: str) -> Iterator[str]:
    for kind, piece in parts(value):
        for _, inner in (effect.map(f"${piece}") or ()) if kind == "variable" else ():
            yield inner


def _same_site(effect: Effect, site: str) -> tuple[bool, str]:
    entries = effect.map(site)
    if entries is None:
        return False, site
    return True, max((value for _, value in entries), key=len, default="")
