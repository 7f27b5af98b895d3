"""Locations: which of a server takes a path."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ingc.model.tree import Statement
from ingc.model.values import regex
from ingc.syntax.regex.reading import Pattern

PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass")


@dataclass(slots=True)
class Level:
    """The locations of a server, or those nested in a location."""

    exact: dict[bytes, Statement] = field(default_factory=dict)
    prefix: dict[bytes, Statement] = field(default_factory=dict)
    regexes: list[tuple[Pattern, Statement]] = field(default_factory=list)
    no_regex: set[bytes] = field(default_factory=set)
    """The names with ``^~``."""
    named: dict[str, Statement] = field(default_factory=dict)
    nested: dict[int, Level] = field(default_factory=dict)
    """By the identity of the location's statement."""
    lengths: tuple[int, ...] = ()
    """Of the names of prefix locations, the longest first."""


@dataclass(frozen=True, slots=True)
class FoundLocation:
    """A location, and how it was found."""

    location: Statement | None
    pattern: Pattern | None = None
    redirect: bytes | None = None
    """The path that nginx redirects to, with a slash at its end."""
    name: bytes = b""
    """The name of a location that is no regex."""
    above: tuple[Statement, ...] = ()
    """The locations around it, the outermost first."""
    tried: tuple[Pattern, ...] = ()
    """Regexes of those that have matched before."""


def read_level(block: Statement) -> Level:
    """Read the locations below a server or a location."""
    level = Level()
    for location in block.all("location"):
        modifier, name = location.args if len(location.args) == 2 else ("", location.args[0])
        if not modifier and name.startswith("@"):
            level.named[name] = location
        elif modifier == "=":
            level.exact[name.encode()] = location
        elif modifier in ("~", "~*"):
            level.regexes.append((regex(name, caseless=modifier == "~*"), location))
        else:
            level.prefix[name.encode()] = location
            if modifier == "^~":
                level.no_regex.add(name.encode())
        if location.first("location"):
            level.nested[id(location)] = read_level(location)
    level.lengths = tuple(sorted({len(name) for name in level.prefix}, reverse=True))
    return level


def find(level: Level, uri: bytes) -> FoundLocation:
    """Return the location that takes a path, as nginx searches for it."""
    return _search(level, uri)[0]


def _search(level: Level, uri: bytes) -> tuple[FoundLocation, bool]:
    """Return what a level finds, and whether that is final: no regex further out is tried."""
    exact = level.exact.get(uri)
    if exact is not None:
        return FoundLocation(exact, name=uri), True
    name = _longest(level, uri)
    location = level.prefix.get(name) if name is not None else None
    if location is None or name != uri:
        redirected = _missing_slash(level, uri)
        if redirected is not None:
            return FoundLocation(None, redirect=redirected), True
    found = FoundLocation(location, name=name or b"")
    if location is not None:
        inner, final = _below(level, found, uri)
        if final:
            return inner, True
        found = inner
    if name is None or name not in level.no_regex:
        for pattern, statement in level.regexes:
            if pattern.search(uri):
                return _below(level, FoundLocation(statement, pattern), uri)[0], True
    return found, False


def _below(level: Level, outer: FoundLocation, uri: bytes) -> tuple[FoundLocation, bool]:
    """Search among the locations in one; that one, where they have none for the path."""
    nested = level.nested.get(id(outer.location))
    if nested is None or outer.location is None:
        return outer, False
    found, final = _search(nested, uri)
    if found.location is None and found.redirect is None:
        return outer, False
    tried = (outer.pattern, *found.tried) if outer.pattern is not None else found.tried
    return replace(found, above=(outer.location, *found.above), tried=tried), final


def _longest(level: Level, uri: bytes) -> bytes | None:
    prefix = level.prefix
    for length in level.lengths:
        name = uri[:length]
        if name in prefix and len(name) == length:
            return name
    return None


def _missing_slash(level: Level, uri: bytes) -> bytes | None:
    slashed = uri + b"/"
    for location in (level.exact.get(slashed), level.prefix.get(slashed)):
        if location is not None and any(location.first(name) for name in PASSES):
            return slashed
    return None
