"""Client certificates, as real nginx asks for them."""

from __future__ import annotations

import ssl
import urllib.parse
from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.authorities import Authority, Client
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.wire import Connection, Response, Tls, Unanswered, get
from tests.objects import Object, ingress, opaque, prefix, rule, tls

PREFIX = "nginx.ingress.kubernetes.io/"
OURS, THEIRS = Authority("ours"), Authority("theirs")
ANNA, BERT, EVE = OURS.client("anna"), OURS.client("bert"), THEIRS.client("anna")
FORGED = b"ssl-client-verify: SUCCESS\r\nssl-client-subject-dn: CN=root\r\nssl-client-cert: x"


def guarded(
    host: str = "a.test", *paths: str, by: str = "default/ours", **annotations: str
) -> Object:
    """Return an Ingress that asks for certificates; ``_`` in names stands for ``-``."""
    given = {"auth_tls_secret": by, **annotations}
    name, _, _ = host.partition(".")
    return ingress(
        name.replace("*", "wild"),
        rule(host, *(prefix(path, "a") for path in paths or ("/",))),
        tls=[tls(host, by="cert")],
        annotations={PREFIX + key.replace("_", "-"): value for key, value in given.items()},
    )


OPEN = ingress("open", rule("open.test", prefix("/", "b")), tls=[tls("open.test", by="cert")])
SECRETS = [
    secret_for("cert", "*.test"),
    opaque("ours", ca_crt=OURS.pem),
    opaque("theirs", ca_crt=THEIRS.pem),
    opaque("revoking", ca_crt=OURS.pem, ca_crl=OURS.revoked(BERT)),
]


def ask(
    site: Site,
    client: Client | None = None,
    *headers: bytes,
    host: str = "a.test",
    sni: str | None = "",
    target: str = "/",
) -> Response:
    """Ask on https; without ``sni`` the TLS name is that of the host, ``None`` sends none."""
    identity = client.file(site.prefix) if client else None
    named = host if sni == "" else sni
    with Connection(site.https, tls=Tls(named, identity=identity)) as connection:
        return connection.request(get(target, host, *headers))


def told(response: Response) -> dict[str, str]:
    """Return the headers that a backend got."""
    assert response.status == 200, response
    return {name.lower(): value for name, value in response.json()["request"]["headers"]}


def test_only_clients_of_the_authority_are_served(nginx: Nginx) -> None:
    with serving(nginx, [guarded(), OPEN, *SECRETS]) as site:
        assert ask(site, ANNA).status == 200
        assert ask(site, BERT).status == 200
        assert ask(site).status == 400
        assert ask(site, EVE).status == 400
        assert ask(site, host="open.test").status == 200
        assert site.who("a.test", "/x") == "308 https://a.test/x"


def test_what_the_backend_is_told(nginx: Nginx) -> None:
    with serving(nginx, [guarded(), *SECRETS]) as site:
        headers = told(ask(site, ANNA, FORGED))
    assert headers["ssl-client-verify"] == "SUCCESS"
    assert headers["ssl-client-subject-dn"] == "CN=anna"
    assert headers["ssl-client-issuer-dn"] == "CN=ours"
    assert "ssl-client-cert" not in headers
    assert "x-request-id" in headers


def test_the_certificate_is_passed_on(nginx: Nginx) -> None:
    asked = {"auth_tls_pass_certificate_to_upstream": "true"}
    passing = guarded("a.test", **asked)
    with serving(nginx, [passing, *SECRETS]) as site:
        sent = urllib.parse.unquote(told(ask(site, ANNA, FORGED))["ssl-client-cert"])
    assert ANNA.pem.decode().startswith(sent)
    assert sent.startswith("-----BEGIN CERTIFICATE-----")


def test_optional(nginx: Nginx) -> None:
    with serving(nginx, [guarded(auth_tls_verify_client="optional"), *SECRETS]) as site:
        assert told(ask(site, None, FORGED))["ssl-client-verify"] == "NONE"
        assert told(ask(site, ANNA, FORGED))["ssl-client-verify"] == "SUCCESS"
        assert ask(site, EVE).status == 400


def test_optional_without_an_authority(nginx: Nginx) -> None:
    with serving(nginx, [guarded(auth_tls_verify_client="optional_no_ca"), *SECRETS]) as site:
        assert told(ask(site, EVE, FORGED))["ssl-client-verify"].startswith("FAILED:")
        assert told(ask(site, ANNA, FORGED))["ssl-client-verify"] == "SUCCESS"


def test_off(nginx: Nginx) -> None:
    asked = guarded(auth_tls_verify_client="off", ssl_redirect="false")
    with serving(nginx, [asked, *SECRETS]) as site:
        assert "success" not in told(ask(site, None, FORGED)).get("ssl-client-verify", "").lower()
        plain = site.ask("a.test", "/", FORGED)
        assert "ssl-client-verify" not in told(plain), "a client may claim nothing on plain http"


def test_revoked_clients(nginx: Nginx) -> None:
    with serving(nginx, [guarded(by="default/revoking"), *SECRETS]) as site:
        assert ask(site, ANNA).status == 200
        assert ask(site, BERT).status == 400


@pytest.mark.parametrize("page", ["https://example.com/help", "/help"])
def test_the_error_page(nginx: Nginx, page: str) -> None:
    with serving(nginx, [guarded(auth_tls_error_page=page), *SECRETS]) as site:
        for client in (None, EVE):
            answer = ask(site, client, target="/secret")
            if page.startswith("/"):
                assert answer.json()["request"]["target"] == page
            else:
                assert (answer.status, answer.header("Location")) == (302, page)
        assert ask(site, ANNA, target="/secret").json()["request"]["target"] == "/secret"


@pytest.mark.parametrize("verify", ["on", "optional"])
def test_the_subject_must_match(nginx: Nginx, verify: str) -> None:
    asked = guarded(auth_tls_match_cn="CN=(anna|nobody)$", auth_tls_verify_client=verify)
    with serving(nginx, [asked, *SECRETS]) as site:
        assert ask(site, ANNA).status == 200
        assert ask(site, BERT).status == 403
        assert ask(site).status == (400 if verify == "on" else 403)
        assert site.who("a.test", "/") == "403"
        assert site.who("a.test", "/.well-known/acme-challenge/x") == "403"


def test_a_subject_regex_that_takes_everything_takes_no_empty_subject(nginx: Nginx) -> None:
    asked = guarded(auth_tls_match_cn="CN=x|", auth_tls_verify_client="optional")
    with serving(nginx, [asked, *SECRETS]) as site:
        assert ask(site, ANNA).status == 200
        assert ask(site).status == 403
        assert site.who("a.test", "/") == "403"


def test_plain_http_is_no_way_around(nginx: Nginx) -> None:
    challenge = "/.well-known/acme-challenge"
    asked = guarded("a.test", "/", challenge, ssl_redirect="false")
    other = ingress(
        "other",
        rule("a.test", prefix("/other", "b")),
        annotations={PREFIX + "ssl-redirect": "false"},
    )
    with serving(nginx, [asked, other, *SECRETS]) as site:
        assert site.who("a.test", "/") == "403"
        assert site.who("a.test", "/other") == "403"
        assert site.who("a.test", challenge + "/token") == "a"
        assert ask(site, target="/other").status == 400
        assert ask(site, ANNA, target="/other").status == 200


def test_without_a_certificate_of_its_own_nothing_is_served(nginx: Nginx) -> None:
    asked = guarded("a.test", "/", ssl_redirect="false")
    with serving(nginx, [asked, OPEN, SECRETS[1]], tls_files=None, secret_files=True) as site:
        assert site.who("a.test", "/") == "403"


WHO = [None, ANNA, EVE]


@pytest.mark.parametrize("client", WHO, ids=["none", "ours", "theirs"])
@pytest.mark.parametrize("sni", ["open.test", "b.test", "x.w.test", "unknown.test", None])
@pytest.mark.parametrize("default", [True, False], ids=["default", "none"])
def test_another_tls_name_is_no_way_around(
    nginx: Nginx, client: Client | None, sni: str | None, default: bool
) -> None:
    """b.test and *.w.test trust another authority, open.test nobody."""
    hosts = [
        guarded(),
        guarded("b.test", by="default/theirs"),
        guarded("*.w.test", by="default/theirs", auth_tls_verify_client="optional"),
        OPEN,
    ]
    more: dict[str, Any] = {"default_ssl_certificate": "default/cert"} if default else {}
    with serving(nginx, [*hosts, *SECRETS], **more) as site:
        try:
            status = ask(site, client, host="a.test", sni=sni).status
        except (ssl.SSLError, Unanswered, ConnectionError):
            assert sni in ("unknown.test", None)
            assert not default
        else:
            assert status in (400, 421)
            if sni and sni != "unknown.test" and (sni != "b.test" or client is EVE):
                assert status == 421 or client is ANNA
        assert ask(site, ANNA, host="a.test").status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_of_another_host_is_no_way_around(nginx: Nginx, version: ssl.TLSVersion) -> None:
    hosts = [guarded(), guarded("b.test", by="default/theirs"), OPEN]
    with serving(nginx, [*hosts, *SECRETS]) as site:
        for other, client in (("b.test", EVE), ("open.test", None)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = version
            if client:
                context.load_cert_chain(client.file(site.prefix))
            first, session = _resumed(site, context, other, None)
            again, session = _resumed(site, context, other, session)
            assert (first, again) == (200, 200)
            assert _resumed(site, context, "a.test", session)[0] in (400, 421, None)


def _resumed(
    site: Site, context: ssl.SSLContext, name: str, session: ssl.SSLSession | None
) -> tuple[int | None, ssl.SSLSession | None]:
    """Return the status, ``None`` for a refused handshake, and the session to go on with."""
    with Connection(site.https) as plain:
        try:
            wrapped = context.wrap_socket(plain.socket, server_hostname=name, session=session)
        except ssl.SSLError:
            return None, None
        with wrapped:
            wrapped.sendall(get("/", name))
            return int(wrapped.recv(65536).split(b" ")[1]), wrapped.session


@pytest.mark.parametrize(
    "change",
    [
        {"auth_tls_secret": "default/missing"},
        {"auth_tls_secret": "other/ours"},
        {"auth_tls_secret": "ours"},
        {"auth_tls_secret": "default/cert"},
        {"auth_tls_secret": "default/broken"},
        {"auth_tls_match_cn": "anna"},
        {"auth_tls_match_cn": "CN=("},
        {"auth_tls_match_cn": "CN=(a+)+$"},
        {"auth_tls_error_page": "@named"},
        {"auth_tls_pass_certificate_to_upstream": "yes"},
    ],
    ids=str,
)
def test_on_an_error_the_whole_host_answers_403(nginx: Nginx, change: dict[str, str]) -> None:
    given = {"by": "default/ours", **change}
    given["by"] = given.pop("auth_tls_secret", given["by"])
    other = ingress("z-other", rule("a.test", prefix("/other", "b")))
    broken = opaque("broken", ca_crt=OURS.pem[:-60])
    objects = [guarded("a.test", "/", **given), other, OPEN, broken, *SECRETS]
    with serving(nginx, objects, on_error="isolate") as site:
        for path in ("/", "/other", "/x", "/.well-known/acme-challenge/x"):
            assert site.who("a.test", path) == "403"
            assert ask(site, ANNA, target=path).status == 403
        assert ask(site, host="open.test").status == 200


def test_a_host_without_https_or_without_a_name_answers_403(nginx: Nginx) -> None:
    asked = {PREFIX + "auth-tls-secret": "default/ours"}
    bare = ingress("bare", rule("a.test", prefix("/", "a")), annotations=asked)
    nameless = ingress("nameless", rule(None, prefix("/", "b")), annotations=asked)
    with serving(nginx, [bare, nameless, OPEN, *SECRETS], on_error="isolate") as site:
        assert site.who("a.test", "/") == "403"
        assert site.who("unknown.test", "/") == "403"
        assert ask(site, host="open.test").status == 200


def test_rules_without_a_host_ask_for_none_though_there_is_a_default_certificate(
    nginx: Nginx,
) -> None:
    """A client without SNI would be checked by their authority, and let in by the Host header."""
    asked = {PREFIX + "auth-tls-secret": "default/theirs"}
    nameless = ingress("nameless", rule(None, prefix("/", "b")), annotations=asked)
    objects = [nameless, guarded(), OPEN, *SECRETS]
    certificate = "default/cert"
    with serving(nginx, objects, on_error="isolate", default_ssl_certificate=certificate) as site:
        for sni in ("unknown.test", None):
            assert ask(site, EVE, host="a.test", sni=sni).status in (400, 421)
            assert ask(site, EVE, host="unknown.test", sni=sni).status == 403
        assert site.who("unknown.test", "/") == "403"
        assert ask(site, ANNA).status == 200


def test_ciphers_are_of_one_host(nginx: Nginx) -> None:
    chosen = "ECDHE-ECDSA-AES256-GCM-SHA384"
    first = ingress(
        "first",
        rule("a.test", prefix("/", "a")),
        tls=[tls("a.test", by="cert")],
        annotations={PREFIX + "ssl-ciphers": chosen, PREFIX + "ssl-prefer-server-ciphers": "off"},
    )
    with serving(nginx, [first, OPEN, *SECRETS]) as site:
        for name, expected in (("a.test", chosen), ("open.test", "ECDHE-ECDSA-AES128-GCM-SHA256")):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with Connection(site.https) as plain:
                wrapped = context.wrap_socket(plain.socket, server_hostname=name)
                cipher = wrapped.cipher()
                wrapped.close()
            assert cipher is not None
            assert cipher[0] == expected
