"""A cluster that ran ingress-nginx, as ``kubectl get -A -o yaml`` prints it: one List.

``python bench/dump.py [INGRESSES] > all.yaml`` writes it. Of every hundred Ingresses most have the
usual annotations, and a few what a migration has to look at: snippets, a firewall, hosts that
namespaces share, regexes, Secrets of other namespaces, wrong values.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import cluster

Object = dict[str, Any]

_PREFIX = "nginx.ingress.kubernetes.io"
_USUAL: tuple[dict[str, str], ...] = (
    {},
    {"proxy-body-size": "8m", "proxy-read-timeout": "300"},
    {"ssl-redirect": "false"},
    {"enable-cors": "true", "cors-allow-origin": "https://{host}"},
    {"whitelist-source-range": "10.0.0.0/8,192.168.{number}.0/24"},
    {"proxy-buffering": "on", "proxy-buffer-size": "8k"},
    {"limit-rps": "10", "proxy-connect-timeout": "7"},
    {"backend-protocol": "HTTPS"},
)
_RARE: dict[int, dict[str, str]] = {
    3: {"configuration-snippet": 'more_set_headers "X-Frame-Options: DENY";\n'},
    11: {"rewrite-target": "/$2"},
    17: {"server-snippet": "location /metrics {\n  deny all;\n}\n"},
    23: {"use-regex": "true"},
    29: {"enable-modsecurity": "true", "enable-owasp-core-rules": "true"},
    37: {"affinity": "cookie", "session-cookie-name": "route"},
    41: {"auth-type": "basic", "auth-secret": "team-0/users", "auth-realm": "staff"},
    47: {"configuration-snippet": "if ($http_user_agent ~* bot) {\n  return 403;\n}\n"},
    53: {"permanent-redirect": "https://{host}/new"},
    59: {"proxy-read-timeout": "120s"},
    61: {"load-balance": "ewma"},
    67: {"proxy-real-timeout": "30"},
    71: {"custom-http-errors": "404,503"},
    79: {"allowlist-source-range": "10.0.0.0/33"},
    83: {
        "auth-url": "https://login.example.com/check",
        "auth-signin": "https://login.example.com/",
    },
}
"""By the last two digits of an Ingress's number."""
_SHARED = 89
"""Such an Ingress has a path on the host of another namespace."""


def objects(ingresses: int) -> Iterator[Object]:
    """Yield the objects of a cluster with so many Ingresses, those of the controller first."""
    yield from _controller()
    for number in range(ingresses):
        for item in _pair(number):
            item["metadata"]["uid"] = f"00000000-0000-4000-8000-{number:012}"
            yield item


def _pair(number: int) -> tuple[Object, Object]:
    ingress, service = cluster.ingress(number, 2), cluster.service(number)
    kind = number % 100
    given = _RARE.get(kind) or _USUAL[number % len(_USUAL)]
    filled = {key: _filled(text, number) for key, text in given.items()}
    if filled:
        named = {f"{_PREFIX}/{key}": text for key, text in filled.items()}
        ingress["metadata"]["annotations"] = named
    spec = ingress["spec"]
    if number % 4:
        spec["rules"][0]["http"]["paths"][1]["path"] = "/"
    if kind == _SHARED:
        spec["rules"][0]["host"] = cluster.host(number - 1)
        spec["rules"][0]["http"]["paths"][0]["path"] = "/other"
    if number % 2:
        spec["tls"] = [{"hosts": [spec["rules"][0]["host"]], "secretName": f"app-{number}-tls"}]
    return ingress, service


def _filled(text: str, number: int) -> str:
    return text.replace("{host}", cluster.host(number)).replace("{number}", str(number % 200))


def _controller() -> Iterator[Object]:
    meta = {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"}
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta,
        "data": {
            "use-gzip": "true",
            "proxy-body-size": "16m",
            "enable-brotli": "true",
            "lua-shared-dicts": "certificate_data: 100",
            "hsts-max-age": "1 year",
            "server-snippet": "location = /ping { return 200; }",
        },
    }
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "nginx"},
        "spec": {"controller": "k8s.io/ingress-nginx"},
    }
    arguments = [
        "/nginx-ingress-controller",
        "--publish-service=$(POD_NAMESPACE)/ingress-nginx-controller",
        "--election-id=ingress-nginx-leader",
        "--controller-class=k8s.io/ingress-nginx",
        "--ingress-class=nginx",
        "--configmap=$(POD_NAMESPACE)/ingress-nginx-controller",
        "--default-ssl-certificate=ingress-nginx/wildcard",
        "--validating-webhook=:8443",
        "--enable-metrics=true",
    ]
    image = "registry.k8s.io/ingress-nginx/controller:v1.12.1"
    container = {"name": "controller", "image": image, "args": arguments}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def main() -> None:
    """Write a dump."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("apiVersion: v1\nitems:")
    for item in objects(count):
        first, *rest = cluster.lines(item)
        print(f"- {first}", *(f"  {line}" for line in rest), sep="\n")
    print('kind: List\nmetadata:\n  resourceVersion: ""')


if __name__ == "__main__":
    main()
