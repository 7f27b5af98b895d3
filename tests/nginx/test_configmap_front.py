"""Who the client is, with a ConfigMap: forwarded headers, the PROXY protocol, who is refused."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from ingc.syntax.request import Prelude, Request
from tests.nginx.certificates import ONE, SECRETS
from tests.nginx.harness import Site, foretold, seen
from tests.nginx.settings import set_by, told
from tests.nginx.wire import Connection, Tls, get
from tests.objects import ingress, prefix, rule

WEB = ingress("web", rule("a.test", prefix("/", "web")))
TRUSTED = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": "127.0.0.0/8"}
SENT = (
    b"X-Forwarded-For: 203.0.113.7, 127.0.0.9",
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Port: 8443",
    b"X-Forwarded-Host: www.b.test:8443, proxy.test",
)


def test_forwarded_headers_are_believed(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], TRUSTED) as site:
        headers = told(site, *SENT)
        assert headers["x-forwarded-for"] == headers["x-real-ip"] == "203.0.113.7"
        for name in ("x-forwarded-proto", "x-forwarded-scheme", "x-scheme"):
            assert headers[name] == "https"
        assert headers["x-forwarded-port"] == "8443"
        # of several hosts the first
        assert headers["host"] == headers["x-forwarded-host"] == "www.b.test:8443"
        assert headers["x-original-forwarded-for"] == "203.0.113.7, 127.0.0.9"
        assert headers["x-original-forwarded-host"] == "www.b.test:8443, proxy.test"


def test_what_a_trusted_proxy_does_not_say_is_told_as_ever(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], TRUSTED) as site:
        headers = told(site)
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(site.http[1])
    assert headers["host"] == headers["x-forwarded-host"] == "a.test"


def test_without_the_key_nothing_is_believed(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], {"proxy-real-ip-cidr": "127.0.0.0/8"}) as site:
        headers = told(site, *SENT)
    assert headers["x-forwarded-for"] == headers["x-real-ip"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(site.http[1])
    assert headers["host"] == headers["x-forwarded-host"] == "a.test"


def test_an_address_is_believed_of_the_named_proxies_alone(nginx: Nginx) -> None:
    keys = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": "10.0.0.0/8"}
    with set_by(nginx, [WEB], keys) as site:
        assert told(site, *SENT)["x-real-ip"] == "127.0.0.1"


def test_the_peer_is_added_to_the_list(nginx: Nginx) -> None:
    keys = {**TRUSTED, "compute-full-forwarded-for": "true"}
    with set_by(nginx, [WEB], keys) as site:
        headers = told(site, *SENT)
        assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.9, 127.0.0.1"
        assert headers["x-real-ip"] == "203.0.113.7"
        assert told(site)["x-forwarded-for"] == "127.0.0.1"


def test_real_ip_takes_the_address_alone_of_another_header(nginx: Nginx) -> None:
    keys = {"enable-real-ip": "true", "forwarded-for-header": "X-Client"}
    with set_by(nginx, [WEB], keys) as site:
        headers = told(site, b"X-Client: 203.0.113.9", *SENT)
    assert headers["x-real-ip"] == headers["x-forwarded-for"] == "203.0.113.9"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == "a.test"
    assert headers["x-original-forwarded-for"] == "203.0.113.9"


def _both(site: Site, *headers: tuple[str, str], target: str = "/x/") -> str:
    """Ask nginx and the oracle."""
    lines = [f"{name}: {value}".encode() for name, value in headers]
    found = seen(site.ask("a.test", target, *lines))
    assert found == foretold(site.oracle.match("a.test", target, headers=headers), site.config)
    return str(found)


def test_the_redirect_to_https_asks_the_proxy(nginx: Nginx) -> None:
    with set_by(nginx, [ONE, *SECRETS], TRUSTED) as site:
        assert _both(site) == "308 https://a.test/x"
        assert _both(site, ("X-Forwarded-Proto", "http")) == "308 https://a.test/x"
        assert _both(site, ("X-Forwarded-Proto", "https")).startswith("default/a:80 by ")
        assert _both(site, ("X-Forwarded-Host", "b.test:81, c")) == "308 https://b.test/x"
        # What is no name is not repeated.
        for odd in ("b.test/evil", "evil@b.test", "b.test?", "[::1]", "b.test\\x"):
            assert _both(site, ("X-Forwarded-Host", odd)) == "308 https://a.test/x"


def test_without_the_key_a_client_cannot_talk_itself_out_of_the_redirect(nginx: Nginx) -> None:
    with set_by(nginx, [ONE, *SECRETS], {}) as site:
        assert _both(site, ("X-Forwarded-Proto", "https")) == "308 https://a.test/x"


@pytest.mark.parametrize(("port", "scheme"), [(443, "https"), (80, "http")])
def test_the_proxy_protocol_names_client_port_and_scheme(
    nginx: Nginx, port: int, scheme: str
) -> None:
    keys = {"use-proxy-protocol": "true"}
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n" % port
    with set_by(nginx, [WEB], keys) as site, Connection(site.http) as connection:
        connection.send(line + get("/", "a.test", b"X-Forwarded-Proto: gopher"))
        story = connection.read().json()
    headers = {name.lower(): value for name, value in story["request"]["headers"]}
    assert headers["x-real-ip"] == headers["x-forwarded-for"] == "203.0.113.5"
    assert headers["x-forwarded-proto"] == scheme
    assert headers["x-forwarded-port"] == str(port)


@pytest.mark.parametrize("port", [1234, 443, 80])
def test_the_port_of_the_proxy_line_is_named_over_tls_too(nginx: Nginx, port: int) -> None:
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n" % port
    with set_by(nginx, [ONE, *SECRETS], {"use-proxy-protocol": "true"}) as site:
        assert site.https is not None
        with Connection(site.https, before=line, tls=Tls("a.test")) as connection:
            connection.send(get("/", "a.test"))
            story = connection.read().json()
    headers = {name.lower(): value for name, value in story["request"]["headers"]}
    assert headers["x-forwarded-port"] == str(port)
    assert headers["x-forwarded-proto"] == headers["x-scheme"] == "https"
    assert headers["x-forwarded-for"] == "203.0.113.5"


def test_the_proxy_line_names_the_client_whatever_a_trusted_one_forwards(nginx: Nginx) -> None:
    keys = {
        **TRUSTED,
        "use-proxy-protocol": "true",
        "proxy-real-ip-cidr": "127.0.0.0/8,203.0.113.5",
    }
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 80\r\n"
    with set_by(nginx, [WEB], keys) as site, Connection(site.http) as connection:
        connection.send(line + get("/", "a.test", b"X-Forwarded-For: 198.51.100.9"))
        story = connection.read().json()
    headers = {name.lower(): value for name, value in story["request"]["headers"]}
    assert headers["x-forwarded-for"] == headers["x-real-ip"] == "203.0.113.5"
    assert headers["x-original-forwarded-for"] == "198.51.100.9"


@pytest.mark.parametrize(
    ("port", "sent", "scheme"),
    [
        (443, ("https",), "https"),
        (443, ("http",), "https"),
        (443, (), "https"),
        (80, ("https",), "https"),
        (80, ("http",), "http"),
        (80, (), "http"),
    ],
)
def test_the_port_443_of_a_proxy_line_goes_before_what_a_header_claims(
    nginx: Nginx, port: int, sent: tuple[str, ...], scheme: str
) -> None:
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n" % port
    keys = {**TRUSTED, "use-proxy-protocol": "true", "compute-full-forwarded-for": "true"}
    lines = [f"X-Forwarded-Proto: {item}".encode() for item in sent]
    with set_by(nginx, [WEB], keys) as site, Connection(site.http, before=line) as connection:
        request = get("/", "a.test", b"X-Forwarded-For: 198.51.100.7", *lines)
        story = connection.request(request).json()
    headers = {name.lower(): value for name, value in story["request"]["headers"]}
    for name in ("x-forwarded-proto", "x-forwarded-scheme", "x-scheme"):
        assert headers[name] == scheme
    assert headers["x-forwarded-port"] == str(port)
    assert headers["x-forwarded-for"] == "198.51.100.7, 203.0.113.5"
    # The line names the client: a header could claim any.
    assert headers["x-real-ip"] == "203.0.113.5"


@pytest.mark.parametrize(("port", "status"), [(443, 200), (80, 308)])
def test_nor_is_the_port_443_redirected_to_https(nginx: Nginx, port: int, status: int) -> None:
    keys = {**TRUSTED, "use-proxy-protocol": "true"}
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n" % port
    headers = (("X-Forwarded-Proto", "http"),)
    asked = Request(b"a.test", b"/", headers=headers, prelude=Prelude("203.0.113.5", port))
    with set_by(nginx, [ONE, *SECRETS], keys) as site:
        with Connection(site.http, before=line) as connection:
            assert (
                connection.request(get("/", "a.test", b"X-Forwarded-Proto: http")).status == status
            )
        foretold = site.oracle.answer(asked).redirect
        assert (foretold is None) == (status == 200)


def test_own_port_of_https_means_the_usual_one(nginx: Nginx) -> None:
    with set_by(nginx, [WEB], TRUSTED) as site:
        own = site.config.settings.https_port
        assert told(site, f"X-Forwarded-Port: {own}".encode())["x-forwarded-port"] == "443"
        assert told(site, b"X-Forwarded-Port: 8444")["x-forwarded-port"] == "8444"


def test_the_proxy_protocol_decides_on_the_redirect(nginx: Nginx) -> None:
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 %d\r\n"
    with set_by(nginx, [ONE, *SECRETS], {"use-proxy-protocol": "true"}) as site:
        for port, status in ((443, 200), (80, 308)):
            with Connection(site.http) as connection:
                connection.send(line % port + get("/", "a.test"))
                assert connection.read().status == status


def test_who_is_refused_everywhere(nginx: Nginx) -> None:
    keys = {
        **TRUSTED,
        "block-cidrs": "203.0.113.0/24",
        "block-user-agents": "~*bot, curl/8.0",
        "block-referers": "~^https?://spam[.]",
    }
    with set_by(nginx, [WEB], keys) as site:
        assert site.ask("a.test", "/").status == 200
        assert site.ask("a.test", "/", b"X-Forwarded-For: 203.0.113.7").status == 403
        assert site.ask("a.test", "/", b"User-Agent: GoogleBot/2").status == 403
        assert site.ask("a.test", "/", b"User-Agent: curl/8.0").status == 403
        assert site.ask("a.test", "/", b"User-Agent: curl/8.0.1").status == 200
        assert site.ask("a.test", "/", b"Referer: http://spam.test/").status == 403
        assert site.ask("nobody.test", "/", b"User-Agent: curl/8.0").status == 403
