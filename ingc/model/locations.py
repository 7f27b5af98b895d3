"""Locations: which of a server takes a path."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.model.tree import Statement
from ingc.model.values import regex
from ingc.syntax.regex import Pattern

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
class Found:
    """A location, and how it was found."""

    location: Statement | None
    pattern: Pattern | None = None
    redirect: bytes | None = None
    """The path that nginx redirects to, with a slash at its end."""
    name: bytes = b""
    """The name of a prefix location."""


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


def find(level: Level, uri: bytes) -> Found:
    """Return the location that takes a path, as nginx searches for it."""
    exact = level.exact.get(uri)
    if exact is not None:
        return Found(exact)
    name = _longest(level, uri)
    location = level.prefix.get(name) if name is not None else None
    if location is None or name != uri:
        redirected = _missing_slash(level, uri)
        if redirected is not None:
            return Found(None, redirect=redirected)
    inner = level.nested.get(id(location)) if location is not None else None
    if inner is not None:
        found = find(inner, uri)
        if found.location is not None or found.redirect is not None:
            return found
    if name is None or name not in level.no_regex:
        for pattern, statement in level.regexes:
            if pattern.search(uri):
                below = level.nested.get(id(statement))
                deeper = find(below, uri) if below is not None else None
                return deeper if deeper and deeper.location else Found(statement, pattern)
    return Found(location, name=name or b"")


def _longest(level: Level, uri: bytes) -> bytes | None:
    prefix = level.prefix
    for length in level.lengths:
        name = uri[:length]
        if name in prefix and len(name) == length:
            return name
    return None


def _missing_slash(level: Level, uri: bytes) -> bytes | None:
    slashed = uri + b"/"
    location = level.exact.get(slashed) or level.prefix.get(slashed)
    if location is None or not any(location.first(name) for name in PASSES):
        return None
    return slashed
