"""What a YAML scalar means to Kubernetes.

The rules are those of the reader behind kubectl and the API server (go-yaml v2 through
sigs.k8s.io/yaml): YAML 1.1 words for booleans, no base-60 numbers, timestamps stay strings, and
every key becomes a string.
"""

from __future__ import annotations

import math
import re
import struct

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
MERGE = "<<"

TYPED_STARTS = frozenset({word[:1] for word in _WORDS} | set("+-.0123456789"))
"""First characters (and "" for the empty scalar) of all plain scalars that may not be strings."""

_INT = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)"
    r"|(?P<dec>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT_FIRST = re.compile(r"[^_]+(?:(?<=[0-9])_[0-9][^_]*)*")
"""Where a number begins with its point, an underscore must stand between two digits."""
_LONGEST_INT = 70
"""More characters than any 64-bit integer has in any base, sign and prefix included."""

_PREFIX = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}


def resolve(text: str) -> Scalar:
    """Return what a plain scalar stands for; 1.0 is a float here."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first in "+-0123456789":
        plain = text.replace("_", "")
        integer = _integer(plain)
        return _float(plain, text) if integer is None else integer
    if first == "." and _POINT_FIRST.fullmatch(text):
        return _float(text.replace("_", ""), text)
    return text


def resolve_tagged(text: str, tag: str) -> Scalar:
    """Return what a scalar with one of YAML's own tags stands for.

    Raises `LookupError` for a tag that is not supported, `ValueError` for a text that is not of
    the tag's type.
    """
    name = tag.removeprefix(_PREFIX)
    if name == "str" and tag != name:
        return text
    if name not in _TAGGED or tag == name:
        raise LookupError(tag)
    value = resolve(text)
    wanted = _TAGGED[name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and name != "bool"):
        raise ValueError(text)
    return value


def short_tag(tag: str) -> str:
    """Write a tag as people write it: ``!!int``."""
    return f"!!{tag.removeprefix(_PREFIX)}" if tag.startswith(_PREFIX) else tag


def as_json(value: Scalar) -> Scalar:
    """Return the value after the way through JSON that it takes in Kubernetes: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    return value


def key_text(value: Scalar) -> str | None:
    """Return a mapping key as the string that Kubernetes makes of it; ``None`` for a null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _float_key(value)


def _integer(plain: str) -> int | None:
    """Return the number if it is an integer of 64 bits in any of Go's notations."""
    match = _INT.fullmatch(plain) if len(plain) <= _LONGEST_INT else None
    if match is None:
        return None
    base = str(match.lastgroup)
    value = int(match[base], _BASES[base])
    if not match["sign"]:
        return value if value < 1 << 64 else None
    if match["sign"] == "-":
        value = -value
    return value if -(1 << 63) <= value < 1 << 63 else None


def _float(plain: str, text: str) -> float | str:
    """Return the number; what is none, or beyond the range, stays the text it is."""
    if not _FLOAT.fullmatch(plain):
        return text
    value = float(plain)
    return text if math.isinf(value) else value


def _float_key(value: float) -> str:
    """Return a number's shortest text in single precision, as Go prints it with ``%g``."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value) or abs(value) > 3.4028235677973366e38:
        return ".inf" if value > 0 else "-.inf"
    single = struct.unpack("f", struct.pack("f", value))[0]
    for precision in range(9):
        text = f"{single:.{precision}e}"
        if struct.pack("f", float(text)) == struct.pack("f", single):
            break
    exponent = int(text.partition("e")[2])
    if -4 <= exponent < 6:
        return f"{float(text):.{max(precision - exponent, 0)}f}"
    return text
