"""Requests that a load balancer passes on: what is explained of them is what nginx does."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest

from ingc.explain import asker_of, read_question
from ingc.match import Oracle
from ingc.model import Model
from ingc.nginx import Nginx
from ingc.syntax.request import Prelude, Request
from tests.nginx.certificates import certificate
from tests.nginx.deciding import deciding
from tests.nginx.harness import Site, serving
from tests.nginx.settings import NAME, config_map, set_by
from tests.nginx.test_access import THERE, web
from tests.nginx.test_explained import explained
from tests.nginx.test_external_auth import guarded
from tests.nginx.wire import Connection, Response, get
from tests.objects import annotated, ingress, prefix, rule, secret, tls

TRUSTED = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": "127.0.0.0/8"}
TWIN = [
    ingress(
        "shop",
        rule("shop.test", prefix("/", "shop")),
        tls=[tls("shop.test", by="shop")],
        annotations=annotated(from_to_www_redirect="true"),
    ),
    secret("shop", *certificate("shop.test")),
]


def ask(site: Site, request: Request, line: bytes = b"") -> Response:
    """Send a request from its address, after a PROXY line."""
    lines = [f"{name}: {value}".encode() for name, value in request.headers]
    with Connection(site.http, source=request.address, before=line) as connection:
        return connection.request(get(request.target, request.host, *lines))


def locations(site: Site, request: Request, line: bytes = b"") -> set[str | None]:
    """Return the Locations of nginx, the oracle and the model."""
    foretold = site.oracle.answer(request).redirect
    return {
        ask(site, request, line).header("Location"),
        foretold,
        site.model.outcome(request).location,
    }


@pytest.fixture(scope="module")
def twin(nginx: Nginx) -> Iterator[Site]:
    with set_by(nginx, TWIN, TRUSTED) as site:
        yield site


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"Proto": "https", "Port": "443"}, "https://shop.test:443/cart?a=b"),
        ({"Proto": "https", "Port": "8443"}, "https://shop.test:8443/cart?a=b"),
        ({"Proto": "https"}, "https://shop.test:443/cart?a=b"),
        ({"Proto": "http", "Port": "81"}, "http://shop.test:81/cart?a=b"),
        ({"Proto": "http"}, "http://shop.test:80/cart?a=b"),
        # A port that is none can't lead elsewhere.
        ({"Proto": "https", "Port": "1@evil.test"}, "https://shop.test:443/cart?a=b"),
        ({"Proto": "https", "Port": ""}, "https://shop.test:443/cart?a=b"),
    ],
)
def test_a_twin_is_redirected_to_the_port_of_the_balancer(
    twin: Site, sent: dict[str, str], expected: str
) -> None:
    headers = tuple((f"X-Forwarded-{name}", value) for name, value in sent.items())
    request = Request(b"www.shop.test", b"/cart?a=b", headers=headers)
    assert locations(twin, request) == {expected}


def test_without_a_word_of_the_balancer_the_port_is_its_own(twin: Site) -> None:
    request = Request(b"www.shop.test", b"/")
    assert locations(twin, request) == {f"http://shop.test:{twin.http[1]}"}


@pytest.mark.parametrize(("port", "scheme"), [(443, "https"), (80, "http"), (8080, "http")])
def test_a_twin_is_redirected_to_the_port_of_the_proxy_line(
    nginx: Nginx, port: int, scheme: str
) -> None:
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n" % port
    request = Request(b"www.shop.test", b"/a/", prelude=Prelude("203.0.113.5", port))
    with set_by(nginx, TWIN, {"use-proxy-protocol": "true"}) as site:
        assert locations(site, request, line) == {f"{scheme}://shop.test:{port}/a"}


XFF = "X-Forwarded-For"


@pytest.mark.parametrize(
    ("lines", "passes"),
    [
        ([], False),
        (["198.51.100.7"], True),
        (["198.51.100.7, 127.0.0.9"], True),
        (["198.51.100.7, 203.0.113.1"], False),
        (["203.0.113.1, 198.51.100.7"], True),
        (["198.51.100.7:4711"], True),
        (["nobody"], False),
        (["198.51.100.7,"], True),
        (["198.51.100.7", "127.0.0.3"], True),
        (["127.0.0.3", "198.51.100.7"], True),
        (["203.0.113.1", "nobody"], False),
        (["198.51.100.7, nobody, 127.0.0.3"], False),
        (["::ffff:198.51.100.7"], True),
        (["[2001:db8::1]:80"], False),
        (["198.051.100.07"], True),
        (["255.255.255.255"], False),
        (["198.51.100.7 , 127.0.0.1"], True),
    ],
)
def test_a_trusted_peer_names_the_client(nginx: Nginx, lines: list[str], passes: bool) -> None:
    hosts = [web(allowlist_source_range="198.51.100.0/24")]
    headers = tuple((XFF, line) for line in lines)
    request = Request(b"a.test", b"/", headers=headers, address="127.0.0.1")
    with set_by(nginx, hosts, TRUSTED) as site:
        found = ask(site, request).status
        answer = asker_of(explained(site).result).ask(
            read_question("http://a.test/", headers=headers, client_ip="127.0.0.1")
        )
        assert site.model.outcome(request).status == answer.status
        assert (answer.status or 200) == found == (200 if passes else 403)


def test_a_peer_that_is_not_trusted_names_nobody(nginx: Nginx) -> None:
    hosts = [web(allowlist_source_range=THERE)]
    keys = {**TRUSTED, "proxy-real-ip-cidr": "10.0.0.0/8"}
    request = Request(b"a.test", b"/", headers=((XFF, THERE),), address="127.0.0.1")
    with set_by(nginx, hosts, keys) as site:
        assert ask(site, request).status == site.oracle.answer(request).status == 403
        assert site.model.outcome(request).status == 403


def test_where_every_peer_is_trusted_it_need_not_be_known(nginx: Nginx) -> None:
    hosts = [web(allowlist_source_range=THERE)]
    with set_by(nginx, hosts, {"use-forwarded-headers": "true"}) as site:
        for address, status in ((THERE, 200), ("203.0.113.1", 403)):
            request = Request(b"a.test", b"/", headers=((XFF, address),))
            assert ask(site, request).status == status
            for told in (site.oracle.answer(request), site.model.outcome(request)):
                assert (told.status or 200) == status
        nobody = Request(b"a.test", b"/", headers=((XFF, "x"),))
        assert site.oracle.answer(nobody).status is None
        assert site.model.outcome(nobody).status is None


@pytest.mark.parametrize(("peers", "status"), [("127.0.0.0/8", 200), ("10.0.0.0/8", 403)])
def test_the_proxy_line_names_the_client(nginx: Nginx, peers: str, status: int) -> None:
    hosts = [web(allowlist_source_range="198.51.100.7")]
    keys = {"use-proxy-protocol": "true", "proxy-real-ip-cidr": peers}
    line = b"PROXY TCP4 198.51.100.7 192.0.2.1 5555 80\r\n"
    prelude = Prelude("198.51.100.7", 80)
    request = Request(b"a.test", b"/", address="127.0.0.1", prelude=prelude)
    with set_by(nginx, hosts, keys) as site:
        found = ask(site, request, line).status
        told: tuple[Oracle, Model] = site.oracle, site.model
        foretold = {told[0].answer(request).status or 200, told[1].outcome(request).status or 200}
        assert foretold == {found} == {status}


@pytest.mark.parametrize("sent", ["https", "http", ""])
def test_who_signs_in_comes_back_by_the_scheme_of_the_balancer(nginx: Nginx, sent: str) -> None:
    hosts = [guarded(auth_signin="https://login.test/start"), config_map("settings", TRUSTED)]
    headers = [f"X-Forwarded-Proto: {sent}".encode()] if sent else []
    with (
        deciding() as auth,
        serving(nginx, hosts, configmap=NAME, outside={"auth.test": auth.port}) as site,
    ):
        location = site.ask("a.test", "/x?y=z", *headers).header("Location") or ""
    query = urllib.parse.parse_qs(location.partition("?")[2])
    assert query == {"rd": [f"{sent or 'http'}://a.test/x?y=z"]}


def test_the_proxy_line_decides_the_scheme_too(nginx: Nginx) -> None:
    hosts = [
        guarded(auth_signin="https://login.test/start"),
        config_map("settings", {"use-proxy-protocol": "true"}),
    ]
    line = b"PROXY TCP4 198.51.100.7 192.0.2.1 5555 443\r\n"
    with (
        deciding() as auth,
        serving(nginx, hosts, configmap=NAME, outside={"auth.test": auth.port}) as site,
    ):
        location = ask(site, Request(b"a.test", b"/x"), line).header("Location") or ""
    assert urllib.parse.unquote(location).endswith("rd=https://a.test/x")
