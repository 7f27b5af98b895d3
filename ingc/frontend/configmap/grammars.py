"""Grammars that only ConfigMap keys need; the others are those of annotations."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ingc.frontend.declarations.grammar import BadValue, Grammar, as_written
from ingc.frontend.declarations.grammars import (
    HEADERS,
    MOST_MEMORY,
    integer,
    read_variables,
    size,
)
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.regex.reading import BadRegex, captures
from ingc.syntax.size import bytes_of
from ingc.syntax.text import Variable

_MAP_WORDS = frozenset({"default", "hostnames", "include", "volatile"})


def items(
    name: str,
    words: str,
    examples: tuple[str, ...],
    wrong: tuple[str, ...],
    check: Callable[[str], str],
) -> Grammar[tuple[str, ...]]:
    """Return the grammar of a list with commas between; ``check`` reads one of them."""

    def make(tokens: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check(item) for item in tokens if "," not in item))

    return Grammar(name, "items", words, examples, wrong, make, ",".join)


def _matching(fullmatch: Callable[[str], object], why: str) -> Callable[[str], str]:
    def check(item: str) -> str:
        if not fullmatch(item):
            raise BadValue(f'"{item}" is no {why}')
        return item

    return check


def _map_key(item: str) -> str:
    if item in _MAP_WORDS:
        raise BadValue(f'"{item}" has a meaning of its own in a map of nginx')
    if item.startswith("~"):
        try:
            found = captures(item.removeprefix("~").removeprefix("*"))
        except BadRegex as error:
            raise BadValue(f'"{item}" is no regex: {error.why}') from error
        if found.names:
            raise BadValue("a regex may have no named groups: they would set nginx's variables")
    # A backslash takes the meaning of a map's keys away.
    return "\\" + item if item.startswith("\\") else item


def _map_keys(tokens: tuple[str, ...]) -> tuple[str, ...]:
    keys: dict[bytes, str] = {}
    for key in _TEXTS.make(tokens):
        # nginx compares texts without the case of ASCII, and refuses one that stands there twice.
        text = key.encode()
        keys.setdefault(text if key.startswith("~") else text.lower(), key)
    return tuple(keys.values())


_TEXTS = items(
    "texts or regexes",
    'texts with commas between; a regex after "~", a caseless one after "~*"',
    ("curl/8.0", "~*bot,~^Wget"),
    ("", "default", "~(", "a,,b", "~(?<host>x)"),
    _map_key,
)
MAP_KEYS = dataclasses.replace(_TEXTS, make=_map_keys)


def _check_length(names: Iterable[str]) -> None:
    long = next((name for name in names if len(name) > LONGEST_NAME), None)
    if long is not None:
        raise BadValue(f"{long} is longer than the {LONGEST_NAME} characters that nginx takes")


def _short_headers(tokens: tuple[str, ...]) -> tuple[str, ...]:
    names = HEADERS.make(tokens)
    _check_length(names)
    return names


SHORT_HEADERS = dataclasses.replace(
    HEADERS, make=_short_headers, wrong=(*HEADERS.wrong, "X-" + "a" * 45)
)
"""Names of headers that fit into any table of nginx."""
PATHS = items(
    "paths",
    "beginnings of paths with commas between",
    ("/.well-known/acme-challenge", "/a,/b"),
    ("", "a", "/a b", "/a,b"),
    _matching(re.compile(r"/[A-Za-z0-9\-._~/:]*").fullmatch, 'path that begins with "/"'),
)
WORDS = items(
    "words",
    "words with commas between",
    ("root", "root,alias"),
    ("", "a,,b", ","),
    str.strip,
)


def _mime_types(tokens: tuple[str, ...]) -> tuple[str, ...]:
    types = tuple(dict.fromkeys(token for token in tokens if token.strip()))
    _check_length(types)
    return types


MIME_TYPES = Grammar(
    name="MIME types",
    rule="mimes",
    words="MIME types with spaces between, or *",
    examples=("text/css application/json", "*"),
    wrong=("", "text", "text/css;", "text/css,text/plain", "a/" + "b" * 45),
    make=_mime_types,
    write=" ".join,
)
MIME_TYPE = as_written(
    name="MIME type",
    rule="mime",
    words="a MIME type",
    examples=("text/html", "application/octet-stream"),
    wrong=("", "html", "text/html;", "a b/c"),
)


HEADER_VALUE = Grammar(
    name="header value",
    rule="line",
    words="text in which $name is one of the variables that tell of the request",
    examples=("max-age=60", "$request_id", "default-src 'self'; img-src *"),
    wrong=("$document_root", "a$", "$ssl_certificate_key"),
    make=lambda tokens: read_variables(tokens[0]),
    write=str,
)


def _variable(tokens: tuple[str, ...]) -> str:
    parts = read_variables(tokens[0]).parts
    if len(parts) != 1 or not isinstance(parts[0], Variable):
        raise BadValue("it is not one variable alone")
    return parts[0].name


VARIABLE = Grammar(
    name="variable",
    rule="line",
    words="one of the variables that tell of the request",
    examples=("$binary_remote_addr", "$http_x_api_key"),
    wrong=("", "binary_remote_addr", "$document_root", "$host$remote_addr", "x$host", "$"),
    make=_variable,
    write="${}".format,
)


def limited_size(least: str, most: str, *, or_zero: bool = False) -> Grammar[str]:
    """Return the grammar of sizes in a range."""
    plain = size()

    def make(tokens: tuple[str, ...]) -> str:
        written = plain.make(tokens)
        number = bytes_of(written)
        if not (bytes_of(least) <= number <= bytes_of(most) or (or_zero and not number)):
            raise BadValue(f"{written} is not from {least} to {most}")
        return written

    zero = ", or 0" if or_zero else ""
    return Grammar(
        name="size in a range",
        rule="size",
        words=f"a size from {least} to {most}{zero}",
        examples=(least, most),
        wrong=("1", "8 k", "8kb", "1g", ""),
        make=make,
        write=str,
    )


def zero_or(least: int, most: int) -> Grammar[int]:
    """Return the grammar of numbers in a range, and 0."""
    plain = integer(0, most)

    def make(tokens: tuple[str, ...]) -> int:
        number = plain.make(tokens)
        if 0 < number < least:
            raise BadValue(f"{number} is too few")
        return number

    return Grammar(
        name="number or 0",
        rule="integer",
        words=f"0, or a whole number from {least} to {most}",
        examples=("0", str(least)),
        wrong=("", "1", "-1", "1k"),
        make=make,
        write=str,
    )


def _regex(tokens: tuple[str, ...]) -> str:
    if "$" in tokens[0]:
        raise BadValue('a "$" can not stand here')
    try:
        found = captures(tokens[0])
    except BadRegex as error:
        raise BadValue(f"it is no regex: {error.why}") from error
    if found.names:
        raise BadValue("it may have no named groups: they would set nginx's variables")
    return tokens[0]


REGEX = Grammar(
    name="regex",
    rule="line",
    words="a regex without $",
    examples=("msie6", "MSIE [4-6]\\."),
    wrong=("", "(", "a$", "(?<host>x)"),
    make=_regex,
    write=str,
)


def pattern(
    name: str, rule: str, words: str, regex: str, examples: tuple[str, ...], wrong: tuple[str, ...]
) -> Grammar[str]:
    """Return the grammar of a text that a regex describes."""
    fullmatch = re.compile(regex).fullmatch

    def make(tokens: tuple[str, ...]) -> str:
        if not fullmatch(tokens[0]):
            raise BadValue("it does not have that form")
        return tokens[0]

    return Grammar(name, rule, words, examples, wrong, make, str)


TICKET_KEY = as_written(
    name="ticket key",
    rule="line",
    words="48 or 80 random bytes in base64, as openssl rand -base64 writes them, in one line",
    examples=("openssl rand -base64 80",),
    wrong=("",),
)
"""Takes any text: what is wrong with a key is not reported with the key beside it."""
FILE = pattern(
    "file",
    "path",
    "the absolute path of a file, of letters, digits and -._~/:",
    r"/.*",
    ("/var/log/nginx/access.log", "/dev/stdout"),
    ("", "off", "access.log", "/a b", "/$host", "/a;"),
)
CURVES = pattern(
    "curves",
    "ciphers",
    'curves as OpenSSL names them, with colons between, or "auto"',
    r"[A-Za-z0-9\-_:]+",
    ("auto", "X25519:prime256v1"),
    ("", "X25519;", "X25519 P-256", "!a"),
)
LOG_PARAMS = Grammar(
    name="log parameters",
    rule="log_params",
    words="buffer=SIZE, gzip=LEVEL and flush=TIME with spaces between",
    examples=("buffer=32k flush=1m", "gzip=4"),
    wrong=("", "if=$x", "buffer=;", "json"),
    make=lambda tokens: tuple(token for token in tokens if token.strip()),
    write=" ".join,
)


def _number_and_size(tokens: tuple[str, ...]) -> tuple[int, str]:
    number, one = int(tokens[0]), "".join(tokens[2:]).lower()
    if number * bytes_of(one) > MOST_MEMORY:
        raise BadValue("a request takes more than 1024m of memory then")
    return number, one


BUFFERS = Grammar(
    name="number and size",
    rule="buffers",
    words="a number and a size with a space between",
    examples=("4 8k", "8 16k"),
    wrong=("", "8k", "4 8 k", "4x8k", "4 8k;", "2000000 1k"),
    make=_number_and_size,
    write=lambda value: f"{value[0]} {value[1]}",
)
OFF_OR_TWO = Grammar(
    name="off or two words",
    rule="off_or_two",
    words='"off", or two words with a space between: what to replace and by what',
    examples=("off", "a.example b.example", "/a /b"),
    wrong=("", "a", "a b c", "a $host", "a b;"),
    make=lambda tokens: tuple(token for token in tokens if token.strip()),
    write=" ".join,
)
PROCESSES = pattern(
    "processes",
    "word",
    'a number of at least 1, or "auto"',
    r"auto|[1-9][0-9]{0,3}",
    ("auto", "4"),
    ("", "0", "-1", "all"),
)
MASKS = Grammar(
    name="processors",
    rule="words",
    words='"auto", or masks of 0 and 1 with spaces between',
    examples=("auto", "0101 1010"),
    wrong=("", "cpu0", "2", "01,10"),
    make=lambda tokens: tuple(_mask(token) for token in tokens if token.strip()),
    write=" ".join,
)


def _mask(word: str) -> str:
    if word != "auto" and not set(word) <= {"0", "1"}:
        raise BadValue(f'"{word}" is neither "auto" nor a mask of 0 and 1')
    return word


GRAMMARS: Mapping[str, Grammar[Any]] = {
    "MAP_KEYS": MAP_KEYS,
    "PATHS": PATHS,
    "WORDS": WORDS,
    "MIME_TYPES": MIME_TYPES,
    "MIME_TYPE": MIME_TYPE,
    "HEADER_VALUE": HEADER_VALUE,
    "REGEX": REGEX,
    "VARIABLE": VARIABLE,
    "TICKET_KEY": TICKET_KEY,
    "limited_size": limited_size("4k", "64m"),
    "zero_or": zero_or(64, 1000),
    "FILE": FILE,
    "CURVES": CURVES,
    "LOG_PARAMS": LOG_PARAMS,
    "BUFFERS": BUFFERS,
    "OFF_OR_TWO": OFF_OR_TWO,
    "PROCESSES": PROCESSES,
    "MASKS": MASKS,
}
"""For the tests that hold them to their examples."""
