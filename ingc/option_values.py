"""Reading option values that have a form of their own, by ``grammar/options.lark``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal

from ingc.resources import folder
from ingc.syntax.host import is_subdomain
from ingc.syntax.labels import Operator, Requirement, Selector

if TYPE_CHECKING:
    from lark import Lark, ParseTree

Rule = Literal[
    "service", "object", "assumed_port", "address", "resolver", "size", "selector", "networks"
]

_SAMPLES: dict[Rule, str] = {
    "service": "shop/web, shop/web:80 or shop/web:http",
    "object": "shop/web-tls",
    "assumed_port": "http=8080 or shop/web:http=8080",
    "address": "127.0.0.1 or [::1]",
    "resolver": "10.96.0.10 or 10.96.0.10:53",
    "networks": "10.0.0.1 or 10.0.0.0/8,2001:db8::/32",
    "size": "500000, 64KiB or 1GiB",
    "selector": "env=prod, env!=test, env in (prod,test), env notin (test), env or !env, "
    "with commas between",
}
_UNITS = {"": 1, "k": 1000, "ki": 1 << 10, "m": 10**6, "mi": 1 << 20, "g": 10**9, "gi": 1 << 30}


MODULES = ("brotli", "geoip2", "headers-more", "modsecurity", "njs", "opentelemetry", "sub")
"""nginx's modules that are not stock and known here."""
_BUILT_IN = "sub"
"""A module that no file holds: nginx is built with it, or has it not."""
DATABASES = ("City", "Country", "ASN", "ISP", "Connection-Type", "Anonymous-IP")
"""The kinds of MaxMind's databases that ingress-nginx reads."""
LAYOUT_PASSES = ("prefix-regexes", "regex-groups", "plain-wildcards", "shared-servers")
"""What may be done to a layout for nginx's sake, in the order in which it is done."""
LAYOUTS: dict[str, tuple[str, ...]] = {"readable": (), "compact": LAYOUT_PASSES}
"""The layouts that have a name, and their passes."""


class BadOptionValue(ValueError):
    """A value does not have the form that its option takes; the text names the form."""


def read_value(rule: Rule, text: str) -> tuple[str, ...]:
    """Return the parts of a value. Raises `BadOptionValue`."""
    parts = tuple(map(str, _parse(rule, text).children))
    if rule in ("address", "resolver"):
        _check_address(rule, text, parts[0])
    return parts


def read_layout(text: str) -> tuple[str, ...]:
    """Return the passes of a layout: one with a name, or passes with commas between.

    Raises `BadOptionValue`.
    """
    named = LAYOUTS.get(text)
    if named is not None:
        return named
    wanted = text.split(",")
    for name in wanted:
        if name not in LAYOUT_PASSES:
            known = ", ".join((*LAYOUTS, *LAYOUT_PASSES))
            raise BadOptionValue(f'"{name}" is none of {known}')
    return tuple(name for name in LAYOUT_PASSES if name in wanted)


def read_module(text: str) -> tuple[str, str | None]:
    """Return the name of a module, and the file to load it from; ``None``: it is there already.

    Raises `BadOptionValue`.
    """
    name, equals, file = text.partition("=")
    if name not in MODULES:
        raise BadOptionValue(f'"{name}" is none of {", ".join(MODULES)}')
    if equals and name == _BUILT_IN:
        raise BadOptionValue(
            f"the module {name} is built into nginx, and no file holds it; write {name} alone"
        )
    if equals:
        check_module_file(file)
    return name, file if equals else None


def check_module_file(path: str) -> None:
    """Raise `BadOptionValue` for what can't be the file of a module."""
    if not path.endswith(".so") or not path.isprintable():
        raise BadOptionValue(
            f'"{path}" is not a module\'s file such as modules/ngx_stream_module.so'
        )


def check_rules_file(path: str) -> None:
    """Raise `BadOptionValue` for what is not the absolute path of a file of rules."""
    if not path.startswith("/") or not path.isprintable():
        raise BadOptionValue(f'"{path}" is not a path such as /etc/nginx/modsecurity.conf')


def database_kind(path: str) -> str:
    """Return which of `DATABASES` a file of geoip2 is, by its name. Raises `BadOptionValue`."""
    name = path.rpartition("/")[2].removesuffix(".mmdb")
    kind = name.replace("GeoLite2-", "").replace("GeoIP2-", "")
    if not path.startswith("/") or not path.isprintable() or kind not in DATABASES:
        raise BadOptionValue(
            f'"{path}" is not the path of a database that is named as MaxMind does, '
            f"such as /var/lib/GeoIP/GeoLite2-City.mmdb: {', '.join(DATABASES)}"
        )
    return kind


def _parse(rule: Rule, text: str) -> ParseTree:
    from lark.exceptions import LarkError

    try:
        return _parser().parse(text, start=rule)
    except LarkError as error:
        raise _bad(rule, text) from error


def _check_address(rule: Rule, text: str, address: str) -> None:
    if rule == "resolver" and not (":" in address or address.replace(".", "").isdigit()):
        return
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise _bad(rule, text) from error


def _bad(rule: Rule, text: str) -> BadOptionValue:
    return BadOptionValue(f'"{text}" does not have the form of {_SAMPLES[rule]}')


def read_size(text: str) -> int:
    """Return a size in bytes. Raises `BadOptionValue`."""
    number, *unit = read_value("size", text)
    return int(number) * _UNITS[unit[0].lower().removesuffix("b") if unit else ""]


def listened(text: str) -> str:
    """Return an IP literal as nginx's ``listen`` takes it, in one form. Raises `ValueError`."""
    address = ipaddress.ip_address(text.strip("[]"))
    return f"[{address}]" if address.version == 6 else str(address)


def read_networks(text: str) -> tuple[str, ...]:
    """Return addresses and networks as nginx writes them, each once. Raises `BadOptionValue`."""
    parts = read_value("networks", text)
    try:
        found = [ipaddress.ip_network(part, strict=False) for part in parts]
    except ValueError as error:
        raise _bad("networks", text) from error
    return tuple(dict.fromkeys(map(str, found)))


def all_networks(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the networks of several texts, each once. Raises `BadOptionValue`."""
    return tuple(dict.fromkeys(network for text in texts for network in read_networks(text)))


def read_assumed_port(text: str) -> tuple[str, int]:
    """Return what stands before the sign, and the number behind it. Raises `BadOptionValue`."""
    number = read_value("assumed_port", text)[-1]
    name = text.partition("=")[0]
    if not 1 <= int(number) <= 65535:
        raise BadOptionValue(f"{number} is not a port number")
    return name, int(number)


def read_host_owner(text: str) -> tuple[str, str]:
    """Return the host and the namespace of ``HOST=NAMESPACE``. Raises `BadOptionValue`."""
    host, equals, namespace = text.partition("=")
    if not equals:
        raise BadOptionValue(f'"{text}" does not have the form of shop.example.com=shop')
    return host, namespace


_OPERATORS: dict[str, Operator] = {
    "equal": "in",
    "unequal": "notin",
    "among": "in",
    "outside": "notin",
    "exists": "exists",
    "absent": "absent",
}
"""By the rules of ``selector`` in the grammar."""
_LONGEST_LABEL = 63


def read_selector(text: str) -> Selector:
    """Return a Kubernetes label selector. Raises `BadOptionValue`."""
    from lark import Tree

    items = (item for item in _parse("selector", text.strip(" ")).children if type(item) is Tree)
    return Selector(tuple(_requirement(i.data, tuple(map(str, i.children))) for i in items))


def _requirement(form: str, words: tuple[str, ...]) -> Requirement:
    key, *values = words
    prefix, _, name = key.rpartition("/")
    if prefix and not is_subdomain(prefix):
        raise BadOptionValue(f'the label "{key}" does not begin with a DNS name')
    long = next((word for word in (name, *values) if len(word) > _LONGEST_LABEL), None)
    if long is not None:
        raise BadOptionValue(f'"{long}" is longer than {_LONGEST_LABEL} characters')
    # No value is the empty one: "env=".
    return Requirement(key, _OPERATORS[form], frozenset(values or [""]))


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = (folder("grammar") / "options.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=list(_SAMPLES), maybe_placeholders=False)
