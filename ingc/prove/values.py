"""Values of directives, and how they are compared with those of the IR."""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache

from ingc.model.values import parts
from ingc.syntax.text import DOLLAR, Text, Variable

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIMES = re.compile(r"([0-9]+)(ms|[smhd])").findall


class NoValue(Exception):
    """What is in effect gives a feature no value; ``field`` is the one that has none."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@lru_cache(maxsize=1 << 12)
def read_text(argument: str) -> Text:
    """Return an argument in which nginx expands variables."""
    return Text(
        tuple([value if kind == "text" else Variable(value) for kind, value in parts(argument)])
    )


def read_plain(argument: str) -> str:
    """Return an argument that has no variables but the one that holds a dollar sign."""
    return argument.replace(f"${{{DOLLAR.name}}}", "$").replace(f"${DOLLAR.name}", "$")


def read_number(argument: str, field: str) -> int:
    """Return a whole number for a field. Raises `NoValue`."""
    if not argument.isdecimal():
        raise NoValue(field, f"{argument or 'nothing'}, which is no number")
    return int(argument)


def milliseconds(time: str) -> int:
    """Return a time as nginx writes it: ``5s``, ``1m30s``, ``500ms``, or seconds alone."""
    if time.isdigit():
        return int(time) * 1000
    return sum(int(number) * _UNITS[unit] for number, unit in _TIMES(time))


def canonical(value: object) -> object:
    """Return a value in a form that is the same for all that nginx treats alike.

    nginx's variables have no case, and a number is its digits.
    """
    if isinstance(value, Text):
        return _merged(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str | int | float):
        return (str(value),) if value != "" else ()
    if isinstance(value, tuple):
        return tuple([canonical(item) for item in value])
    if dataclasses.is_dataclass(value):
        inner = (getattr(value, field.name) for field in dataclasses.fields(value))
        return type(value), *map(canonical, inner)
    return value


def _merged(text: Text) -> tuple[object, ...]:
    found: list[object] = []
    for part in text.parts:
        if isinstance(part, Variable):
            found.append(Variable(part.name.lower()))
        elif found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return tuple(found)


def render(value: object) -> str:
    """Write a value for a person."""
    if isinstance(value, Text):
        return "".join(
            part if isinstance(part, str) else f"${{{part.name}}}" for part in value.parts
        )
    if isinstance(value, tuple):
        return ", ".join(map(render, value)) or "nothing"
    if dataclasses.is_dataclass(value):
        inner = (render(getattr(value, field.name)) for field in dataclasses.fields(value))
        return " ".join(inner)
    return "nothing" if value in (None, "") else str(value)


def known_as(header: str) -> str:
    """Return a header's name as it is compared: a param of FastCGI has no dashes and no case."""
    return header.lower().replace("_", "-")
