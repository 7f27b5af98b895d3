"""What a grammar is, and how a value is read by ``grammar/annotation.lark``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from ingc.resources import folder
from ingc.syntax.text import most_bytes

if TYPE_CHECKING:
    from lark import Lark

T = TypeVar("T")

_REMEMBERED = 1 << 14
_LONGEST = 4000
"""Bytes, with quotes and escapes; with what stands around it, more fits into no nginx token."""


class BadValue(ValueError):
    """A value does not have the form that its annotation takes; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Grammar(Generic[T]):
    """What a value may be."""

    name: str
    """For people: ``seconds``."""
    rule: str
    """A start symbol of the grammar file."""
    words: str
    """The rule in words, to follow "must be"."""
    examples: tuple[str, ...]
    wrong: tuple[str, ...]
    """Values that look likely and are refused."""
    make: Callable[[tuple[str, ...]], T]
    """From the tokens of the rule to the value; raises `BadValue`."""
    write: Callable[[T], str]
    """The value as text that reads as the same value."""
    unit: str = ""

    def read(self, text: str) -> T:
        """Read a value. Raises `BadValue`."""
        return self.make(_tokens(self.rule, text.strip(" ")))


def as_written(
    *, name: str, rule: str, words: str, examples: tuple[str, ...], wrong: tuple[str, ...]
) -> Grammar[str]:
    """Return the grammar of one token that is taken as it was written."""
    return Grammar(name, rule, words, examples, wrong, lambda tokens: tokens[0], str)


@lru_cache(maxsize=_REMEMBERED)
def _tokens(rule: str, text: str) -> tuple[str, ...]:
    from lark.exceptions import UnexpectedInput

    control = next((char for char in text if ord(char) < 0x20 or ord(char) == 0x7F), None)
    if control is not None:
        raise BadValue(f"it holds the control character {control!r}")
    if most_bytes(text) > _LONGEST:
        raise BadValue(f"it takes more than {_LONGEST} bytes in nginx's configuration")
    try:
        tree = _parser(rule).parse(text)
    except UnexpectedInput as error:
        raise BadValue(_where(text, error)) from error
    return tuple(str(token) for token in tree.children)


def _where(text: str, error: Exception) -> str:
    column = getattr(error, "column", -1)
    if isinstance(column, int) and 0 < column <= len(text):
        return f'"{text[column - 1]}" at its character {column} does not belong there'
    return "it ends too early" if text else "it is empty"


@cache
def _parser(rule: str) -> Lark:
    from lark import Lark

    grammar = (folder("grammar") / "annotation.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=rule, maybe_placeholders=False)
