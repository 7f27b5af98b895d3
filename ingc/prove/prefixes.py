r"""Prefix paths that are written as regexes: ``~ ^/a(?:/|\z)`` in place of ``= /a`` and ``/a/``.

Of regexes the first that matches takes a path, before any location that is neither a regex nor
exact. That is the same as the longest of all where none stands before one that lies below it.
"""

from __future__ import annotations

import re

from ingc.model.locations import Level
from ingc.model.tree import Statement
from ingc.prove.flat import NotFlat

_TEXT = r"/(?:[^\\^$.|?*+()\[\]{}]|\\[\\^$.|?*+()\[\]{}])*"
_TEXTS = re.compile(_TEXT).findall
_WHOLE = re.compile(
    rf"\^(?:(?P<one>{_TEXT})|\((?:\?:|\?<ingc_path>)(?P<more>{_TEXT}(?:\|{_TEXT})*)\))\(\?:/\|\\z\)"
).fullmatch
_BELOW = re.compile(rf"\^({_TEXT})/").fullmatch
_SIGN = re.compile(r"\\(.)", re.DOTALL)


def without_prefix_regexes(level: Level) -> Level:
    """Return a level with plain locations that takes every path as the given one does.

    Raises `NotFlat`.
    """
    if level.nested:
        raise NotFlat("locations stand in others where no path is a regex")
    exact, prefix = dict(level.exact), dict(level.prefix)
    if level.regexes and level.prefix.keys() - {b"/"}:
        raise NotFlat("regexes hide plain locations")
    seen: list[str] = []
    for _, location in level.regexes:
        texts, whole = _paths_of(location)
        for text in texts:
            above = next((item for item in seen if f"{text}/".startswith(f"{item}/")), None)
            if above is not None:
                raise NotFlat(f"{text} is hidden by {above}")
            raw = text.encode()
            if whole and raw not in exact and raw + b"/" in level.exact:
                raise NotFlat(f"nginx redirects {text} before it tries a regex")
            if whole:
                exact.setdefault(raw, location)
            elif raw not in level.exact:
                raise NotFlat(f"nothing takes {text} itself")
            prefix.setdefault(raw + b"/", location)
        seen += texts
    lengths = tuple(sorted({len(name) for name in prefix}, reverse=True))
    return Level(exact, prefix, named=level.named, no_regex=set(level.no_regex), lengths=lengths)


def _paths_of(location: Statement) -> tuple[list[str], bool]:
    """Return the paths that a regex stands for, and whether it takes them themselves too."""
    modifier, regex = location.args
    found = _WHOLE(regex) if modifier == "~" else None
    if found is not None:
        texts = _TEXTS(found["one"] or found["more"])
        return [_SIGN.sub(r"\1", text) for text in texts], True
    below = _BELOW(regex) if modifier == "~" else None
    if below is None:
        raise NotFlat(f"the regex {regex} is no path")
    return [_SIGN.sub(r"\1", below[1])], False
