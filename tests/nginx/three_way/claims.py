"""What clients, proxies and the services behind say: forwarded headers, preludes, certificates, and
with which status auth services and backends answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.nginx.three_way.clients import CERTIFICATES

Headers = tuple[tuple[str, str], ...]
SOURCES = (*["127.0.0.1"] * 7, "127.0.0.2", "127.0.0.2", "127.0.0.3")
"""Where connections come from."""
FORGED: Headers = (("ssl-client-verify", "SUCCESS"), ("ssl-client-subject-dn", "CN=anna"))
"""What a client must not say of itself."""
_VERDICTS = (*["200"] * 7, "204", *["401"] * 4, "403", "403", "500", "302")
_REPLIES = (*["404"] * 4, "200", "500", "503", "401", "403", "418", "204")
_LISTS = (
    *("127.0.0.3", "127.0.0.4", "127.0.0.4, 127.0.0.3", "127.0.0.1,127.0.0.4, 127.0.0.2"),
    *("127.0.0.3:4711", "127.0.0.4, 127.0.0.2:1 ,", "nobody", "127.0.0.4, x", "127.0.0.256"),
    *("127..0.3", "127.0.0.3,,127.0.0.2", ",127.0.0.4", "[127.0.0.3]:1", "127.0.0.3:0"),
)
_PROTOS = ("https", "https", "http", "HTTPS", "gopher")
_HOSTS = ("front.test", "front.test:8443", "front.test:8443, second.test", "evil.test/x", "[::1]")
_PORTS = ("443", "8443", "x")
_PRELUDES = (
    *("v1 127.0.0.1 80", "v1 127.0.0.2 443", "v1 127.0.0.3 8443", "v1 127.0.0.3 443", "v1"),
    *("v2 127.0.0.4 80", "v2 127.0.0.2 443", "v2"),
)
_RIGHT = (*["anna"] * 4, "bert", "deep", "")


def said(asked: frozenset[str], settings: dict[str, str], chance: random.Random) -> Headers:
    """Return headers for an Ingress with these annotations, and for a ConfigMap."""
    return tuple(_said(asked, settings, chance))


def _said(
    asked: frozenset[str], settings: dict[str, str], chance: random.Random
) -> Iterator[tuple[str, str]]:
    decided = "auth-url" in asked or "global-auth-url" in settings
    if chance.random() < (0.5 if decided else 0.01):
        yield "X-Verdict", chance.choice(_VERDICTS)
    paged = "custom-http-errors" in asked or "custom-http-errors" in settings
    if chance.random() < (0.4 if paged else 0.01):
        yield "X-Reply", chance.choice(_REPLIES)
    believed = "use-forwarded-headers" in settings or "enable-real-ip" in settings
    if chance.random() < (0.6 if believed else 0.02):
        yield "X-Forwarded-For", chance.choice(_LISTS)
    for name, values in (("Proto", _PROTOS), ("Host", _HOSTS), ("Port", _PORTS)):
        while chance.random() < (0.3 if believed else 0.01):
            yield f"X-Forwarded-{name}", chance.choice(values)


def shown(asked: frozenset[str], chance: random.Random) -> str:
    """Return which certificate a client of an Ingress shows; empty: none."""
    if "auth-tls-secret" not in asked:
        return chance.choice(CERTIFICATES) if chance.random() < 0.02 else ""
    return chance.choice(_RIGHT if chance.random() < 0.7 else CERTIFICATES)


def prelude(settings: dict[str, str], chance: random.Random) -> str:
    """Return what the PROXY protocol says; see `tests.nginx.three_way.case.Asking`."""
    if "use-proxy-protocol" not in settings or chance.random() < 0.02:
        return ""
    return chance.choice(_PRELUDES)
