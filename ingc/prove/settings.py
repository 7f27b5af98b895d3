"""Single directives: which are in effect, which are wanted, and which hold anyway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingc.ir.features.card import Argument
from ingc.prove.values import canonical, read_text


@dataclass(frozen=True, slots=True)
class Setting:
    """A directive with its arguments."""

    directive: str
    args: tuple[object, ...]
    form: object
    """The arguments, the same for all that nginx treats alike."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds where nothing else is set."""

    settings: Mapping[str, Setting]
    """By their directives."""
    required: frozenset[str]
    """The directives that have to be there: without them nginx has a default of its own."""

    def __contains__(self, item: Setting) -> bool:
        """Return whether a setting equals what holds anyway."""
        found = self.settings.get(item.directive)
        return found is not None and found.form == item.form


def usual(settings: Mapping[str, tuple[Argument, ...]], required: Iterable[str] = ()) -> Usual:
    """Return what holds anyway, by directives and their arguments."""
    made = {name: wanted(name, args) for name, args in settings.items()}
    return Usual(made, frozenset(required))


@lru_cache(maxsize=1 << 13)
def setting(directive: str, args: tuple[str, ...]) -> Setting:
    """Return a directive as a text has it."""
    read = tuple(map(read_text, args))
    return Setting(directive, read, canonical(read))


def wanted(directive: str, args: tuple[Argument, ...]) -> Setting:
    """Return a directive as a feature has it."""
    return Setting(directive, args, canonical(args))


def unusual(found: Iterable[Setting], holds: Usual) -> list[Setting]:
    """Return those that differ from what holds anyway, by their directives."""
    others = [item for item in found if item not in holds]
    return sorted(others, key=lambda item: item.directive)
