"""One valid input with every kind of object, and objects that have nothing to do with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ingc.serve.selfsigned import self_signed
from tests.objects import backend, endpoint, ingress_class, path, rule
from tests.shop import endpoints_of, ingress, secret, service, slice_of
from tests.ways import balanced, node, pod

NOW = datetime.now(UTC)
"""When the certificate is valid."""

FIRST = ingress(
    "first",
    rule(
        "a.test",
        path("/", backend("web", "http")),
        path("/cart", "web", "Exact"),
        path("/files/", "files", "ImplementationSpecific"),
    ),
    rule("*.a.test", path("/", backend("out", 443))),
    default="files",
    tls=[{"hosts": ["a.test"], "secretName": "a-tls"}, {"hosts": ["*.a.test"]}],
    class_name="nginx",
    created="2024-01-31T12:00:00Z",
    annotations={"example.com/note": "hello", "kubernetes.io/ingress.class": "nginx"},
)
FIRST["metadata"]["labels"] = {"app": "web"}

OTHERS: list[dict[str, Any]] = [
    ingress_class("nginx", "k8s.io/ingress-nginx"),
    service(
        "web",
        {
            "name": "http",
            "port": 80,
            "targetPort": "http",
            "protocol": "TCP",
            "nodePort": 30080,
            "appProtocol": "http",
        },
        type="LoadBalancer",
        clusterIP="10.96.0.1",
        selector={"app": "web"},
        ipFamilies=["IPv4"],
        externalIPs=["198.51.100.7"],
        sessionAffinity="None",
    )
    | {"status": balanced("198.51.100.1", ports=[{"port": 81, "error": "NoRoom"}])},
    service("files", {"port": 80, "targetPort": 8080}, clusterIP="None"),
    service("out", {"port": 443}, type="ExternalName", externalName="out.example.com"),
    slice_of(
        "web",
        endpoint("10.0.0.1", ready=True),
        endpoint("10.0.0.2", ready=False, serving=True),
        port_name="http",
    ),
    endpoints_of("files", "10.0.0.3", not_ready=("10.0.0.4",)),
    pod("web-1", "10.0.0.1", "fd00::1", node="n1", host_port=80, hosts=("192.0.2.1",)),
    node("n1", "192.0.2.1", external=("203.0.113.1",), networks=("10.0.0.0/24",)),
    secret("a-tls", *self_signed(["*.a.test", "a.test"])) | {"data": {"note": "aGVsbG8="}},
]

APART = [
    ingress("second", rule("b.test", path("/", "apart")), class_name="nginx"),
    ingress("third", default="apart", class_name="nginx"),
    service("apart", clusterIP="10.96.0.9"),
]
"""What has nothing to do with the rest."""

OLD: dict[str, Any] = {
    "apiVersion": "extensions/v1beta1",
    "kind": "Ingress",
    "metadata": {"name": "old", "namespace": "shop"},
    "spec": {
        "ingressClassName": "nginx",
        "backend": {"serviceName": "web", "servicePort": "http"},
        "rules": [
            {
                "host": "old.test",
                "http": {
                    "paths": [
                        {"path": "/", "backend": {"serviceName": "web", "servicePort": 80}},
                        {"path": "/b", "backend": {"resource": {"kind": "Bucket", "name": "b"}}},
                    ]
                },
            }
        ],
    },
}
