"""Where what a text has differs from what the IR expects, and in which field."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingc.ir.features.card import Kind
from ingc.prove.settings import Setting, Usual, unusual
from ingc.prove.values import NoValue, canonical, render


@dataclass(frozen=True, slots=True)
class Unequal:
    """A field of a feature that a text has with another value than the IR."""

    feature: str
    """The type, and of a `Tuning` the directive."""
    field: str
    """Empty: the feature as a whole is there or not."""
    expected: str
    found: str

    def __str__(self) -> str:
        what = f"{self.feature}.{self.field}" if self.field else self.feature
        return f"{what} should be {self.expected}, but what is in effect says {self.found}"


def features_differ(kind: Kind, wanted: Any, found: Any) -> Unequal | None:
    """Return the first field in which two features differ; ``None``: in none."""
    if wanted is found or wanted == found:
        return None
    if wanted is None or found is None:
        return Unequal(kind.__name__, "", printed(wanted), printed(found))
    for field in dataclasses.fields(wanted):
        one, other = getattr(wanted, field.name), getattr(found, field.name)
        if canonical(one) != canonical(other):
            return Unequal(kind.__name__, field.name, render(one), render(other))
    return None


def no_value(kind: Kind, wanted: object, error: NoValue) -> Unequal:
    """Return that a text gives a field no value."""
    has = hasattr(wanted, error.field)
    expected = render(getattr(wanted, error.field)) if has else printed(wanted)
    return Unequal(kind.__name__, error.field, expected, str(error))


def settings_differ(
    kind: Kind, wanted: Sequence[Setting], found: Sequence[Setting], holds: Usual
) -> Unequal | None:
    """Return the first directive that is missing, not expected, or has other arguments."""
    there = {item.directive for item in found}
    absent = [Setting(name, (), ()) for name in sorted(holds.required - there)]
    expected, has = unusual(wanted, holds), unusual((*found, *absent), holds)
    if not expected and not has:
        return None
    if [item.directive for item in expected] == [item.directive for item in has]:
        pairs = zip(expected, has, strict=True)
        other = next((pair for pair in pairs if pair[0].form != pair[1].form), None)
        if other is None:
            return None
        label = f"{kind.__name__} {other[0].directive}"
        return Unequal(label, "args", render(other[0].args), render(other[1].args))
    names = {item.directive for item in has}
    missing = next((item for item in expected if item.directive not in names), None)
    if missing is not None:
        return Unequal(kind.__name__, "directive", _as_written(missing), "nothing of it")
    wanted_names = {item.directive for item in expected}
    extra = next((item for item in has if item.directive not in wanted_names), has[-1])
    usually = holds.settings.get(extra.directive)
    why = render(usually.args) if usually is not None else "nothing of it"
    return Unequal(kind.__name__, "directive", why, _as_written(extra))


def _as_written(item: Setting) -> str:
    return f"{item.directive} {render(item.args)}"


def printed(value: object) -> str:
    """Write a feature, or that there is none, for a person."""
    if value is None or value == ():
        return "absent"
    return render(value) or "there"
