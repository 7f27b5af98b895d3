"""URLs that an Ingress's author lets nginx query: which are refused, and how they are read."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from ingc.syntax.host import is_subdomain
from ingc.syntax.text import BadVariable, Text, Variable, read_text

OWN_HOST = "$host"
"""In place of a host: the one that the request is for."""

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+|\$host(?!\w)|\$\{host\})"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<uri>(?:[/?$].*)?)"
).fullmatch
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*").fullmatch
"""Of such labels alone the system makes an address: ``127.1`` and ``0x7f000001`` are 127.0.0.1."""
_METADATA = tuple(
    map(
        ipaddress.ip_network,
        # Of clouds' own services; most have 169.254.169.254 too, which is of the link.
        (
            "fd00:ec2::/32",  # EC2: metadata, EKS Pod Identity, time, DNS
            *("fd20:ce::254", "168.63.129.16"),  # Google, Azure
            *("100.100.100.200", "fd00:100::100:200"),  # Alibaba
            *("192.0.0.192", "fd00:c1::a9fe:a9fe"),  # Oracle
            *("fd00:42::42", "fd00:a9fe:a9fe::1"),  # Scaleway, Akamai
        ),
    )
)
_OWN_NAMES = frozenset(
    {"localhost", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters"}
    | {f"localhost{version}" for version in (4, 6)}
    | {f"localhost{version}.localdomain{version}" for version in (4, 6)}
)
_METADATA_NAMES = frozenset(
    {
        *("instance-data", "instance-data.ec2.internal"),
        *("metadata", "metadata.goog", "metadata.google.internal", "metadata.tencentyun.com"),
    }
)
_EC2_NAME = re.compile(r"instance-data\.[a-z0-9-]+\.compute\.internal").fullmatch
"""That of a region, where Amazon's DNS answers."""
_SOCKET = "unix"
"""nginx reads ``unix:80`` as the path of a socket, whatever stands behind the colon."""
_ENDS_IN_IPV4 = tuple(
    map(
        ipaddress.IPv6Network,
        # Mapped, translated, NAT64 and local NAT64 addresses.
        ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"),
    )
)
_PORTS = {"http": 80, "https": 443}


class BadUrl(ValueError):
    """nginx may not query this URL; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class OutsideUrl:
    """A URL that nginx may query."""

    scheme: Literal["http", "https"]
    host: str
    """A lower-case DNS name, an address without brackets, or `OWN_HOST`."""
    port: int
    uri: Text
    """Path and query; empty where the URL has neither. Begins with ``/``, or with
    ``$request_uri``, so that it can not prolong the host."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def read_url(text: str) -> OutsideUrl:
    """Read a URL. Raises `BadUrl`."""
    found = _URL(text)
    if found is None:
        raise BadUrl("it does not begin with http:// or https://, a host and perhaps a port")
    host = found["host"].strip("[]").lower().removesuffix(".")
    host = OWN_HOST if host.startswith("$") else host
    if host != OWN_HOST and not _is_host(host):
        raise BadUrl(f"its host {host} is not a DNS name")
    scheme: Literal["http", "https"] = "https" if found["scheme"] == "https" else "http"
    port = int(found["port"] or _PORTS[scheme])
    if not 1 <= port <= 65535:
        raise BadUrl(f"{port} is no port")
    return OutsideUrl(scheme, host, port, _uri(found["uri"]))


def _uri(text: str) -> Text:
    try:
        uri = read_text("/" + text if text.startswith("?") else text)
    except BadVariable as error:
        raise BadUrl(str(error)) from error
    first = uri.parts[0] if uri.parts else "/"
    if first != Variable("request_uri") and not (isinstance(first, str) and first[0] == "/"):
        raise BadUrl("a variable follows on its host, and could prolong it")
    return uri


def _is_host(host: str) -> bool:
    """Return whether a host is an address, or a name that neither system nor nginx makes one."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host != _SOCKET and is_subdomain(host) and not all(map(_NUMBER, host.split(".")))
    return True


def refuse_host(host: str) -> str:
    """Return why nginx may not query a host: it is this machine, its link, or no host at all."""
    if host in _OWN_NAMES or host.endswith((".localhost", ".localdomain")):
        return "it is a name of the local machine"
    if host in _METADATA_NAMES or _EC2_NAME(host):
        return "it is a name of the machine's metadata service"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "" if _is_host(host) else "it is not a DNS name"
    if isinstance(address, ipaddress.IPv6Address):
        return _refuse_ipv6(address)
    return _refuse(address, nowhere=int(address) >> 24 == 0)


def _refuse_ipv6(address: ipaddress.IPv6Address) -> str:
    """Judge an address, and the IPv4 one that it may be a way of writing, or a way to."""
    why = _refuse(address, nowhere=int(address) >> 32 == 0)
    if why:
        return why
    inner = [address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _ENDS_IN_IPV4):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    whys = (_refuse(item, nowhere=int(item) >> 24 == 0) for item in inner if item is not None)
    return next(filter(None, whys), "")


def _refuse(address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, nowhere: bool) -> str:
    if address.is_loopback or nowhere:
        return "it is an address of the local machine"
    if address.is_link_local or address.is_multicast:
        return "it is an address of the local link"
    if any(address in network for network in _METADATA):
        return "it is an address of the machine's metadata service"
    return ""


_RESPONDER = re.compile(
    r"http://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?(?:/.*)?", re.IGNORECASE
).fullmatch


def refuse_responder(url: str) -> str:
    """Return why nginx may not query a URL that a certificate names for OCSP; empty: it may.

    nginx queries none that does not begin with ``http://``.
    """
    if not url.lower().startswith("http://"):
        return ""
    found = _RESPONDER(url)
    if found is None:
        return "it is no plain URL"
    return refuse_host(found[1].strip("[]").lower().removesuffix("."))
