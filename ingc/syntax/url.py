"""URLs as somebody types them to get a page: taken apart, not normalised.

Those that nginx queries for an Ingress's author are others, and read with suspicion
(`ingc.syntax.outside`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(?i:(https?))://([^/?#\\]*)(.*)", re.DOTALL).fullmatch
_PORT = re.compile(r":([0-9]*)\Z").search
_HOST = re.compile(r"\[[^\[\]\x00-\x20\x7f]+\]|[^\[\]:\x00-\x20\x7f]+").fullmatch


class BadRequestUrl(ValueError):
    """Not a URL that can be requested; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Url:
    """A URL that is requested."""

    scheme: str
    authority: str
    """Host and port as written: the Host header."""
    target: str
    """The request target as written, ``/`` where the URL has no path."""

    @property
    def host(self) -> str:
        """The host in lower case, without port and brackets."""
        return cut_port(self.authority)[0].strip("[]").lower()

    @property
    def port(self) -> int:
        """The port that it names, or that the scheme means."""
        return int(cut_port(self.authority)[1] or DEFAULT_PORTS[self.scheme])


def split_url(text: str) -> tuple[str, str, str] | None:
    """Split a URL into scheme, authority, perhaps with a user before the host, and the rest: path,
    query and fragment, each of which may be missing.

    ``None`` for a text that does not begin with ``http://`` or ``https://``.
    """
    found = _URL(text)
    if found is None:
        return None
    scheme, authority, rest = found.groups()
    return scheme.lower(), authority, rest


def cut_port(authority: str) -> tuple[str, str]:
    """Return an authority without its port, and the digits of the port; empty: it has none."""
    found = _PORT(authority) if ":" in authority else None
    return (authority[: found.start()], found[1]) if found is not None else (authority, "")


def read_url(text: str) -> Url:
    """Read a URL without user and fragment; without a scheme it is http. Raises `BadRequestUrl`."""
    parts = split_url(text if "://" in text else f"http://{text}")
    if parts is None:
        raise BadRequestUrl(f'"{text}" is neither http nor https')
    scheme, authority, rest = parts
    authority = authority.rpartition("@")[2]
    host, port = cut_port(authority)
    if not host:
        raise BadRequestUrl(f'"{text}" has no host')
    if not _HOST(host):
        raise BadRequestUrl(f'"{text}" is not a URL: {host} is no host')
    if int(port[:6] or 0) > 65535:
        raise BadRequestUrl(f'"{text}" is not a URL: Port out of range 0-65535')
    target = rest.partition("#")[0]
    target = target if target.startswith("/") else f"/{target}"
    if any(char <= " " or char == "\x7f" for char in target):
        raise BadRequestUrl(
            "the path holds a space or a control character; write it as %20 and the like"
        )
    return Url(scheme, authority, target)
