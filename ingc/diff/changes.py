"""What changed between two values of the IR, field by field, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from ingc.diff.feature_values import FileContents
from ingc.syntax.text import Text

Named = Mapping[str, object]

_LONGEST = 60
_BEFORE = 20
"""So much of what is the same is written before what differs in a long text."""
_INNER = ("inner_ports",)
"""Settings that follow from hosts, and that no request shows."""
_NONE = "none"
_USUAL = "default"


def changes(
    old: Named, new: Named, usual: tuple[Named, Named] = ({}, {}), missing: str = _NONE
) -> tuple[str, ...]:
    """Return what differs between two sets of named values.

    ``usual``: what holds on either side for a name that is missing there; ``missing``: the text
    for it where that is not known.
    """
    names = dict.fromkeys((*old, *new))
    one, other = ({**known, **side} for known, side in zip(usual, (old, new), strict=True))
    return tuple(
        text
        for name in names
        if one.get(name) != other.get(name)
        for text in _changed(name, one.get(name), other.get(name), missing)
    )


def _changed(name: str, old: object, new: object, missing: str) -> Iterator[str]:
    if _is_plain(old) or type(old) is not type(new):
        yield _change(name, old, new, _missing(new if old is None else old, missing))
    else:
        yield from (
            _change(f"{name} {field.replace('_', ' ')}", one, other)
            for field, one, other in _fields(old, new)
            if one != other
        )


def _missing(present: object, otherwise: str) -> str:
    """Return what stands in place of a value that the other side has."""
    # Directives and headers are there in any case; what they are by default is nginx's to know.
    if isinstance(present, tuple | Text):
        return _USUAL
    is_switch = dataclasses.is_dataclass(present) and not dataclasses.fields(present)
    return "no" if is_switch else otherwise


def _change(name: str, old: object, new: object, missing: str = _NONE) -> str:
    texts = (missing if value is None else _text(value) for value in (old, new))
    one, other = _shortened(*texts)
    return f"{name}: {one} → {other}"


def _shortened(old: str, new: str) -> tuple[str, str]:
    """Cut long texts so that what differs is seen."""
    if len(old) <= _LONGEST and len(new) <= _LONGEST:
        return old, new
    alike = zip(old, new, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], alike))
    start = same - _BEFORE if same > _LONGEST // 2 else 0
    start = old.rfind(" ", 0, start + 1) + 1 or start
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    rest = text[start:]
    return ("…" if start else "") + (rest if len(rest) <= _LONGEST else rest[:_LONGEST] + "…")


def _fields(old: Any, new: Any) -> Iterator[tuple[str, object, object]]:
    for field in dataclasses.fields(old):
        if field.compare:
            yield field.name, getattr(old, field.name), getattr(new, field.name)


def settings_changes(old: Any, new: Any, usual: Named) -> Iterator[str]:
    """Yield what differs between two settings, down to their plain values.

    ``usual``: the arguments of directives that neither sets.
    """
    for name, one, other in _fields(old, new):
        if one == other or name in _INNER:
            continue
        if name == "tunings":
            yield from changes(dict(old.tunings), dict(new.tunings), (usual, usual))
        elif type(one) is type(other) and not _is_plain(one):
            yield from settings_changes(one, other, usual)
        else:
            yield _change(name.replace("_", " "), one, other)


def _is_plain(value: object) -> bool:
    return isinstance(value, Text) or not dataclasses.is_dataclass(value)


def _text(value: object) -> str:
    if value is None or value in ((), ""):
        return _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, FileContents):
        return value.path
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        compared = [field.name for field in dataclasses.fields(value) if field.compare]
        if len(compared) == 1:
            return _text(getattr(value, compared[0]))
        fields = (
            f"{name.replace('_', ' ')} {_text(getattr(value, name))}"
            for name in compared
            if getattr(value, name) not in (None, (), "", False)
        )
        return ", ".join(fields) or "yes"
    return str(value)
