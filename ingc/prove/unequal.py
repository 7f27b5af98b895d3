"""Where what a text has differs from what the IR asks for, and in which field."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingc.ir.features.card import Kind
from ingc.prove.settings import Setting, Usual, unusual
from ingc.prove.values import NoValue, canonical, show


@dataclass(frozen=True, slots=True)
class Unequal:
    """A field of a feature that a text has with another value than the IR."""

    feature: str
    """The type, and of a `Tuning` the directive."""
    field: str
    """Empty: the feature as a whole is there or not."""
    asked: str
    found: str

    def __str__(self) -> str:
        what = f"{self.feature}.{self.field}" if self.field else self.feature
        return f"{what} should be {self.asked}, but what is in effect says {self.found}"


def features_differ(kind: Kind, wanted: Any, found: Any) -> Unequal | None:
    """Return the first field in which two features differ; ``None``: in none."""
    if wanted is found or wanted == found:
        return None
    if wanted is None or found is None:
        return Unequal(kind.__name__, "", shown(wanted), shown(found))
    for field in dataclasses.fields(wanted):
        one, other = getattr(wanted, field.name), getattr(found, field.name)
        if canonical(one) != canonical(other):
            return Unequal(kind.__name__, field.name, show(one), show(other))
    return None


def no_value(kind: Kind, wanted: object, error: NoValue) -> Unequal:
    """Return that a text gives a field no value."""
    has = hasattr(wanted, error.field)
    asked = show(getattr(wanted, error.field)) if has else shown(wanted)
    return Unequal(kind.__name__, error.field, asked, str(error))


def settings_differ(
    kind: Kind, wanted: Sequence[Setting], found: Sequence[Setting], holds: Usual
) -> Unequal | None:
    """Return the first directive that is missing, that nobody asks for, or that says another."""
    there = {item.directive for item in found}
    absent = [Setting(name, (), ()) for name in sorted(holds.required - there)]
    asked, has = unusual(wanted, holds), unusual((*found, *absent), holds)
    if not asked and not has:
        return None
    if [item.directive for item in asked] == [item.directive for item in has]:
        pairs = zip(asked, has, strict=True)
        other = next((pair for pair in pairs if pair[0].form != pair[1].form), None)
        if other is None:
            return None
        label = f"{kind.__name__} {other[0].directive}"
        return Unequal(label, "args", show(other[0].args), show(other[1].args))
    names = {item.directive for item in has}
    missing = next((item for item in asked if item.directive not in names), None)
    if missing is not None:
        return Unequal(kind.__name__, "directive", _said(missing), "nothing of it")
    wanted_names = {item.directive for item in asked}
    extra = next((item for item in has if item.directive not in wanted_names), has[-1])
    usually = holds.settings.get(extra.directive)
    why = show(usually.args) if usually is not None else "nothing of it"
    return Unequal(kind.__name__, "directive", why, _said(extra))


def _said(item: Setting) -> str:
    return f"{item.directive} {show(item.args)}"


def shown(value: object) -> str:
    """Write a feature, or that there is none, for a person."""
    if value is None or value == ():
        return "absent"
    return show(value) or "there"
