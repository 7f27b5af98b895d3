"""Certificates for local use, read back, and served by the real nginx."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingc.nginx import Nginx, Running
from ingc.serve.selfsigned import self_signed
from tests.nginx.conf import conf, write
from tests.nginx.wire import Tls, fetch, get


def test_holds_what_was_asked_for() -> None:
    pem, key_pem = self_signed(["shop.example", "*.shop.example", "shop.example", "127.0.0.1"])
    certificate = x509.load_pem_x509_certificate(pem)
    key = serialization.load_pem_private_key(key_pem, None)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["shop.example", "*.shop.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert common == "ingc self-signed"
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert key.public_key() == certificate.public_key()
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert 29 <= left.days <= 30
    certificate.verify_directly_issued_by(certificate)


def test_long_names_and_none_at_all() -> None:
    long = ".".join(["a" * 60] * 4)
    for names, extensions in (([long], 4), ([], 3)):
        certificate = x509.load_pem_x509_certificate(self_signed(names)[0])
        assert len(certificate.extensions) == extensions


def test_each_is_another() -> None:
    assert self_signed(["a"]) != self_signed(["a"])


def test_a_name_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="A-label"):
        self_signed(["münchen.example"])


def test_nginx_serves_it_and_clients_that_trust_it_agree(nginx: Nginx, prefix: Path) -> None:
    listen = prefix / "tls.sock"
    pem, key = self_signed(["shop.example", "*.shop.example"])
    (prefix / "tls.crt").write_bytes(pem)
    (prefix / "tls.key").write_bytes(key)
    server = (
        f"    server {{ listen unix:{listen} ssl; ssl_certificate tls.crt; "
        f'ssl_certificate_key tls.key; return 200 "$ssl_server_name"; }}\n'
    )
    with Running(nginx, prefix, write(prefix, conf(server))):
        for name in ("shop.example", "a.shop.example"):
            response = fetch(listen, get("/", name), tls=Tls(name, trust=pem))
            assert response.body == name.encode()
        assert fetch(listen, get("/"), tls=Tls(None)).body == b""
        with pytest.raises(ssl.SSLCertVerificationError):
            fetch(listen, get("/"), tls=Tls("a.b.shop.example", trust=pem))


def test_the_library_is_loaded_only_when_needed() -> None:
    program = "import sys, ingc.serve.selfsigned; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
