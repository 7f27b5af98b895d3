"""Reading option values that have a form of their own, by ``grammar/options.lark``."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING, Literal

from ingc.resources import folder

if TYPE_CHECKING:
    from lark import Lark

Rule = Literal["service", "object", "assumed_port", "address", "resolver", "size"]

_SAMPLES: dict[Rule, str] = {
    "service": "shop/web, shop/web:80 or shop/web:http",
    "object": "shop/web-tls",
    "assumed_port": "http=8080",
    "address": "127.0.0.1 or [::1]",
    "resolver": "10.96.0.10 or 10.96.0.10:53",
    "size": "500000, 64KiB or 1GiB",
}
_UNITS = {"": 1, "k": 1000, "ki": 1 << 10, "m": 10**6, "mi": 1 << 20, "g": 10**9, "gi": 1 << 30}


class BadValue(ValueError):
    """A value does not have the form that its option asks for; the text says which."""


def read_value(rule: Rule, text: str) -> tuple[str, ...]:
    """Return the parts of a value. Raises `BadValue`."""
    from lark.exceptions import LarkError

    try:
        tree = _parser().parse(text, start=rule)
    except LarkError as error:
        raise _bad(rule, text) from error
    parts = tuple(map(str, tree.children))
    if rule in ("address", "resolver"):
        _check_address(rule, text, parts[0])
    return parts


def _check_address(rule: Rule, text: str, address: str) -> None:
    if rule == "resolver" and not (":" in address or address.replace(".", "").isdigit()):
        return
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise _bad(rule, text) from error


def _bad(rule: Rule, text: str) -> BadValue:
    return BadValue(f'"{text}" does not have the form of {_SAMPLES[rule]}')


def read_size(text: str) -> int:
    """Return a size in bytes. Raises `BadValue`."""
    number, *unit = read_value("size", text)
    return int(number) * _UNITS[unit[0].lower().removesuffix("b") if unit else ""]


def read_assumed_port(text: str) -> tuple[str, int]:
    """Return the name and number of ``NAME=NUMBER``. Raises `BadValue`."""
    name, number = read_value("assumed_port", text)
    if not 1 <= int(number) <= 65535:
        raise BadValue(f"{number} is not a port number")
    return name, int(number)


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = (folder("grammar") / "options.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=list(_SAMPLES), maybe_placeholders=False)
