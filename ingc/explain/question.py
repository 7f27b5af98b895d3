"""A request to be explained, read from a URL as somebody types it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingc.k8s.backend import is_port_number
from ingc.syntax.header_rules import Headers
from ingc.syntax.request import Presented, Request, headers_as_sent
from ingc.syntax.url import DEFAULT_PORTS, cut_port, split_url
from ingc.syntax.visible import visible

_PORT_NUMBER = re.compile(r":([0-9]{1,5})\Z").search
_LONGEST = 80
_METHOD = re.compile(r"[A-Z_-]+").fullmatch


class BadQuestion(ValueError):
    """Not a request that can be explained; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request."""

    method: str
    scheme: str
    """``http`` or ``https``."""
    host: str
    """The Host header as sent: with the port where the URL names one."""
    target: str
    """The request target as sent; begins with a slash."""
    headers: Headers = ()
    """Beside Host; names in any case."""
    sni: str | None = None
    """The name that TLS requests; ``None``: that of the Host header; empty: none."""
    client_ip: str | None = None
    """The client's address; ``None``: lists of addresses are named, not applied."""
    presented: Presented | None = None
    """What else the client presents; ``None``: not known, and nobody is refused for it."""

    @property
    def url(self) -> str:
        """The request as a URL."""
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def port(self) -> int:
        """The port that the Host header names, or that the scheme means."""
        named = _PORT_NUMBER(self.host)
        return int(named[1]) if named else DEFAULT_PORTS[self.scheme]

    @property
    def request(self) -> Request:
        """The request as the oracle and the model take it."""
        found = Request(
            self.host.encode("utf-8", "surrogateescape"),
            self.target.encode("utf-8", "surrogateescape"),
            self.scheme,
            self.method,
            headers_as_sent(self.headers),
            None if self.sni is None else self.sni.encode("utf-8", "surrogateescape"),
            self.client_ip,
        )
        return found if self.presented is None else found._replace(**self.presented._asdict())

    @property
    def host_name(self) -> str:
        """The Host header without its port."""
        return cut_port(self.host)[0]


def is_url(text: str) -> bool:
    """Return whether an argument is a URL: it begins with ``http://`` or ``https://``."""
    return text[:8].lower().startswith(("http://", "https://"))


def read_question(
    url: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    sni: str | None = None,
    client_ip: str | None = None,
) -> Question:
    """Read a URL as a client would send it: without user, password and fragment.

    A ``Host`` among the headers is sent in place of the URL's, whose name TLS still requests: none
    where it is an address (RFC 6066, section 3). What nginx would refuse is no error here: the
    answer reports it. Raises `BadQuestion`.
    """
    if not _METHOD(method):
        raise BadQuestion(f"{method!r} is not a method; write it in upper case, such as POST")
    if not url.isascii():
        _check_text(url)
    found = split_url(url)
    if found is None:
        raise BadQuestion(_why_no_url(url))
    scheme, authority, rest = found
    authority = authority.rpartition("@")[2]
    name, port = cut_port(authority)
    if not name:
        raise BadQuestion(f"{printable(url)} has no host")
    number = port[:6]  # six digits are too many already
    if number and not is_port_number(int(number)):
        raise BadQuestion(f"{printable(url)} has a port that is none: {number}")
    target = rest.partition("#")[0]
    if target[:1] != "/":
        target = "/" + target
    sent = tuple(headers)
    if sent:
        host = next((value for header, value in sent if header.lower() == "host"), None)
        if host is not None:
            sni = _tls_name(name, cut_port(host)[0]) if scheme == "https" and sni is None else sni
            authority = host
        sent = tuple(item for item in sent if item[0].lower() != "host")
    return Question(method, scheme, authority, target, sent, sni, client_ip)


def _tls_name(name: str, host: str) -> str | None:
    """Return what a client requests in TLS for a URL's name beside another Host header."""
    if name.lower() == host.lower():
        return None
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name
    return ""


def _check_text(url: str) -> None:
    try:
        url.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BadQuestion(
            f"{printable(url)} is not a text: it holds half of a character"
        ) from error


def printable(text: str) -> str:
    """Return a user's text in quotes, cut where it is long, with nothing unprintable in it."""
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return f'"{visible(text)}"'


def _why_no_url(text: str) -> str:
    if not text.strip():
        return "the URL is empty"
    scheme, colon, _ = text.partition("://")
    if colon and scheme.isalnum():
        return f"{printable(text)} is neither http nor https"
    return f"{printable(text)} is not a URL; write it with http:// or https://"
