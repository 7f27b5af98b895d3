"""Host names: those of a request as nginx validates them, those of a rule as Kubernetes does."""

from __future__ import annotations

import ipaddress
import re

STRICT_HOST_SINCE = (1, 29, 4)
"""From this nginx on, the Host header is held to RFC 3986's ``host [":" port]``."""

EVERY = "*"
"""In place of a name that nginx may resolve at its start: all."""

_PLAIN = re.compile(rb"[a-z0-9](?:[a-z0-9_-]|\.(?!\.|\Z))*").fullmatch
_STRICT = re.compile(
    rb"(?:\[[0-9A-Za-z:.!$&'()*+,;=_~-]*\]|[0-9A-Za-z!$&'()*+,;=_~.%-]+)(?::[0-9]*)?"
).fullmatch
_LOOSE_FORBIDDEN = re.compile(rb"[\x00-\x20\x7f/]|\.\.").search

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*").fullmatch
_LABEL_ONLY = re.compile(_LABEL).fullmatch


class BadHost(Exception):
    """nginx answers 400 to a request with this Host."""


def read_host(raw: bytes, version: tuple[int, int, int]) -> bytes:
    """Return ``$host`` for a Host header: lower case, without port and one trailing dot.

    Raises `BadHost` where the given nginx version answers 400.
    """
    if _PLAIN(raw):
        return raw
    if version >= STRICT_HOST_SINCE:
        _check_strictly(raw)
    elif _LOOSE_FORBIDDEN(raw) or not raw:
        raise BadHost("the Host header is not a host name")
    name = _cut_port(raw)
    # nginx remembers the last dot of the whole header: one in a port that is none saves the name's.
    if raw.rfind(b".") == len(name) - 1:
        name = name[:-1]
    if not name:
        raise BadHost("the Host header has an empty label")
    return name.lower()


def _check_strictly(raw: bytes) -> None:
    match = _STRICT(raw)
    if match is None or b".." in raw:
        raise BadHost("the Host header is not a host name")
    port = raw.rpartition(b":")[2] if not raw.endswith(b"]") and b":" in raw else b""
    if port and int(port) > 65535:
        raise BadHost("the Host header's port is out of range")


def _cut_port(raw: bytes) -> bytes:
    if raw.startswith(b"["):
        end = raw.find(b"]")
        return raw if end < 0 else raw[: end + 1]
    return raw.partition(b":")[0]


def is_subdomain(text: str) -> bool:
    """Return whether a name is a DNS-1123 subdomain of at most 253 characters."""
    return len(text) <= 253 and _SUBDOMAIN(text) is not None


def plain_name(text: str) -> str:
    """Return a DNS name in the form that names are compared in: lower case, no dot at its end."""
    return text.lower().removesuffix(".")


def is_label(text: str) -> bool:
    """Return whether a name is a DNS-1123 label of at most 63 characters."""
    return len(text) <= 63 and _LABEL_ONLY(text) is not None


def is_wildcard(text: str) -> bool:
    """Return whether a host is ``*.`` and a DNS-1123 subdomain."""
    return text.startswith("*.") and len(text) <= 253 and is_subdomain(text[2:])


def is_address(text: str) -> bool:
    """Return whether a host reads as an IP address, leading zeros included, as Kubernetes does."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", text) is not None
    return True


def covers(pattern: str, host: str) -> bool:
    """Return whether a name or one-label wildcard (``*.example.com``) covers a host."""
    if pattern == host:
        return True
    return pattern.startswith("*.") and host.partition(".")[2] == pattern[2:] and host[:1] != "."


def twin_of(host: str) -> str | None:
    """Return a name without its ``www.``, or with one; ``None`` for wildcards and no name."""
    if not host or host.startswith("*."):
        return None
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
