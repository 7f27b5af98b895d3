"""Requests for which the headers in a text are worked out, and what stands in them.

They differ in all that a client, or a proxy in front, may send about who a client is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingc.ir import Settings
from ingc.ir.policies import Front
from ingc.match.client import own_host

_FIRST = re.compile(" *([^, ]+)").match
_CLIENT = "ingc-client-"
_ADDRESS, _PEER, _LINE = "192.0.2.1", "192.0.2.2", "192.0.2.3"
"""The client's address as nginx has it, the peer of the connection, and that of a PROXY line."""
_ALIKE = {
    "request_id": "0123456789abcdef",
    "request_uri": "/a?b=%20&c=+;",
    "request_method": "GET",
    "host": "site.test",
    "remote_addr": _ADDRESS,
    "realip_remote_addr": _PEER,
    "proxy_protocol_addr": _LINE,
    "server_port": "8080",
}


class Sample(dict[str, bytes]):
    """nginx's own variables in one request; ``sends``: the client sends each header that it may."""

    def __init__(self, given: Mapping[str, str], *, sends: bool) -> None:
        super().__init__({name: value.encode() for name, value in given.items()})
        self._sends = sends

    def get(self, name: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        """Return a variable; a header that is not given is what every client sends, or empty."""
        found = super().get(name)
        if found is None and self._sends and name.startswith("http_"):
            return f"{_CLIENT}{name}".encode()
        return default if found is None else found

    def with_others(self, given: Mapping[str, bytes]) -> Sample:
        """Return the request with other variables."""
        made = Sample({}, sends=self._sends)
        made.update(self)
        made.update(given)
        return made

    def text(self, name: str) -> str:
        """Return a variable that is there."""
        return (self.get(name, b"") or b"").decode()

    def header(self, name: str) -> str:
        """Return what the client sends in a header."""
        return self.text("http_" + name.lower().replace("-", "_"))


def _samples(scheme: str) -> tuple[Sample, ...]:
    alike = {**_ALIKE, "scheme": scheme, "https": "on" if scheme == "https" else ""}
    believed = {
        "http_x_forwarded_host": "first.test, second.test",
        "http_x_forwarded_proto": "claimed",
        "http_x_forwarded_port": "999",
        "proxy_protocol_server_port": "443",
    }
    other = dict.fromkeys(("remote_addr", "realip_remote_addr"), "2001:db8::1")
    other |= {"proxy_protocol_addr": "2001:db8::2", "server_port": "8081"}
    other["http_x_forwarded_proto"] = "another"
    silent = {"proxy_protocol_server_port": "81"}
    return (
        Sample({**alike, **believed, "http_host": "site.test:8443"}, sends=True),
        Sample({**alike, **silent, "http_host": "SITE.test."}, sends=False),
        Sample({**alike, **silent, **other, "http_host": "other.test"}, sends=False),
    )


SAMPLES: Mapping[str, tuple[Sample, ...]] = {name: _samples(name) for name in ("http", "https")}
"""By the scheme of the connection: every header is sent, none is, and another server is named."""


def usual_headers(settings: Settings, sample: Sample) -> dict[str, str]:
    """Return the headers that every backend gets with a request, by lower-case names.

    As in ingress-nginx: nginx sends who the client is, and passes on what the client itself
    sends about it as one of "Original" alone.
    """
    front, header = settings.policies.front, sample.header
    host, scheme = _host(front, sample), _scheme(front, sample)
    fresh = sample.text("request_id") if settings.policies.request_id else ""
    return {
        "host": host,
        "upgrade": header("Upgrade"),
        "connection": "upgrade" if header("Upgrade") else "",
        "x-request-id": header("X-Request-ID") or fresh,
        "x-real-ip": sample.text("remote_addr"),
        "x-forwarded-for": _addresses(front, sample),
        "x-forwarded-host": host,
        "x-forwarded-port": _port(settings, sample),
        "x-forwarded-proto": scheme,
        "x-forwarded-scheme": scheme,
        "x-scheme": scheme,
        "x-original-forwarded-for": header(front.sent_for),
        "x-original-forwarded-host": header(front.sent_host),
        "proxy": "",
    }


def _host(front: Front, sample: Sample) -> str:
    """Of a proxy that is believed the first host; else the one that chose the server."""
    sent = sample.get("http_host", b"") or b""
    claimed = _FIRST(sample.header("X-Forwarded-Host")) if front.believed else None
    return claimed[1] if claimed else own_host(sent, sample.get("host", b"") or b"")


def _scheme(front: Front, sample: Sample) -> str:
    by_line = front.proxy_protocol and sample.text("proxy_protocol_server_port") == "443"
    claimed = sample.header("X-Forwarded-Proto") if front.believed else ""
    return "https" if by_line else claimed or sample.text("scheme")


def _port(settings: Settings, sample: Sample) -> str:
    front = settings.policies.front
    if front.proxy_protocol:
        line = sample.text("proxy_protocol_server_port")
        own = "443" if line == str(settings.https_port) else line
    else:
        own = "443" if sample.text("scheme") == "https" else sample.text("server_port")
    claimed = sample.header("X-Forwarded-Port") if front.believed else ""
    own_port = settings.inner_ports is None and claimed == str(settings.https_port)
    return "443" if own_port else claimed or own


def _addresses(front: Front, sample: Sample) -> str:
    if not front.appended:
        return sample.text("remote_addr")
    peer = sample.text("proxy_protocol_addr" if front.proxy_protocol else "realip_remote_addr")
    sent = sample.header("X-Forwarded-For")
    return f"{sent}, {peer}" if sent else peer
