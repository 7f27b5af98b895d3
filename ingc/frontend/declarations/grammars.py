"""The grammars that annotations share: few, each typed, with words and examples for people.

The forms are rules of ``grammar/annotation.lark``; ranges and lists of words are checked here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingc.frontend.declarations.ciphers import CIPHERS
from ingc.frontend.declarations.grammar import BadValue, Grammar, as_written
from ingc.syntax.text import BadVariable, Text, read_text

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})

BOOL = Grammar(
    name="boolean",
    rule="boolean",
    words='"true" or "false"',
    examples=("true", "false", "1", "F"),
    wrong=("yes", "on", "tRue", ""),
    make=lambda tokens: tokens[0] in _TRUE,
    write=lambda value: "true" if value else "false",
)


def one_of(*allowed: str, caseless: bool = False) -> Grammar[str]:
    """Return the grammar of a fixed list of words."""
    known = {word.lower() if caseless else word: word for word in allowed}

    def make(tokens: tuple[str, ...]) -> str:
        word = known.get(tokens[0].lower() if caseless else tokens[0])
        if word is None:
            raise BadValue(f'"{tokens[0]}" is none of them')
        return word

    return Grammar(
        name="word",
        rule="word",
        words=f"one of {', '.join(allowed)}",
        examples=allowed[:3],
        wrong=("", f"{allowed[0]}x", f"{allowed[0]};"),
        make=make,
        write=str,
    )


SWITCH = one_of("on", "off")


def integer(least: int = 0, most: int = 2**31 - 1) -> Grammar[int]:
    """Return the grammar of whole numbers in a range."""

    def make(tokens: tuple[str, ...]) -> int:
        number = int(tokens[0])
        if not least <= number <= most:
            raise BadValue(f"{number} is not from {least} to {most}")
        return number

    limited = f" from {least} to {most}" if most < 2**31 - 1 else f" of at least {least}"
    return Grammar(
        name="number",
        rule="signed" if least < 0 else "integer",
        words=f"a whole number{limited}",
        examples=(str(least), str(min(most, least + 5))),
        wrong=("", "1.5", "ten", "5s", "1_000"),
        make=make,
        write=str,
    )


KILOBYTES: Grammar[int] = replace(
    integer(), name="kilobytes", words="whole kilobytes, without a unit", unit="k"
)


def seconds(least: int = 0) -> Grammar[int]:
    """Return the grammar of whole seconds, written without a unit."""
    return Grammar(
        name="seconds",
        rule="integer",
        words="whole seconds, without a unit",
        examples=("5", "300"),
        wrong=("5s", "1m", "1.5", "-1", ""),
        make=integer(least).make,
        write=str,
        unit="s",
    )


def size(units: str = "km") -> Grammar[str]:
    """Return the grammar of nginx sizes, with the units that the directive takes."""

    def make(tokens: tuple[str, ...]) -> str:
        number, unit = tokens[0], tokens[1].lower() if len(tokens) > 1 else ""
        if unit and unit not in units:
            raise BadValue(f'nginx does not take the unit "{unit}" here')
        if int(number) << _SHIFTS[unit] >= 1 << 62:
            raise BadValue("it is larger than nginx can count")
        return f"{int(number)}{unit}"

    return Grammar(
        name="size",
        rule="size",
        words=f"a size: a number of bytes, or with a unit of {', '.join(units)}",
        examples=("8k", "1m", "0"),
        wrong=("8 k", "8kb", "-1", "k", "", "1.5m"),
        make=make,
        write=str,
    )


MOST_MEMORY = 1 << 30
"""Bytes that a request may take in any case: more is a mistake, and could overflow nginx's sums."""
_SHIFTS = {"": 0, "k": 10, "m": 20, "g": 30}

TIME = as_written(
    name="time",
    rule="time",
    words="a time such as 30s, 10m or 1h30m",
    examples=("30s", "10m", "1h30m", "5"),
    wrong=("", "5 s", "s", "1.5s", "-1s"),
)


def words(*allowed: str, example: str) -> Grammar[tuple[str, ...]]:
    """Return the grammar of several words of a fixed list, with spaces between."""

    def make(tokens: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(token for token in tokens if token.strip())
        unknown = next((word for word in found if word not in allowed), None)
        if unknown is not None:
            raise BadValue(f'"{unknown}" is none of them')
        return tuple(dict.fromkeys(found))

    return Grammar(
        name="words",
        rule="words",
        words=f"of {', '.join(allowed)}, with spaces between",
        examples=(example, allowed[0]),
        wrong=("", f"{allowed[0]},{allowed[0]}", f"{allowed[0]};", "nonsense"),
        make=make,
        write=" ".join,
    )


def read_variables(
    text: str,
    *,
    captures: bool = False,
    decoded: bool = False,
    also: Container[str] = frozenset(),
) -> Text:
    """Read a text as `ingc.syntax.text.read_text` does. Raises `BadValue`."""
    try:
        return read_text(text, captures=captures, decoded=decoded, also=also)
    except BadVariable as error:
        raise BadValue(str(error)) from error


PATH = as_written(
    name="path",
    rule="path",
    words="a path of letters, digits and -._~/:",
    examples=("/app", "/a/b.html"),
    wrong=("/a b", "/a?b", '/"', "/a;", "/$host"),
)

URL = as_written(
    name="URL",
    rule="url",
    words="a URL or path of letters, digits and -._~/:,?&=",
    examples=("https://example.com/a?b=c", "/login"),
    wrong=("", "https://example.com/$host", "https://a b", 'https://a"', "https://a;b"),
)

HOST = as_written(
    name="host name",
    rule="host",
    words="a host name, with a port where it needs one",
    examples=("www.example.com", "backend:8080"),
    wrong=("", "a b", "$host", "a;b", "-a", "http://a"),
)


@dataclass(frozen=True, slots=True)
class ObjectName:
    """The name of an object, with its namespace where it was written."""

    namespace: str
    """Empty: not written."""
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def _object_name(tokens: tuple[str, ...]) -> ObjectName:
    namespace, name = tokens if len(tokens) == 2 else ("", tokens[0])
    if len(namespace) > 63 or len(name) > 253:
        raise BadValue("a name is at most 253 characters long, a namespace 63")
    return ObjectName(namespace, name)


OBJECT = Grammar(
    name="object",
    rule="object",
    words="the name of an object, or its namespace and name with a slash between",
    examples=("web-tls", "shop/web-tls"),
    wrong=("", "a/b/c", "Shop/web", "../web", "a b", "a;"),
    make=_object_name,
    write=str,
)

FULL_OBJECT = Grammar(
    name="namespace/name",
    rule="full_object",
    words="the namespace and name of an object with a slash between",
    examples=("shop/web-tls",),
    wrong=("", "web-tls", "a/b/c", "/web", "shop/"),
    make=_object_name,
    write=str,
)

HEADER = as_written(
    name="header name",
    rule="header",
    words="the name of a header: letters, digits, - and _",
    examples=("X-Name", "x_name"),
    wrong=("", "X Name", "X-Name:", "X,Y", "-X"),
)

HEADERS = Grammar(
    name="header names",
    rule="headers",
    words="names of headers with commas between",
    examples=("X-Name", "X-Name, Y-Name", "X-Name,"),
    wrong=("", "X Name", "X-Name;", ",X"),
    make=lambda tokens: tuple(token for token in tokens if "," not in token),
    write=", ".join,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(tokens: tuple[str, ...]) -> tuple[Network, ...]:
    found: list[Network] = []
    for token in tokens:
        if "," in token:
            continue
        try:
            found.append(ipaddress.ip_network(token, strict=False))
        except ValueError as error:
            raise BadValue(f'"{token}" is no address or network') from error
    return tuple(dict.fromkeys(found))


NETWORKS = Grammar(
    name="networks",
    rule="networks",
    words="addresses and networks (CIDR) with commas between",
    examples=("10.0.0.0/8", "10.0.0.1, 2001:db8::/32"),
    wrong=("", "10.0.0.0/33", "10.0.0", "example.com", "10.0.0.1 10.0.0.2", "10.0.0.1,"),
    make=_networks,
    write=lambda value: ", ".join(map(str, value)),
)


def addresses(networks: Iterable[Network]) -> tuple[str, ...]:
    """Write networks as nginx takes them, those of one address without a length."""
    return tuple(
        str(item.network_address if item.num_addresses == 1 else item) for item in networks
    )


def codes(least: int, most: int) -> Grammar[tuple[int, ...]]:
    """Return the grammar of a list of HTTP status codes in a range."""

    def make(tokens: tuple[str, ...]) -> tuple[int, ...]:
        found = tuple(int(token) for token in tokens if "," not in token)
        outside = next((code for code in found if not least <= code <= most), None)
        if outside is not None:
            raise BadValue(f"{outside} is not from {least} to {most}")
        return tuple(dict.fromkeys(found))

    return Grammar(
        name="status codes",
        rule="codes",
        words=f"HTTP status codes from {least} to {most} with commas between",
        examples=("404", "404,503"),
        wrong=("", "404503", "99", "404;503", "200 404"),
        make=make,
        write=lambda value: ",".join(map(str, value)),
    )


def redirect_status(*allowed: int) -> Grammar[int]:
    """Return the grammar of the status codes with which nginx sends a Location."""
    numbers = integer(300, 308)

    def make(tokens: tuple[str, ...]) -> int:
        number = numbers.make(tokens)
        if number not in allowed:
            raise BadValue(f"with {number} nginx sends no Location")
        return number

    return Grammar(
        name="redirect status",
        rule="integer",
        words=f"one of {', '.join(map(str, allowed))}",
        examples=tuple(map(str, allowed[:2])),
        wrong=("", "200", "304", "30 1", "moved"),
        make=make,
        write=str,
    )


TEMPLATE = Grammar(
    name="text with variables",
    rule="template",
    words="text in which $name is one of the variables that tell of the request",
    examples=("$request_uri", "https://$host/a", "${remote_addr}x"),
    wrong=("", "$document_root", "$", "a;b", '"', "$ssl_certificate"),
    make=lambda tokens: read_variables(tokens[0]),
    write=str,
)

GRAMMARS: Mapping[str, Grammar[Any]] = {
    "BOOL": BOOL,
    "SWITCH": SWITCH,
    "one_of": one_of("a", "b", "c"),
    "integer": integer(),
    "integer in a range": integer(300, 308),
    "seconds": seconds(),
    "size": size(),
    "TIME": TIME,
    "words": words("error", "timeout", example="error timeout"),
    "PATH": PATH,
    "URL": URL,
    "HOST": HOST,
    "OBJECT": OBJECT,
    "FULL_OBJECT": FULL_OBJECT,
    "HEADER": HEADER,
    "HEADERS": HEADERS,
    "NETWORKS": NETWORKS,
    "codes": codes(400, 599),
    "CIPHERS": CIPHERS,
    "TEMPLATE": TEMPLATE,
}
"""Every grammar, for the tests that hold them to their examples."""
