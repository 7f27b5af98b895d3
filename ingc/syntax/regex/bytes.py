"""Sets of bytes as a PCRE pattern writes them: escapes such as ``\\d`` and classes in brackets.

A set is an integer of 256 bits; bit n stands for byte n. A pattern is held as Latin-1 text here,
so that a character is a byte.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

_HEX = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))").match
_OCTAL = re.compile(r"\\(?:o\{([0-7]+)\}|(0[0-7]{0,2}))").match
_OCTAL_IN_CLASS = re.compile(r"\\(?:o\{([0-7]+)\}|([0-7]{1,3}))").match
_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]").match
_CONTROL = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9}
_NOT_EVERYWHERE = "pPXCLlUuF"


class BadRegex(ValueError):
    """The pattern can't be used; ``position`` is the offset in it, in bytes."""

    def __init__(self, why: str, position: int) -> None:
        super().__init__(why)
        self.why = why
        self.position = position


class Malformed(BadRegex):
    """The pattern is not well-formed; PCRE gives the better reason."""


def bit(byte: int) -> int:
    """Return the set of one byte."""
    return 1 << byte


def _of(chars: str) -> int:
    return sum(bit(ord(char)) for char in set(chars))


ANY = (1 << 256) - 1
NOT_NEWLINE = ANY & ~bit(10)
BLANKS = " \t\n\v\f\r"
"""What is passed over where the option ``x`` is on."""
_DIGITS, _WORD = _of(string.digits), _of(string.ascii_letters + string.digits + "_")
_SPACES, _ACROSS, _DOWN = _of(BLANKS), _of(" \t\xa0"), _of("\n\v\f\r\x85")
NEWLINES = _DOWN
_PRINTED = _of(string.ascii_letters + string.digits + string.punctuation)
_SETS = {
    "d": _DIGITS,
    "w": _WORD,
    "s": _SPACES,
    "h": _ACROSS,
    "v": _DOWN,
    "D": ANY & ~_DIGITS,
    "W": ANY & ~_WORD,
    "S": ANY & ~_SPACES,
    "H": ANY & ~_ACROSS,
    "V": ANY & ~_DOWN,
    "N": NOT_NEWLINE,
}
_CLASSES = {
    "alpha": _of(string.ascii_letters),
    "digit": _DIGITS,
    "alnum": _of(string.ascii_letters + string.digits),
    "upper": _of(string.ascii_uppercase),
    "lower": _of(string.ascii_lowercase),
    "space": _SPACES,
    "blank": _of(" \t"),
    "punct": _of(string.punctuation),
    "graph": _PRINTED,
    "print": _PRINTED | bit(32),
    "cntrl": _of("".join(map(chr, range(32))) + "\x7f"),
    "xdigit": _of(string.hexdigits),
    "word": _WORD,
    "ascii": (1 << 128) - 1,
}
_CAPITALS, _SMALL = _CLASSES["upper"], _CLASSES["lower"]


def both_cases(bits: int) -> int:
    """Return the set with the other case of each ASCII letter in it."""
    return bits | (bits & _CAPITALS) << 32 | (bits & _SMALL) >> 32


@dataclass(frozen=True, slots=True)
class Read:
    """A set that stands in the pattern up to ``end``; ``code`` is its byte where it has one."""

    bits: int
    end: int
    code: int | None = None
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """An escape that gives a byte's number, and where it stands."""

    start: int
    end: int
    code: int


def read_escape(text: str, at: int, *, in_class: bool = False) -> Read:
    r"""Read the escape at ``at``: a byte, or a set such as ``\d``.

    Raises `BadRegex`.
    """
    char = text[at + 1 : at + 2]
    if not char:
        raise Malformed("\\ at end of pattern", at + 1)
    if char in _NOT_EVERYWHERE:
        raise BadRegex(f"not every nginx can match \\{char}", at)
    octal = _OCTAL_IN_CLASS if in_class else _OCTAL
    if found := _HEX(text, at) or octal(text, at):
        return _number(text, found)
    if char in _SETS and not (in_class and char == "N"):
        return Read(_SETS[char], at + 2)
    if char == "c":
        code = ord((text[at + 2 : at + 3] or "?").upper()) ^ 64
        return Read(bit(code), at + 3, code)
    if in_class and char == "b":
        return Read(bit(8), at + 2, 8)
    if char in _CONTROL:
        return Read(bit(_CONTROL[char]), at + 2, _CONTROL[char])
    if char.isascii() and char.isalnum():
        raise Malformed("unrecognized character follows \\", at + 1)
    return Read(bit(ord(char)), at + 2, ord(char))


def _number(text: str, found: re.Match[str]) -> Read:
    if text.startswith("\\x{", found.start()) and found.group(1) is None:
        raise Malformed("not hexadecimal digits in braces", found.start())
    code = int(found.group(1) or found.group(2) or "0", 16 if text[found.start() + 1] == "x" else 8)
    if code > 255:
        raise BadRegex("a character's code is at most 255 (\\xff)", found.start())
    number = Number(found.start(), found.end(), code)
    return Read(bit(code), found.end(), code, (number,))


def read_class(text: str, at: int) -> Read:
    """Read the class in brackets at ``at``. Raises `BadRegex`."""
    at += 1
    negated = text.startswith("^", at)
    at += negated
    first, quoted = at, False
    bits, low = 0, None
    numbers: list[Number] = []
    while quoted or not text.startswith("]", at) or at == first:
        if at >= len(text):
            raise Malformed("missing terminating ] for character class", at)
        if text.startswith("\\E", at) or (text.startswith("\\Q", at) and not quoted):
            quoted = text[at + 1] == "Q"
            first += 2 * (first == at)
            at += 2
            continue
        ranged = low is not None and not quoted and _is_range(text, at)
        member = _member(text, at + ranged, quoted=quoted)
        if ranged and low is not None:
            if member.code is None or member.code < low:
                raise Malformed("invalid range in character class", at)
            bits |= (1 << member.code + 1) - (1 << low)
        bits |= member.bits
        low = None if ranged else member.code
        numbers += member.numbers
        at = member.end
    bits = both_cases(bits)
    return Read(ANY & ~bits if negated else bits, at + 1, None, tuple(numbers))


def _is_range(text: str, at: int) -> bool:
    return text.startswith("-", at) and text[at + 1 : at + 2] not in ("]", "")


def _member(text: str, at: int, *, quoted: bool) -> Read:
    char = text[at]
    if not quoted and char == "\\":
        return read_escape(text, at, in_class=True)
    if not quoted and (found := _POSIX(text, at)):
        if found.group(2) not in _CLASSES:
            raise Malformed("unknown POSIX class name", at)
        named = _CLASSES[found.group(2)]
        return Read(ANY & ~named if found.group(1) else named, found.end())
    if not quoted and char == "[" and text[at + 1 : at + 2] in (":", ".", "="):
        raise BadRegex("a bracket that nginx's PCREs read in different ways", at)
    return Read(bit(ord(char)), at + 1, ord(char))
