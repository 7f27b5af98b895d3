"""Variables filled in, and values checked."""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.routetest import RouteTestValueInvalid, RouteTestVariableUnknown
from ingc.kinds import KINDS
from ingc.load.text import shortened
from ingc.routetest.language.syntax import (
    AnyOf,
    Client,
    Condition,
    Expectation,
    ExpectedBackend,
    IngressIs,
    Not,
    RequestLine,
    SameAs,
    Scheme,
    SentCookie,
    SentHeader,
    ShownCertificate,
    Status,
    Unopened,
    Word,
)
from ingc.syntax.request import Presented
from ingc.syntax.url import split_url

Variables = dict[str, str]

_MOST_CHARACTERS = 1 << 16
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>[A-Za-z_]\w*)|\{(?P<inner>\w+)\})?")
_SERVICE = re.compile(r"[a-z0-9][-a-z0-9.]*/[a-z0-9][-a-z0-9.]*(?::[a-z0-9][-a-z0-9]*)?").fullmatch
_KINDS = "|".join(f"{kind.name}/" for kind in KINDS if kind.named_with_kind)
_OBJECT = re.compile(rf"(?:{_KINDS})?[a-z0-9][-a-z0-9.]*/[a-z0-9][-a-z0-9.]*").fullmatch
_STATUS = re.compile(r"[1-5][0-9][0-9]").fullmatch
_HOST = re.compile(r"(?:[A-Za-z0-9._*-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?").fullmatch
_TARGET = re.compile(r"/[^\s\x00-\x20\x7f]*").fullmatch


class BadTestValue(Exception):
    """A value makes no sense where it stands."""

    def __init__(self, entry: Entry, word: Word) -> None:
        super().__init__(entry.name)
        self.entry = entry
        self.word = word


def text_of(word: Word, variables: Mapping[str, str]) -> str:
    """Return what a word means.

    Raises `BadTestValue` for a variable that nothing sets, and for a text that nginx would not
    read: of variables that each hold the one before twice, no memory holds the last.
    """
    size = len(word.text)

    def value(match: re.Match[str]) -> str:
        nonlocal size
        name = match["name"] or match["inner"]
        if name is None:
            return "$"
        if name not in variables:
            near = difflib.get_close_matches(name, variables, 1)
            known = f"write ${near[0]}" if near else f"write let {name} = … above"
            raise BadTestValue(RouteTestVariableUnknown(variable=name, known=known), word)
        size += len(variables[name])
        if size > _MOST_CHARACTERS:
            raise _bad(word, "value", f"at most {_MOST_CHARACTERS} characters")
        return variables[name]

    return _VARIABLE.sub(value, word.text) if "$" in word.text else word.text


def _filled(node: Any, variables: Mapping[str, str]) -> Any:
    """Return a node with the text of every word in it filled in."""
    if isinstance(node, Word):
        return dataclasses.replace(node, text=text_of(node, variables))
    if isinstance(node, tuple):
        return tuple(_filled(item, variables) for item in node)
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        changes = {
            field.name: _filled(getattr(node, field.name), variables)
            for field in dataclasses.fields(node)
        }
        return dataclasses.replace(node, **changes)
    return node


def condition(item: Condition, variables: Mapping[str, str]) -> Condition:
    """Fill in and check what a request is sent with. Raises `BadTestValue`."""
    found: Condition = _filled(item, variables)
    if isinstance(found, Client):
        try:
            ipaddress.ip_address(found.address.text)
        except ValueError as error:
            raise _bad(found.address, "IP address", "10.0.0.7") from error
    if isinstance(found, SentHeader) and found.name.text.lower() == "host":
        # It would decide in place of the host that the test names.
        wanted = "host NAME above the test, or a whole URL"
        entry = RouteTestValueInvalid(what="header to send", found=found.name.text, wanted=wanted)
        raise BadTestValue(entry, found.name if found.name.column else found.value)
    return found


def expectation(item: Expectation, variables: Mapping[str, str]) -> Expectation:
    """Fill in and check what is expected. Raises `BadTestValue`."""
    found: Expectation = _checked(_filled(item, variables))
    return found


def _checked(item: Any) -> Any:
    match item:
        case Not(claim):
            return Not(_checked(claim))
        case AnyOf(items):
            return AnyOf(tuple(map(_checked, items)))
        case SameAs(request):
            sent(request, Base("http", "a.test"))
            return item
        case ExpectedBackend(name, None) if _STATUS(name.text):
            return Status(name)
        case ExpectedBackend(name) if not _SERVICE(name.text):
            raise _bad(name, "backend", "shop/cart:8080")
        case Unopened(Word() as name) if not _SERVICE(name.text):
            raise _bad(name, "backend", "shop/cart:8080")
        case IngressIs(name) if not _OBJECT(name.text):
            raise _bad(name, "Ingress", "shop/web")
        case _:
            return item


def _bad(word: Word, what: str, wanted: str) -> BadTestValue:
    found = shortened(word.text or word.raw)
    return BadTestValue(RouteTestValueInvalid(what=what, found=found, wanted=wanted), word)


@dataclass(frozen=True, slots=True)
class Base:
    """What a test's path is added to."""

    scheme: str
    host: str

    @classmethod
    def read(cls, text: str, word: Word) -> Base:
        """Read a name after ``host``. Raises `BadTestValue`."""
        scheme, host, rest = split_url(text) or ("http", text, "")
        if rest.strip("/") or not _HOST(host):
            raise _bad(word, "host", "shop.example.com or https://shop.example.com")
        return cls(scheme, host.lower())


@dataclass(frozen=True, slots=True)
class Given:
    """What a request is sent with."""

    scheme: str | None
    headers: tuple[tuple[str, str], ...]
    client: str | None
    certificate: Presented | None = None
    """``None``: none is sent."""

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> Given:
        """Gather conditions; cookies become one header, of scheme and client the last counts."""
        scheme, client, certificate = None, None, None
        headers: list[tuple[str, str]] = []
        cookies: list[str] = []
        for item in conditions:
            match item:
                case Scheme(name):
                    scheme = name.text
                case Client(address):
                    client = address.text
                case ShownCertificate(subject):
                    certificate = Presented()
                    if subject is not None:
                        certificate = Presented(verified=True, subject=subject.text)
                case SentHeader(name, value):
                    headers.append((name.text, value.text))
                case SentCookie(name, value):
                    cookies.append(f"{name.text}={value.text}")
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        return cls(scheme, tuple(headers), client, certificate)


def sent(request: RequestLine, base: Base, scheme: str | None = None) -> tuple[str, str, str, str]:
    """Return method, scheme, host and target of a request. Raises `BadTestValue`."""
    method = request.method.text if request.method else "GET"
    text, host = request.target.text, base.host
    used = scheme or base.scheme
    url = split_url(text)
    if url is not None:
        used, host, text = url
        if not _HOST(host):
            raise _bad(request.target, "host", "http://shop.example.com/cart")
        text = text if text.startswith("/") else "/" + text
    _check_target(text, request.target)
    return method, used, host, text


def _check_target(text: str, word: Word) -> None:
    if not _TARGET(text):
        raise _bad(word, "path", "/a%20path, with spaces as %20")
