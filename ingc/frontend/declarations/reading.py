"""Texts → values, by their declarations, and everything wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ingc.diagnostics import Entry, Origin, Sink
from ingc.frontend.declarations.declare import Supported, Unsupported
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.values import Defaults, GivenValues
from ingc.frontend.declarations.words import Words, cut
from ingc.ir.features.card import Argument
from ingc.options import Options

S = TypeVar("S", bound=Supported[Any])

_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Register:
    """All declarations of one kind, and how findings about them are reported."""

    declarations: Mapping[str, Supported[Any] | Unsupported]
    words: Words
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Older names, each with the name that is declared."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Names that are declared as something else, each with what to do."""
    advise: Callable[[Unsupported, str], str] = lambda _declared, _text: ""
    """What to do instead, by the value of an unsupported name; "" for nothing better."""


@dataclass(frozen=True, slots=True)
class GivenText:
    """A name, its text, and the place of both."""

    name: str
    text: str
    place: Origin


@dataclass(frozen=True, slots=True)
class TextsRead:
    """What was read, by name."""

    places: Mapping[str, Origin]
    """Of the names that are supported."""
    read: Mapping[str, Any]
    wrong: frozenset[str]
    """Names with a value that they can't have."""


def read_texts(
    given: Iterable[GivenText], register: Register, sink: Sink, options: Options
) -> TextsRead:
    """Return the values of the names that are supported, and report what is wrong."""
    places: dict[str, Origin] = {}
    read: dict[str, Any] = {}
    wrong: set[str] = set()
    for item in given:
        declared = register.declarations.get(item.name)
        if declared is None:
            sink.report(_unknown(item.name, register), item.place.at(key=True))
        elif isinstance(declared, Unsupported) and _requests_nothing(item):
            continue
        elif isinstance(declared, Unsupported):
            entry = _unsupported(declared, item.text, register, options)
            sink.report(entry, item.place.at(key=True))
        else:
            places[item.name] = item.place
            try:
                read[item.name] = declared.read(item.text)
            except BadValue as error:
                sink.report(_wrong(declared, item.text, str(error), register.words), item.place)
                if item.text.strip(" "):
                    wrong.add(item.name)
    return TextsRead(places, read, frozenset(wrong))


def report_needs(
    names: Iterable[str],
    reading: TextsRead,
    register: Register,
    sink: Sink,
    defaults: Defaults,
) -> None:
    """Report those of some names that have no effect, as what they need is off."""
    for name in names:
        declared = register.declarations[name]
        needed = declared.needs if isinstance(declared, Supported) else ""
        if needed and reading.read.get(needed, defaults.get(needed)) in (None, False):
            entry = register.words.without_effect(name, needed)
            sink.report(entry, reading.places[name].at(key=True))


def settings_of(
    declarations: Iterable[S], values: GivenValues
) -> Iterator[tuple[S, tuple[Argument, ...]]]:
    """Yield the declarations that are a directive and have a value, each with its arguments."""
    for declared in declarations:
        value = values.own(declared) if declared.sets else None
        if value is not None:
            yield declared, arguments(declared, value)


def arguments(declared: Supported[Any], value: Any) -> tuple[Argument, ...]:
    """Return a value as the arguments of the directive that a declaration sets."""
    if isinstance(value, bool):
        return ("on" if value else "off",)
    if not isinstance(value, str) and isinstance(value, Iterable):
        return tuple(value)
    if declared.grammar.unit:
        return (f"{value}{declared.grammar.unit}",)
    return (value,)


def _unknown(name: str, register: Register) -> Entry:
    words = register.words
    if name in register.elsewhere:
        return words.unknown(name, register.elsewhere[name])
    known = [*register.declarations, *register.aliases]
    close = difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return words.unknown(name, f"did you mean {close[0]}?" if close else words.remove)


_OFF = ("", "false")


def _requests_nothing(item: GivenText) -> bool:
    """Return whether a text that is not acted on requests nothing: switched off, or comments."""
    text = item.text.strip()
    if item.name.endswith("-snippet"):
        return all(line.strip()[:1] in ("", "#") for line in text.split("\n"))
    return text in _OFF if item.name.startswith("enable-") else not text


def _unsupported(declared: Unsupported, text: str, register: Register, options: Options) -> Entry:
    words = register.words
    accepted = declared.name in options.accept_ignored
    report = words.protection if declared.protects and not accepted else words.not_supported
    instead = register.advise(declared, text) or declared.instead or words.check
    return report(declared.name, declared.support.value, declared.doc, instead)


def _wrong(declared: Supported[Any], text: str, why: str, words: Words) -> Entry:
    grammar, value = declared.grammar, cut(text)
    if declared.rejects:
        return words.wrong(declared.name, value, why, grammar.words, grammar.examples)
    default = words.default(declared.default)
    return words.not_used(declared.name, value, why, grammar.words, grammar.examples, default)
