"""Every supported annotation with values that try to break out, made from the declarations."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from ingc.frontend.annotations.declare import Annotation, Family
from ingc.frontend.annotations.registry import FAMILIES, PREFIX
from ingc.option_values import MODULES as MODULE_NAMES
from tests.objects import Object, path, rule
from tests.resolve.pairs import certificate, key_pem
from tests.shop import ingress, service

PAYLOADS = (
    "; return 200 pwned; #",
    '"; return 200 pwned; #',
    "'; return 200 pwned; #",
    "\n} location /pwned { return 200 pwned; }\n#",
    "\r\nreturn 200 pwned;",
    "{ return 200 pwned; }",
    "}",
    "{",
    "#",
    " # pwned",
    "\\",
    '\\"',
    "\x00",
    "\u2028; pwned",
    "$pwned",
    "${pwned}",
    "$",
    "$(id)",
    "$ssl_certificate",
    "$document_root",
    "`id`",
    "../../etc/passwd",
    "/etc/passwd",
    "unix:/run/docker.sock",
    "http://x;} http{include /etc/passwd;}#",
    ")(",
    "(?<ingc_upstream>.*)",
    "a" * 5000,
    "é;",
    "%0a}",
)
"""What ingress-nginx's CVEs went through: line breaks, quotes, braces, comments, variables, paths,
named groups, and values that are only too long."""


MODULES: dict[str, Any] = {
    "configmap": "shop/settings",
    "with_module": tuple(name for name in MODULE_NAMES if name != "njs"),
    "modsecurity_rules": "/etc/rules.conf",
    "owasp_rules": "/etc/owasp.conf",
    "geoip2_database": ("/geo/GeoLite2-City.mmdb",),
}
"""Options with which what needs a module has an effect; `surroundings` holds the ConfigMap."""


def supported() -> list[tuple[Family, Annotation[Any]]]:
    """Return every supported annotation with its family."""
    return [
        (family, declared)
        for family in FAMILIES
        for declared in family.declarations
        if isinstance(declared, Annotation)
    ]


def values_for(declared: Annotation[Any]) -> Iterator[str]:
    """Yield hostile values: alone, behind and before one that is fine."""
    example = declared.grammar.examples[0]
    for payload in PAYLOADS:
        yield payload
        yield example + payload
        yield payload + example


def beside(family: Family, declared: Annotation[Any]) -> dict[str, str]:
    """Return fine values for the other annotations of a family, so that this one has effect."""
    return {
        f"{PREFIX}/{other.name}": "true"
        if other.grammar.name == "boolean"
        else other.grammar.examples[0]
        for other in family.declarations
        if isinstance(other, Annotation) and other is not declared
    }


def ingresses(family: Family, declared: Annotation[Any]) -> Iterator[Object]:
    """Yield an Ingress for each hostile value of an annotation, each with a host of its own."""
    others = beside(family, declared)
    for number, value in enumerate(values_for(declared)):
        name = f"{declared.name}-{number}"
        hosts = rule(f"{name}.test", path("/", "web"), path("/a", "web"))
        annotations = {**others, f"{PREFIX}/{declared.name}": value}
        yield ingress(f"shop/{name}", hosts, annotations=annotations)


def surroundings() -> list[Object]:
    """Return the objects that example values name: a Service, Secrets, ConfigMaps."""
    data = {
        "auth": b"user:$apr1$x$abc\n",
        "tls.crt": certificate("web.test"),
        "tls.key": key_pem(),
        "ca.crt": certificate("web.test"),
    }
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"otlp-collector-host": "otel.test"},
    }
    made: list[Object] = [
        service("web", {"port": 80}, clusterIP="10.0.0.1"),
        settings,
    ]
    for kind, content in (("Secret", encoded), ("ConfigMap", {"X-Name": "value"})):
        made.append(
            {
                "apiVersion": "v1",
                "kind": kind,
                "metadata": {"name": "web-tls", "namespace": "shop"},
                "data": content,
            }
        )
    return made
