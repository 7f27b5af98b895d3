"""TLS that is passed on unopened, on a real nginx with a backend that opens it."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from ingc.nginx import Nginx, free_ports
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate, secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.settings import config_map
from tests.nginx.streams import stream_module
from tests.nginx.tls_backend import TlsBackend
from tests.nginx.wire import Connection, Response, Tls, get
from tests.objects import Object, annotated, endpoint_slice, ingress, prefix, rule, service, tls

PAIR = certificate("secure.test")
PASSED = annotated(ssl_passthrough="true")
NAMES = ("secure.test", "*.wild.test", "default", "include")


def objects(secure: TlsBackend, web: Backend) -> list[Object]:
    """Return hosts whose TLS is passed on, and a.test and own.wild.test, whose TLS is ours."""
    return [
        ingress(
            "secure", *(rule(n, prefix("/", "secure", 443)) for n in NAMES), annotations=PASSED
        ),
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            rule("own.wild.test", prefix("/", "web")),
            tls=[tls("a.test", "own.wild.test", by="a")],
        ),
        secret_for("a", "a.test", "own.wild.test"),
        service("secure", 443),
        endpoint_slice("secure", secure.address, port=secure.port),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
    ]


@contextlib.contextmanager
def passing(nginx: Nginx, *given: Object, **options: Any) -> Iterator[Site]:
    """Serve with passthrough on."""
    own, backends = free_ports(2)
    with serving(
        nginx,
        given,
        echo=False,
        stream_module=stream_module(nginx),
        ssl_passthrough_proxy_port=own,
        ssl_passthrough_backend_port=backends,
        **{"enable_ssl_passthrough": True, **options},
    ) as site:
        yield site


def over_tls(
    site: Site, name: str | None, host: str, *, before: bytes = b"", source: str | None = None
) -> tuple[bytes | None, Response]:
    """Ask over TLS; return the certificate that was shown, and the answer."""
    with Connection(site.https, tls=Tls(name), source=source, before=before) as connection:
        assert isinstance(connection.socket, ssl.SSLSocket)
        shown = connection.socket.getpeercert(binary_form=True)
        return shown, connection.request(get("/x", host))


def der(pair: tuple[bytes, bytes]) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair[0].decode())


@pytest.fixture(scope="module")
def secure() -> Iterator[TlsBackend]:
    with TlsBackend("secure", PAIR) as backend:
        yield backend


@pytest.fixture(scope="module")
def web() -> Iterator[Backend]:
    with Backend("web") as backend:
        yield backend


@pytest.fixture(scope="module")
def site(nginx: Nginx, secure: TlsBackend, web: Backend) -> Iterator[Site]:
    with passing(nginx, *objects(secure, web)) as site:
        yield site


@pytest.mark.parametrize(
    "name",
    [
        *("secure.test", "SECURE.test", "secure.test.", "default", "include"),
        *("b.wild.test", "B.Wild.TEST", "b.wild.test."),
    ],
)
def test_the_backend_opens_the_tls(site: Site, secure: TlsBackend, name: str) -> None:
    shown, answer = over_tls(site, name, "whatever.test")
    assert shown == der(PAIR)
    assert answer.body == b"secure"
    assert secure.names[-1] == name
    # No PROXY line came before: it would have broken the handshake.
    sent = dict(secure.requests[-1].headers)
    assert not any(header.lower().startswith("x-") for header in sent)


@pytest.mark.parametrize(
    "name", ["a.test", "A.test", "a.test.", "own.wild.test", "OWN.wild.test", "own.wild.test."]
)
def test_other_tls_is_ours_and_the_client_is_known(site: Site, web: Backend, name: str) -> None:
    shown, answer = over_tls(site, name, name, source="127.0.0.5")
    assert shown == der(certificate("a.test", "own.wild.test"))
    assert answer.body == b"web"
    told = {key.lower(): value for key, value in web.requests[-1].headers}
    assert told["x-real-ip"] == told["x-forwarded-for"] == "127.0.0.5"
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-port"] == "443"


@pytest.mark.parametrize("name", [None, "nobody.test", "a.b.wild.test", "wild.test", "x.a.test"])
def test_no_other_name_is_served(site: Site, name: str | None) -> None:
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        over_tls(site, name, "secure.test")


def test_what_is_no_tls_is_refused(site: Site, secure: TlsBackend) -> None:
    before = secure.connections
    with Connection(site.https) as connection:
        assert connection.request(get("/", "secure.test")).status == 400
    assert secure.connections == before


def test_plain_http_is_served_as_ever(site: Site, nginx: Nginx) -> None:
    found = site.ask("a.test", "/x")
    assert (found.status, found.header("Location")) == (308, "https://a.test/x")
    # The backend answers http with nothing, as it speaks TLS alone.
    assert site.ask("secure.test", "/").status == 502


def test_the_oracle_knows(site: Site) -> None:
    for name in ("secure.test", "b.wild.test", "SECURE.test"):
        assert site.oracle.match(name, "/", scheme="https").unopened == "default_secure_443"
    assert site.oracle.match("a.test", "/", scheme="https").upstream == "default_web_80"


def test_a_backend_behind_nothing_closes_the_connection(nginx: Nginx) -> None:
    given = [
        ingress("secure", rule("secure.test", prefix("/", "secure", 443)), annotations=PASSED),
        service("secure", 443),
        endpoint_slice("secure", port=443),
    ]
    with passing(nginx, *given) as site:
        for name in ("secure.test", "other.test", None):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                over_tls(site, name, "secure.test")
        assert site.ask("secure.test", "/").status == 503


def test_the_proxy_protocol_in_front(nginx: Nginx, secure: TlsBackend, web: Backend) -> None:
    keys = config_map("settings", {"use-proxy-protocol": "true"})
    line = b"PROXY TCP4 203.0.113.5 192.0.2.1 5555 443\r\n"
    given = [*objects(secure, web), keys]
    with passing(nginx, *given, configmap="ingress-nginx/settings") as site:
        shown, answer = over_tls(site, "secure.test", "secure.test", before=line)
        assert (shown, answer.body) == (der(PAIR), b"secure")
        _, answer = over_tls(site, "a.test", "a.test", before=line)
        assert answer.body == b"web"
        told = {key.lower(): value for key, value in web.requests[-1].headers}
        assert told["x-real-ip"] == "203.0.113.5"
        assert told["x-forwarded-proto"] == "https"
        with Connection(site.http) as connection:
            connection.send(b"PROXY TCP4 203.0.113.6 192.0.2.1 5555 80\r\n")
            assert connection.request(get("/", "a.test")).status == 308


def test_an_allow_list_of_other_hosts_sees_the_client(nginx: Nginx, web: Backend) -> None:
    secure = [
        ingress("secure", rule("secure.test", prefix("/", "web")), annotations=PASSED),
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            tls=[tls("a.test", by="a")],
            annotations=annotated(allowlist_source_range="127.0.0.5/32"),
        ),
        secret_for("a", "a.test"),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
    ]
    with passing(nginx, *secure) as site:
        assert over_tls(site, "a.test", "a.test", source="127.0.0.5")[1].status == 200
        assert over_tls(site, "a.test", "a.test", source="127.0.0.6")[1].status == 403
        assert over_tls(site, "a.test", "a.test")[1].status == 403


def test_the_twin_is_redirected_to_the_port_of_clients(nginx: Nginx, web: Backend) -> None:
    given = [
        ingress("secure", rule("secure.test", prefix("/", "web")), annotations=PASSED),
        ingress(
            "web",
            rule("a.test", prefix("/", "web")),
            tls=[tls("a.test", by="a")],
            annotations=annotated(from_to_www_redirect="true"),
        ),
        secret_for("a", "a.test", "www.a.test"),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
    ]
    with passing(nginx, *given) as site:
        _, answer = over_tls(site, "www.a.test", "www.a.test")
        assert answer.header("Location") == f"https://a.test:{site.https[1]}/x"
        plain = site.ask("www.a.test", "/x")
        assert plain.header("Location") == f"http://a.test:{site.http[1]}/x"


def test_nginx_takes_many_and_long_names(nginx: Nginx, web: Backend) -> None:
    names = [f"{'n' * 60}.{'m' * 60}.host-{number}.test" for number in range(1500)]
    given = [
        ingress("many", *(rule(n, prefix("/", "web")) for n in names), annotations=PASSED),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
    ]
    with passing(nginx, *given):
        pass  # it fails where nginx warns


def test_aliases_are_passed_on_too(nginx: Nginx, secure: TlsBackend, web: Backend) -> None:
    alias = annotated(ssl_passthrough="true", server_alias="also.test, ~^n[0-9]+[.]test$")
    given = [
        ingress("secure", rule("s.test", prefix("/", "secure", 443)), annotations=alias),
        *objects(secure, web)[1:],
        ingress("own", rule("n7.test", prefix("/", "web")), tls=[tls("n7.test", by="n7")]),
        secret_for("n7", "n7.test"),
    ]
    with passing(nginx, *given) as site:
        for name in ("s.test", "also.test", "n1.test", "N2.test"):
            assert over_tls(site, name, name)[0] == der(PAIR)
        # An exact name comes before a regex, here as there.
        assert over_tls(site, "n7.test", "n7.test")[0] == der(certificate("n7.test"))


def test_redirects_name_no_port_of_the_loopback(nginx: Nginx, web: Backend) -> None:
    moved = annotated(
        permanent_redirect="/new", relative_redirects="false", use_port_in_redirects="true"
    )
    given = [
        ingress("secure", rule("s.test", prefix("/", "web")), annotations=PASSED),
        ingress("moved", rule("a.test", prefix("/", "web")), tls=[tls(by="a")], annotations=moved),
        secret_for("a", "a.test"),
        service("web", 80),
        endpoint_slice("web", web.address, port=web.port),
    ]
    with passing(nginx, *given) as site:
        assert str(site.outcome("a.test", "/", scheme="https")) == "301 https://a.test/new"


def test_an_error_in_the_settings_closes_all(
    nginx: Nginx, secure: TlsBackend, web: Backend
) -> None:
    given = [*objects(secure, web), config_map("settings", {"block-cidrs": "nonsense"})]
    with (
        passing(nginx, *given, configmap="ingress-nginx/settings", on_error="isolate") as site,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        over_tls(site, "secure.test", "secure.test")
