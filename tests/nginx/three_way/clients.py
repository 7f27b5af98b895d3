"""The clients: their certificates, and what the PROXY protocol says of them."""

from __future__ import annotations

import ipaddress
import ssl
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from ingc.syntax.request import NO_PRELUDE, Prelude
from tests.nginx.authorities import Authority, Client

ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
"""Those of all clients, also of those that a proxy names."""
_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LOCAL, _PROXY = 0x20, 0x21
_TCP4 = 0x11


@cache
def ours() -> Authority:
    """Return the authority that every host with client certificates trusts."""
    return Authority("ours")


class _Shown(NamedTuple):
    client: Client
    more: bytes = b""
    """The certificates of authorities between the client's and the root, PEM."""
    depth: int = 0
    """How many these are."""
    rejected: Literal["", "unvouched", "invalid"] = ""
    """Why a server that trusts `ours` does not accept it."""


@cache
def _shown() -> dict[str, _Shown]:
    lower = Authority("middle", by=ours())
    lowest = Authority("lowest", by=lower)
    return {
        "anna": _Shown(ours().client("anna")),
        "bert": _Shown(ours().client("bert")),
        "deep": _Shown(lowest.client("anna"), lowest.pem + lower.pem, 2),
        "expired": _Shown(ours().client("anna", expired=True), rejected="invalid"),
        "foreign": _Shown(Authority("theirs").client("anna"), rejected="unvouched"),
    }


CERTIFICATES = ("anna", "bert", "deep", "expired", "foreign")
"""Of the right authority, of somebody else, with too many authorities between, and wrong ones."""


class Verified(NamedTuple):
    """What a server makes of a client's certificate."""

    verified: bool
    rejected: Literal["", "unvouched", "invalid"]
    subject: str


def verified(certificate: str, depth: int) -> Verified:
    """Return what a server that trusts `ours` makes of a certificate."""
    if not certificate:
        return Verified(False, "", "")
    found = _shown()[certificate]
    # OpenSSL looks no deeper, and so finds nobody that it knows.
    rejected = "unvouched" if found.depth > depth else found.rejected
    subject = found.client.certificate.subject.rfc4514_string()
    return Verified(not rejected, rejected, subject)


@cache
def context_of(certificate: str) -> ssl.SSLContext:
    """Return how a client with a certificate, or with none, speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate:
        found = _shown()[certificate]
        key = found.client.pem[found.client.pem.index(b"-----END CERT") :].partition(b"\n")[2]
        leaf = found.client.pem.removesuffix(key)
        with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
            path = Path(folder) / "client.pem"
            path.write_bytes(leaf + found.more + key)
            context.load_cert_chain(path)
    return context


def prelude_bytes(prelude: str) -> bytes:
    """Return a prelude of `tests.nginx.three_way.case.Asking` on the wire."""
    if not prelude:
        return b""
    form, *named = prelude.split()
    if form == "v1":
        if not named:
            return b"PROXY UNKNOWN\r\n"
        return b"PROXY TCP4 %b 192.0.2.1 5555 %b\r\n" % (named[0].encode(), named[1].encode())
    if not named:
        return _SIGNATURE + struct.pack("!BBH", _LOCAL, 0, 0)
    addresses = (ipaddress.IPv4Address(text).packed for text in (named[0], "192.0.2.1"))
    ends = b"".join(addresses) + struct.pack("!HH", 5555, int(named[1]))
    return _SIGNATURE + struct.pack("!BBH", _PROXY, _TCP4, len(ends)) + ends


def prelude_of(prelude: str) -> Prelude:
    """Return a prelude as the oracle and the model take it."""
    if not prelude:
        return NO_PRELUDE
    _, *named = prelude.split()
    return Prelude(named[0], int(named[1])) if named else Prelude()
