"""What the proof spares: hosts that are alike, sockets, contents, and what was proved before.

Each fault is planted at one place among several that are alike without it, so that nothing but a
shortcut that takes too much for alike could hide it.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

import ingc
from ingc import ir
from ingc.model.tree import Statement, read_statements
from ingc.prove import Proofs
from ingc.prove.parsing import RefusedText, parse
from ingc.prove.routing import Difference, RoutingProof
from ingc.prove.shape import SEAM
from ingc.prove.structure import Reading
from tests.objects import path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"
HOSTS = ("a.test", "b.test", "c.test")
NETWORKS = tuple(f"10.0.{number}.0/24" for number in range(10))
ASKED = {
    "allowlist-source-range": ",".join(NETWORKS),
    "upstream-vhost": "inner.test",
    "enable-cors": "true",
    "cors-allow-origin": "https://x.test",
    "limit-rps": "3",
    "limit-allowlist": "192.0.2.0/24",
    "proxy-read-timeout": "7",
    "ssl-redirect": "false",
}
OPTIONS = ingc.Options(
    tls_files="/tls/{namespace}/{secret}",
    listen_address=("127.0.0.1", "127.0.0.2"),
    nginx_version="1.26",
)


@cache
def compiled() -> tuple[str, ir.Config]:
    """Return three hosts that differ in names alone, each with two paths of the same contents."""
    asked = {PREFIX + name: value for name, value in ASKED.items()}
    objects = [
        *(
            ingress(
                f"web-{host[0]}",
                rule(host, path("/x", host[0]), path("/y", host[0])),
                annotations=asked,
                tls=[{"hosts": [host], "secretName": f"web-{host[0]}"}],
            )
            for host in HOSTS
        ),
        *(service(host[0]) for host in HOSTS),
    ]
    result = ingc.compile(objects, OPTIONS)
    assert result.config is not None, result.errors
    assert result.ir is not None
    return result.config, result.ir


def test_the_hosts_are_alike_to_the_proof() -> None:
    text, config = compiled()
    proof = RoutingProof(config, reading_of(text), Proofs())
    assert list(proof.differences()) == []
    assert len(proof._alike) == 1


def prove(text: str, config: ir.Config, proofs: Proofs) -> list[Difference]:
    """Ask all but the structure proof, which would notice any change."""
    return list(RoutingProof(config, reading_of(text), proofs).differences())


def reading_of(text: str) -> Reading:
    """Return a text as the structure proof hands it on: the frame, and the blocks of ``http``."""
    parsed = parse(text)
    assert not isinstance(parsed, RefusedText), parsed
    main = read_statements(parsed)
    http = next(item for item in main if item.name == "http")
    inner = http.block or ()
    frame = tuple(item for item in inner if item.block is None)
    seam = Statement(SEAM, (), 0)
    rest = tuple(item for item in main if item is not http)
    around = Statement("http", (), http.line, (*frame, seam))
    return Reading((*rest, around), tuple(item for item in inner if item.block is not None), ())


AT_A_HOST = {
    "another's certificate": (r"/tls/shop/web-\w\.crt", "/tls/shop/web-z.crt"),
    "another's key": (r"/tls/shop/web-\w\.key", "/tls/shop/web-z.key"),
    "one address less": (r"        listen 127\.0\.0\.2:443 ssl;\n", ""),
    "one address less in clear": (r"        listen 127\.0\.0\.2:80;\n", ""),
    "another name": (r"server_name \w\.test;", "server_name z.test;"),
    "another Service": (r"proxy_pass http://shop_\w_80", "proxy_pass http://shop_a_81"),
    "the last network": (r" +allow 10\.0\.9\.0/24;\n", ""),
    "one network more": (r"allow 10\.0\.9\.0/24;", "allow 10.0.9.0/24;\nallow 10.1.0.0/16;"),
    "nobody kept out": (r" +deny all;\n", ""),
    "another host to the backend": (r"inner\.test", "other.test"),
    "no limit": (r" +limit_req [^\n]+\n", ""),
    "another time-out": (r"proxy_read_timeout 7s", "proxy_read_timeout 8s"),
    "a header in some answers": (r"(add_header Access-Control-Max-Age [^ ]+) always", r"\1"),
    "a header of the backend": (r" +proxy_hide_header Access-Control-Allow-Origin;\n", ""),
    "no answer to preflights": (r" +if \(\$ingc_preflight[^}]+\}\n", ""),
}
"""A fault, what it replaces, and by what."""


def with_fault(text: str, host: str, fault: str, *, last: bool) -> str:
    """Return a text with a fault in the server of a host, at the first or the last place."""
    start = text.index(f"    # {host}\n    server {{\n")
    end = text.index("\n    }\n", start)
    old, new = AT_A_HOST[fault]
    places = list(re.finditer(old, text[start:end]))
    assert places, (fault, text[start:end])
    place = places[-1 if last else 0]
    return text[: start + place.start()] + place.expand(new) + text[start + place.end() :]


@pytest.mark.parametrize("fault", AT_A_HOST)
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("warm", [False, True], ids=("cold", "warm"))
@pytest.mark.parametrize("last", [False, True], ids=("first", "last"))
def test_a_fault_at_one_of_several_alike_is_noticed(
    fault: str, host: str, *, warm: bool, last: bool
) -> None:
    text, config = compiled()
    proofs = Proofs()
    if warm:
        assert prove(text, config, proofs) == []
        proofs.end_compile()
    assert prove(with_fault(text, host, fault, last=last), config, proofs), fault


AROUND = {
    "a map that the frame refers to": ("https 443;", "https 444;"),
    "a header of the frame": ("X-Real-IP $remote_addr", "X-Real-IP $http_x_real_ip"),
    "whom a limit leaves out": ("192.0.2.0/24 0;", "192.0.2.0/24 1;"),
    "an origin": ("~*^https://x[.]test\\\\z", "~*^https://x.test\\\\z"),
    "an endpoint": (" max_fails=0;", " max_fails=1;"),
    "the default server": ("ssl_reject_handshake on;", "ssl_reject_handshake off;"),
    "terms of TLS": ("ssl_session_tickets off", "ssl_session_tickets on"),
}


@pytest.mark.parametrize("fault", AROUND)
@pytest.mark.parametrize("warm", [False, True], ids=("cold", "warm"))
def test_a_fault_around_hosts_is_noticed(fault: str, *, warm: bool) -> None:
    text, config = compiled()
    proofs = Proofs()
    if warm:
        assert prove(text, config, proofs) == []
        proofs.end_compile()
    old, new = AROUND[fault]
    assert old in text
    assert prove(text.replace(old, new), config, proofs), fault


def test_what_was_wrong_is_not_remembered_as_proved() -> None:
    text, config = compiled()
    proofs = Proofs()
    wrong = with_fault(text, "b.test", "another Service", last=False)
    assert prove(wrong, config, proofs)
    proofs.end_compile()
    assert prove(wrong, config, proofs)
    assert prove(text, config, proofs) == []
