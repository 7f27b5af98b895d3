"""What a ConfigMap says of TLS in files, of authorities, logs and limits, on real nginx."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.frontend.test_dh_param import GOOD
from tests.nginx.certificates import secret_for
from tests.nginx.deciding import by_token, deciding
from tests.nginx.harness import Site
from tests.nginx.settings import set_by
from tests.objects import Object, annotated, ingress, prefix, rule, tls
from tests.resolve.pairs import certificate, key_pem

WEB = ingress("web", rule("a.test", prefix("/", "web")), tls=[tls("a.test", by="a")])
SECRET = secret_for("a", "a.test")
DH: Object = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "dh"},
    "stringData": {"dhparam.pem": GOOD.decode()},
}
TICKETS = {
    "ssl-session-tickets": "true",
    "ssl-session-cache": "false",
    "ssl-protocols": "TLSv1.2",
    "ssl-session-ticket-key": base64.b64encode(bytes(range(80))).decode(),
}
OTHER = {**TICKETS, "ssl-session-ticket-key": base64.b64encode(bytes(48)).decode()}


def client(ciphers: str = "DEFAULT") -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    return context


@contextmanager
def connected(
    site: Site, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(site.https) as plain,
        context.wrap_socket(plain, server_hostname="a.test", session=session) as secure,
    ):
        yield secure


def test_dh_parameters_of_a_secret_make_dhe_possible(nginx: Nginx) -> None:
    keys = {"ssl-ciphers": "DHE-RSA-AES128-GCM-SHA256:ECDHE+AESGCM", "ssl-dh-param": "default/dh"}
    rsa: Object = {
        **SECRET,
        "data": {
            "tls.crt": base64.b64encode(certificate("a.test", kind="rsa")).decode(),
            "tls.key": base64.b64encode(key_pem(kind="rsa")).decode(),
        },
    }
    context = client("DHE-RSA-AES128-GCM-SHA256")
    with (
        set_by(nginx, [WEB, rsa, DH], keys, secret_files=True) as site,
        connected(site, context) as secure,
    ):
        cipher = secure.cipher()
        assert cipher is not None
        assert cipher[0] == "DHE-RSA-AES128-GCM-SHA256"
        (file,) = [file for file in site.config.files if "dhparam" in file.path]
        assert file.private
    del keys["ssl-dh-param"]
    with (
        set_by(nginx, [WEB, rsa, DH], keys, secret_files=True) as site,
        pytest.raises(ssl.SSLError),
        connected(site, context),
    ):
        pass


@pytest.mark.parametrize(("second", "reused"), [(TICKETS, True), (OTHER, False)])
def test_a_ticket_is_taken_where_the_key_is_the_same(
    nginx: Nginx, second: dict[str, str], reused: bool
) -> None:
    context = client()
    with set_by(nginx, [WEB, SECRET], TICKETS, secret_files=True) as site:
        with connected(site, context) as secure:
            session = secure.session
        (file,) = [file for file in site.config.files if "tickets" in file.path]
        assert file.private
        assert len(file.content) == 80
    with (
        set_by(nginx, [WEB, SECRET], second, secret_files=True) as site,
        connected(site, context, session) as secure,
    ):
        assert secure.session_reused == reused


def handshake(site: Site) -> bytes:
    """Return what openssl tells of a handshake in which it asks for the authority's word."""
    address = f"{site.https[0]}:{site.https[1]}"
    command = ["openssl", "s_client", "-connect", address, "-servername", "a.test", "-status"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False)
    return done.stdout


@pytest.mark.parametrize("asked", [True, False])
def test_the_authority_of_a_certificate_is_asked(nginx: Nginx, tmp_path: Path, asked: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as authority:
        port = authority.getsockname()[1]
        pem = certificate("a.test", ocsp=f"http://127.0.0.1:{port}/ocsp")
        (tmp_path / "default_a.crt").write_bytes(pem + pem)
        (tmp_path / "default_a.key").write_bytes(key_pem())
        options: dict[str, Any] = {"tls_files": f"{tmp_path}/{{namespace}}_{{secret}}"}
        keys = {"enable-ocsp": str(asked).lower()}
        with set_by(nginx, [WEB], keys, secret_files=False, **options) as site:
            seen: list[bytes] = []

            def answer() -> None:
                connection, _ = authority.accept()
                with connection:
                    seen.append(connection.recv(200))

            waiting = threading.Thread(target=answer, daemon=True)
            waiting.start()
            # What the authority has not said yet keeps nobody waiting.
            assert b"OCSP response: no response sent" in handshake(site)
            waiting.join(3 if asked else 0.3)
            assert [line.startswith(b"GET /ocsp/") for line in seen] == [True] * asked
            if not asked:
                socket.create_connection(("127.0.0.1", port)).close()


def test_a_name_of_an_authority_that_does_not_exist_lets_nginx_start(
    nginx: Nginx, tmp_path: Path
) -> None:
    pem = certificate("a.test", ocsp="http://nowhere.invalid/")
    (tmp_path / "default_a.crt").write_bytes(pem + pem)
    (tmp_path / "default_a.key").write_bytes(key_pem())
    pattern = f"{tmp_path}/{{namespace}}_{{secret}}"
    options: dict[str, Any] = {"secret_files": False, "tls_files": pattern}
    # What serves looks at the warnings as soon as nginx has started.
    with (
        pytest.raises(AssertionError, match="ignored, host not found in OCSP responder"),
        set_by(nginx, [WEB], {"enable-ocsp": "true"}, **options),
    ):
        pass


def test_limits_count_by_the_variable(nginx: Nginx) -> None:
    limited = ingress(
        "web",
        rule("a.test", prefix("/", "web")),
        annotations=annotated(**{"limit-rpm": "1", "limit-burst-multiplier": "1"}),
    )
    with set_by(nginx, [limited], {"limit-conn-zone-variable": "$http_x_key"}) as site:
        assert [site.ask("a.test", "/", b"X-Key: a").status for _ in range(3)] == [200, 200, 503]
        assert site.ask("a.test", "/", b"X-Key: b").status == 200
        assert {site.ask("a.test", "/").status for _ in range(4)} == {200}


@pytest.mark.parametrize(("switch", "lines"), [("true", 2), ("false", 1)])
def test_requests_to_the_auth_service_are_logged(nginx: Nginx, switch: str, lines: int) -> None:
    guarded = ingress(
        "web",
        rule("a.test", prefix("/", "web")),
        annotations=annotated(**{"auth-url": "http://auth.test/check"}),
    )
    with deciding(by_token) as auth:
        keys = {"enable-auth-access-log": switch}
        outside = {"auth.test": auth.port}
        with set_by(nginx, [guarded], keys, outside=outside) as site:
            assert site.ask("a.test", "/", b"Authorization: letmein").status == 200
            assert site.ask("a.test", "/", b"Authorization: letmein").status == 200
            site.log(2 * lines)
            assert len(site.log(2 * lines)) == 2 * lines
