"""What changed between two values of the IR, field by field, in words."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingc.ir import HostFeature, RouteFeature, UpstreamFeature
from ingc.ir.access import Limits
from ingc.ir.features import ServerTuning, Tuning, UseRegex
from ingc.syntax.text import Text

Feature = RouteFeature | HostFeature | UpstreamFeature
Named = Mapping[str, object]

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 60
_INNER = ("inner_ports",)
"""Settings that follow from hosts, and that no request shows."""
_NONE = "none"


def named(features: Iterable[Feature]) -> dict[str, object]:
    """Return features by what they are called, without what says nothing about behaviour."""
    found: dict[str, object] = {}
    for item in features:
        if isinstance(item, Tuning | ServerTuning):
            found[item.directive] = item.args
        elif isinstance(item, Limits):
            # Whose requests are counted together is a matter of names alone.
            found["limits"] = dataclasses.replace(item, owner="")
        elif not isinstance(item, UseRegex):
            found[_CAPITAL.sub(" ", type(item).__name__).lower()] = item
    return found


def changes(old: Named, new: Named) -> tuple[str, ...]:
    """Say what differs between two sets of named values."""
    names = dict.fromkeys((*old, *new))
    return tuple(
        text
        for name in names
        if old.get(name) != new.get(name)
        for text in _changed(name, old.get(name), new.get(name))
    )


def _changed(name: str, old: object, new: object) -> Iterator[str]:
    if _is_plain(old) or type(old) is not type(new):
        yield f"{name}: {_shown(old)} → {_shown(new)}"
    else:
        yield from (
            f"{name} {field.replace('_', ' ')}: {_shown(one)} → {_shown(other)}"
            for field, one, other in _fields(old, new)
            if one != other
        )


def _fields(old: Any, new: Any) -> Iterator[tuple[str, object, object]]:
    for field in dataclasses.fields(old):
        if field.compare:
            yield field.name, getattr(old, field.name), getattr(new, field.name)


def settings_changes(old: Any, new: Any) -> Iterator[str]:
    """Say what differs between two settings, down to their plain values."""
    for name, one, other in _fields(old, new):
        if one == other or name in _INNER:
            continue
        if name == "tunings":
            yield from changes(dict(getattr(old, name)), dict(getattr(new, name)))
        elif type(one) is type(other) and not _is_plain(one):
            yield from settings_changes(one, other)
        else:
            yield f"{name.replace('_', ' ')}: {_shown(one)} → {_shown(other)}"


def _is_plain(value: object) -> bool:
    return isinstance(value, Text) or not dataclasses.is_dataclass(value)


def _shown(value: object) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _text(value: object) -> str:
    if value is None or value in ((), ""):
        return _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else f"${part.name}" for part in value.parts)
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        told = (
            f"{field.name.replace('_', ' ')} {_text(getattr(value, field.name))}"
            for field in dataclasses.fields(value)
            if field.compare and getattr(value, field.name) not in (None, (), "", False)
        )
        return ", ".join(told) or "set"
    return str(value)
