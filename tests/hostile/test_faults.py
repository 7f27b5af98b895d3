"""A fault in PCRE2, cryptography or OpenSSL is the fault of the value that it was in.

The faults are put there: each call in turn raises what the library may raise, and what it may not.
"""

from __future__ import annotations

import base64
import importlib
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingc
from ingc.explain import conf_of
from ingc.syntax import pcre
from tests.hostile.corpus import NGINX
from tests.objects import Object, config_map, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, service
from tests.strategies import examples

PREFIX = "nginx.ingress.kubernetes.io/"
OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX, configmap="ops/settings")
GOOD = ingress("good/web", rule("good.test", path("/", "web")))
REGEXES: list[Object] = [
    ingress(
        "shop/paths",
        rule("r.test", path("/(a|b)+/(.*)", "web", "ImplementationSpecific"), path("/x", "web")),
        annotations={PREFIX + "rewrite-target": "/$2", PREFIX + "server-alias": "~^b[0-9]+$"},
    ),
    ingress(
        "shop/away",
        rule("away.test", path("/(.*)", "web", "ImplementationSpecific")),
        annotations={PREFIX + "rewrite-target": "https://other.test/$1"},
    ),
    ingress(
        "shop/certificates",
        rule("c.test", path("/", "web")),
        tls=[{"hosts": ["c.test"], "secretName": "pair"}],
        annotations={
            PREFIX + "auth-tls-secret": "shop/pair",
            PREFIX + "auth-tls-match-cn": "CN=(anna|bob)",
        },
    ),
    ingress("shop/main", rule("canary.test", path("/", "web"))),
    ingress(
        "shop/next",
        rule("canary.test", path("/", "next")),
        annotations={
            PREFIX + "canary": "true",
            PREFIX + "canary-by-header": "X-Next",
            PREFIX + "canary-by-header-pattern": "^v[0-9]+$",
        },
    ),
    ingress("shop/wild", rule("*.w.test", path("/", "web"))),
    service("web", clusterIP="10.96.0.1"),
    service("next", clusterIP="10.96.0.2"),
    config_map(
        "settings", {"block-user-agents": "~*curl", "skip-access-log-urls": "~^/live"}, "ops"
    ),
]
TESTS = "host r.test\n/a/b -> shop/web:80\nhost canary.test\n/ -> shop/web:80\n"
URLS = [
    "http://r.test/a/b",
    "http://b1/a/b",
    "http://x.w.test/",
    "http://canary.test/",
    "http://away.test/x",
    "https://c.test/",
    "http://nobody.test/",
]


def fine(result: ingc.Result) -> str:
    """Return the text; whatever was wrong, it was wrong with the input."""
    assert [item.message for item in result.diagnostics if item.code.startswith("ING9")] == []
    assert result.config is not None
    return result.config


def all_rooms(objects: list[Object]) -> None:
    """Compile, and ask everybody who answers about what was compiled."""
    ingc.compile(objects, OPTIONS)
    result = ingc.compile(objects, OPTIONS, on_error="isolate")
    assert result.ir is not None
    conf = conf_of(fine(result), result.ir.settings.target)
    before = ingc.compile(objects[:1], OPTIONS, on_error="isolate")
    for side in (result, conf):
        for url in URLS:
            for client in (None, "10.0.0.1"):
                headers = [("X-Next", "v1"), ("User-Agent", "curl")]
                ingc.explain(side, url, client_ip=client, headers=headers)
                ingc.story(side, url, client_ip=client, headers=headers)
        ingc.check_routes(TESTS, side)
        ingc.compare(before, side)
        ingc.compare(side, result)


def every(number: int) -> Callable[[], bool]:
    """Return what is true at each call of so many."""
    calls = 0

    def due() -> bool:
        nonlocal calls
        calls += 1
        return calls % number == 0

    return due


@pytest.mark.parametrize("number", [1, 2, 3, 7, 31])
def test_searches_that_give_up(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    within, due = pcre.Pattern.within, every(number)

    def search(self: pcre.Pattern, steps: int, subject: bytes) -> pcre.RegexMatch | None:
        if due():
            raise pcre.TooManySteps
        return within(self, steps, subject)

    monkeypatch.setattr(pcre.Pattern, "within", search)
    all_rooms([GOOD, *REGEXES, pair("shop"), service("web", namespace="good")])


class Panic(BaseException):
    """What is raised where Rust code panics."""


Panic.__module__ = "pyo3_runtime"
FAULTS = [ValueError("x"), TypeError("x"), OverflowError("x"), RuntimeError("x"), Panic("x")]


def pair(namespace: str, **data: bytes) -> Object:
    """A Secret with a certificate, its key and an authority; ``data`` replaces some of them."""
    held = {"tls.crt": certificate("c.test"), "tls.key": key_pem(), "ca.crt": certificate("c.test")}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pair", "namespace": namespace},
        "data": {
            key: base64.b64encode(text).decode() for key, text in {**held, **data}.items() if text
        },
    }


LOADERS = [
    *(
        f"cryptography.x509.load_{form}_x509_{what}"
        for form in ("pem", "der")
        for what in ("certificate", "crl")
    ),
    "cryptography.x509.load_pem_x509_certificates",
    "cryptography.hazmat.primitives.serialization.load_pem_private_key",
    "cryptography.hazmat.primitives.serialization.load_der_private_key",
]
"""What reads PEM or DER."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_certificates_that_can_not_be_read(
    monkeypatch: pytest.MonkeyPatch, fault: BaseException, number: int
) -> None:
    due = every(number)
    for place in LOADERS:
        module, _, name = place.rpartition(".")
        load = getattr(importlib.import_module(module), name)
        monkeypatch.setattr(place, faulty(load, due, fault))
    result = certificates_compiled({})
    assert result.errors or number > 1


def faulty(load: Any, due: Callable[[], bool], fault: BaseException) -> Any:
    def read(*args: Any, **given: Any) -> Any:
        if due():
            raise fault
        return load(*args, **given)

    return read


def certificates_compiled(data: dict[str, bytes]) -> ingc.Result:
    """Compile all that reads certificates, with one Secret; only what needs it is lost."""
    needs = [
        ingress("shop/served", rule("c.test", path("/", "web")), tls=[tls("c.test")]),
        ingress(
            "shop/clients",
            rule("d.test", path("/", "web")),
            tls=[tls("d.test")],
            annotations={PREFIX + "auth-tls-secret": "shop/pair"},
        ),
        ingress(
            "shop/backend",
            rule("e.test", path("/", "web")),
            annotations={
                PREFIX + "backend-protocol": "HTTPS",
                PREFIX + "proxy-ssl-secret": "shop/pair",
                PREFIX + "proxy-ssl-verify": "on",
            },
        ),
    ]
    services = [service("web", clusterIP="10.0.0.1", namespace=name) for name in ("shop", "good")]
    objects = [*needs, GOOD, pair("shop", **data), *services]
    options = ingc.Options(now=NOW, nginx_version=NGINX)
    failed = ingc.compile(objects, options)
    assert failed.ok or failed.errors
    result = ingc.compile(objects, options, on_error="isolate")
    fine(result)
    good = result.match("good.test", "/")
    assert good.upstream == "good_web_80"
    return result


def tls(host: str) -> Object:
    return {"hosts": [host], "secretName": "pair"}


HELD = ("tls.crt", "tls.key", "ca.crt", "ca.crl")
DER = base64.b64decode(b"".join(certificate("c.test").splitlines()[1:-1]))
KEY = base64.b64decode(b"".join(key_pem().splitlines()[1:-1]))


PEM_LABELS = {"tls.key": b"PRIVATE KEY", "ca.crl": b"X509 CRL"}


def as_pem(key: str, der: bytes) -> bytes:
    label = PEM_LABELS.get(key, b"CERTIFICATE") + b"-----\n"
    return b"-----BEGIN " + label + base64.encodebytes(der) + b"-----END " + label


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"c.test", b"c.t\xffst"), (b"ingc test", b"ingc \xff\xfe\xfd\xfc"), (b"30051", b"30991")],
    ids=["a name for hosts", "a name for people", "a date"],
)
def test_certificates_with_something_wrong_inside(old: bytes, new: bytes) -> None:
    assert old in DER
    assert certificates_compiled({"tls.crt": as_pem("tls.crt", DER.replace(old, new))}).errors


@st.composite
def broken(draw: st.DrawFn) -> dict[str, bytes]:
    """PEM that is well-formed, around DER with some bytes changed."""
    found = {}
    for key in draw(st.lists(st.sampled_from(HELD), min_size=1, unique=True)):
        der = bytearray(KEY if key == "tls.key" else DER)
        for _ in range(draw(st.integers(1, 3))):
            der[draw(st.integers(0, len(der) - 1))] = draw(st.integers(0, 255))
        found[key] = as_pem(key, bytes(der))
    return found


@examples(150)
@given(broken())
def test_certificates_with_some_bytes_changed(data: dict[str, bytes]) -> None:
    certificates_compiled(data)


@pytest.mark.parametrize("fault", [ValueError("x"), ssl.SSLError("x")])
def test_ciphers_that_openssl_does_not_read(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise fault

    monkeypatch.setattr(ssl.SSLContext, "set_ciphers", refuse)
    asked = ingress(
        "shop/web",
        rule("a.test", path("/", "web")),
        annotations={PREFIX + "ssl-ciphers": "HIGH:!aNULL:never-read-before"},
    )
    result = ingc.compile([asked, GOOD], OPTIONS, on_error="isolate")
    fine(result)
    assert [item.code for item in result.errors]
