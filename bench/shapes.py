"""Inputs that grow: for each shape the objects of N Ingresses.

Names hold N, so that what one size has left in a cache is of no use to the next.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import ingc

Object = dict[str, Any]

PREFIX = "nginx.ingress.kubernetes.io/"
NOW = datetime(2030, 6, 15, tzinfo=UTC)
ONE_HOST = "all.example.com"
_OF_ONE_SLICE = 100
"""So many endpoints the cluster puts in one EndpointSlice."""


_OPTIONS = ingc.Options(now=NOW)


@dataclass(frozen=True, slots=True)
class Shape:
    """What grows, and how many Ingresses the smallest size has."""

    name: str
    objects: Callable[[int], Iterator[Object]]
    first: int
    options: ingc.Options = _OPTIONS


def object_of(kind: str, name: str, version: str = "v1", **rest: Any) -> Object:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _service(name: str) -> Object:
    spec = {"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}
    return object_of("Service", name, spec=spec)


def path(text: str, service: str) -> Object:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    return {"path": text, "pathType": "Prefix", "backend": backend}


def ingress(
    name: str, host: str, paths: list[Object], annotations: dict[str, str], **spec: Any
) -> Object:
    rules = [{"host": host, "http": {"paths": paths}}]
    made = object_of("Ingress", name, "networking.k8s.io/v1", spec={"rules": rules, **spec})
    made["metadata"]["annotations"] = {PREFIX + key: text for key, text in annotations.items()}
    return made


def _annotated(
    annotations: Callable[[int, int], dict[str, str]], *, one_host: bool
) -> Callable[[int], Iterator[Object]]:
    """Return Ingresses with a Service each; ``annotations`` are those of one, by N and number."""

    def objects(size: int) -> Iterator[Object]:
        for number in range(size):
            name = f"w{size}-{number}"
            host = ONE_HOST if one_host else f"{name}.example.com"
            paths = [path(f"/{name}", name)]
            yield ingress(name, host, paths, annotations(size, number))
            yield _service(name)

    return objects


def _canaries(*, one_host: bool) -> Callable[[int], Iterator[Object]]:
    def objects(size: int) -> Iterator[Object]:
        for number in range(size):
            name = f"w{size}-{number}"
            host = ONE_HOST if one_host else f"{name}.example.com"
            yield ingress(name, host, [path(f"/{name}", name)], {})
            said = {"canary": "true", "canary-by-header": f"X-{name}", "canary-weight": "10"}
            yield ingress(f"{name}-next", host, [path(f"/{name}", f"{name}-next")], said)
            yield _service(name)
            yield _service(f"{name}-next")

    return objects


def _certificates(size: int) -> Iterator[Object]:
    for number in range(size):
        name = f"w{size}-{number}"
        host = f"{name}.example.com"
        tls = [{"hosts": [host], "secretName": name}]
        yield ingress(name, host, [path("/", "web")], {}, tls=tls)
        yield pair_secret(name, host)
    yield _service("web")


def _one_certificate(size: int) -> Iterator[Object]:
    yield pair_secret("pair", "*.example.com")
    yield _service("web")
    for number in range(size):
        name = f"w{size}-{number}"
        tls = [{"hosts": [f"{name}.example.com"], "secretName": "pair"}]
        yield ingress(name, f"{name}.example.com", [path("/", "web")], {}, tls=tls)


def _hosts_of_one_entry(size: int) -> Iterator[Object]:
    hosts = [f"w{size}-{number}.example.com" for number in range(size)]
    made = ingress("web", hosts[0], [path("/", "web")], {})
    rules = [{"host": host, "http": {"paths": [path("/", "web")]}} for host in hosts]
    made["spec"] = {"rules": rules, "tls": [{"hosts": hosts, "secretName": "pair"}]}
    yield from (made, pair_secret("pair", "*.example.com"), _service("web"))


def _entries_of_one_ingress(size: int) -> Iterator[Object]:
    hosts = [f"w{size}-{number}.example.com" for number in range(size)]
    made = ingress("web", hosts[0], [path("/", "web")], {})
    rules = [{"host": host, "http": {"paths": [path("/", "web")]}} for host in hosts]
    made["spec"] = {"rules": rules, "tls": [{"secretName": f"missing-{host}"} for host in hosts]}
    yield from (made, _service("web"))


def _regex_paths(size: int) -> Iterator[Object]:
    yield _service("web")
    for number in range(size):
        paths = [path(f"/w{size}-{number}/(.*)", "web")]
        yield ingress(f"w{size}-{number}", ONE_HOST, paths, {"use-regex": "true"})


def _paths_of_one_host(size: int) -> Iterator[Object]:
    yield _service("web")
    paths = [path(f"/w{size}/{number}", "web") for number in range(size)]
    yield ingress("web", ONE_HOST, paths, {})


def _endpoints_of_one_service(size: int) -> Iterator[Object]:
    yield ingress("web", f"w{size}.example.com", [path("/", "web")], {})
    yield _service("web")
    for first in range(0, size, _OF_ONE_SLICE):
        numbers = range(first, min(size, first + _OF_ONE_SLICE))
        addresses = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in numbers)
        made = object_of("EndpointSlice", f"web-{first}", "discovery.k8s.io/v1", addressType="IPv4")
        made["metadata"]["labels"] = {"kubernetes.io/service-name": "web"}
        made["endpoints"] = [{"addresses": [address]} for address in addresses]
        made["ports"] = [{"port": 8080}]
        yield made


def _passwords(size: int) -> Iterator[Object]:
    yield _service("web")
    auth = base64.b64encode(b"a:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n").decode()
    for number in range(size):
        name = f"w{size}-{number}"
        said = {"auth-type": "basic", "auth-secret": name}
        yield ingress(name, f"{name}.example.com", [path("/", "web")], said)
        yield object_of("Secret", name, data={"auth": auth})


def _client_certificates(size: int) -> Iterator[Object]:
    yield _service("web")
    pair = pair_secret("pair", "*.example.com")
    pair["data"]["ca.crt"] = pair["data"]["tls.crt"]
    yield pair
    for number in range(size):
        name = f"w{size}-{number}"
        said = {"auth-tls-secret": "shop/pair", "auth-tls-match-cn": f"CN=(a|b){name}"}
        tls = [{"hosts": [f"{name}.example.com"], "secretName": "pair"}]
        yield ingress(name, f"{name}.example.com", [path("/", "web")], said, tls=tls)


def _refused(size: int) -> Iterator[Object]:
    for number in range(size):
        name = f"w{size}-{number}"
        yield ingress(name, ONE_HOST, [path(f"/{name}", "web")], {"limit-rps": "many"})


def _classes(size: int) -> Iterator[Object]:
    yield _service("web")
    for number in range(size):
        name = f"w{size}-{number}"
        controller = "k8s.io/ingress-nginx" if number % 2 else f"example.com/{name}"
        made = object_of(
            "IngressClass", name, "networking.k8s.io/v1", spec={"controller": controller}
        )
        del made["metadata"]["namespace"]
        if number % 5 == 1:
            mark = "ingressclass.kubernetes.io/is-default-class"
            made["metadata"]["annotations"] = {mark: "true"}
        yield made
        asked = {"ingressClassName": name} if number % 3 else {}
        yield ingress(name, f"{name}.example.com", [path("/", "web")], {}, **asked)


def _wildcards(size: int) -> Iterator[Object]:
    yield _service("web")
    for number in range(size):
        name = f"w{size}-{number}"
        yield ingress(name, f"*.{name}.example.com", [path("/", "web")], {})


@cache
def _key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


@cache
def _pair(host: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    builder = x509.CertificateBuilder(subject, subject, _key().public_key(), 7)
    builder = builder.not_valid_before(NOW - timedelta(1)).not_valid_after(NOW + timedelta(9))
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in host.split(",")])
    signed = builder.add_extension(names, critical=False).sign(_key(), hashes.SHA256())
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = _key().private_bytes(*form, serialization.NoEncryption())
    return signed.public_bytes(serialization.Encoding.PEM), key


def pair_secret(name: str, host: str) -> Object:
    """Return a Secret with a certificate for hosts, comma-separated, and its key."""
    certificate, key = (base64.b64encode(text).decode() for text in _pair(host))
    return object_of("Secret", name, data={"tls.crt": certificate, "tls.key": key})


def _headers(size: int) -> Iterator[Object]:
    for number in range(size):
        name = f"w{size}-{number}"
        said = {"custom-headers": f"shop/{name}"}
        yield ingress(name, f"{name}.example.com", [path("/", name)], said)
        yield object_of("ConfigMap", name, data={"X-Frame-Options": name, "X-Other": name})
        yield _service(name)


_SETTINGS = object_of(
    "ConfigMap", "settings", data={"global-allowed-response-headers": "X-Frame-Options,X-Other"}
)


def _with_settings(objects: Callable[[int], Iterator[Object]]) -> Callable[[int], Iterator[Object]]:
    def more(size: int) -> Iterator[Object]:
        yield _SETTINGS
        yield from objects(size)

    return more


_CONFIGURED = ingc.Options(now=NOW, configmap="shop/settings")
_OUTSIDE = "http://10.9.8.7/check"


def shapes() -> tuple[Shape, ...]:
    """Return every shape."""
    each_host = {
        "hosts": lambda *_: {},
        "auth-url": lambda size, n: {"auth-url": f"{_OUTSIDE}/w{size}-{n}"},
        "limits": lambda *_: {"limit-rps": "5", "limit-connections": "9"},
        "alias regexes": lambda size, n: {"server-alias": f"~^b{size}-{n}-[0-9]+[.]test$"},
        "aliases": lambda size, n: {"server-alias": f"b{size}-{n}.test"},
        "affinity": lambda *_: {"affinity": "cookie"},
        "rewrites": lambda *_: {"rewrite-target": "/x/$1"},
        "cors": lambda *_: {"enable-cors": "true"},
        "mirrors": lambda *_: {"mirror-target": f"{_OUTSIDE}$request_uri"},
        "allow lists": lambda *_: {"whitelist-source-range": "10.0.0.0/8"},
        "www redirects": lambda *_: {"from-to-www-redirect": "true"},
    }
    one_host = ("hosts", "auth-url", "limits", "affinity", "rewrites", "cors", "mirrors")
    found = [Shape(name, _annotated(said, one_host=False), 600) for name, said in each_host.items()]
    found += [
        Shape(f"{name}, one host", _annotated(each_host[name], one_host=True), 800)
        for name in one_host
    ]
    return (
        *found,
        Shape("canaries", _canaries(one_host=False), 200),
        Shape("canaries, one host", _canaries(one_host=True), 300),
        Shape("custom headers", _with_settings(_headers), 600, _CONFIGURED),
        Shape("certificates", _certificates, 600),
        Shape("one certificate", _one_certificate, 1500),
        Shape("hosts of one tls entry", _hosts_of_one_entry, 1500),
        Shape("tls entries of one Ingress", _entries_of_one_ingress, 3000),
        Shape("paths of one host", _paths_of_one_host, 2000),
        Shape("endpoints of one Service", _endpoints_of_one_service, 3000),
        Shape("regex paths, one host", _regex_paths, 600),
        Shape("passwords", _passwords, 1200),
        Shape("client certificates", _client_certificates, 250),
        Shape("wrong values, one host", _refused, 1500),
        Shape("IngressClasses", _classes, 2000),
        Shape("wildcards", _wildcards, 1500),
    )
