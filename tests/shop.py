"""The objects of `tests.objects` in the namespace ``shop``, where none is given."""

from __future__ import annotations

from typing import Any

from tests import objects
from tests.objects import Object

NAMESPACE = "shop"


def ingress(name: str, *rules: Object, **given: Any) -> Object:
    """Return an Ingress; ``name`` may be ``namespace/name``."""
    namespace, _, own = name.rpartition("/")
    return objects.ingress(own, *rules, namespace=namespace or NAMESPACE, **given)


def service(name: str, *ports: Object, namespace: str = NAMESPACE, **spec: Any) -> Object:
    """Return a Service; without ports it has port 80."""
    return objects.service(name, *(ports or ({"port": 80},)), namespace=namespace, **spec)


def slice_of(
    of: str,
    *endpoints: Object | str,
    port: int | None = 8080,
    port_name: str = "",
    name: str = "",
    namespace: str = NAMESPACE,
) -> Object:
    """Return an EndpointSlice with one port."""
    made = {"port": port, "port_name": port_name, "name": name or f"{of}-1"}
    return objects.endpoint_slice(of, *endpoints, namespace=namespace, **made)


def endpoints_of(of: str, *addresses: str, not_ready: tuple[str, ...] = ()) -> Object:
    """Return an Endpoints object with one subset."""
    return objects.endpoints(of, *addresses, port=8080, not_ready=not_ready, namespace=NAMESPACE)


def secret(name: str, certificate: bytes, key: bytes, *, namespace: str = NAMESPACE) -> Object:
    """Return a Secret of a key pair, in ``stringData``."""
    made = objects.secret(name, certificate, key, namespace)
    del made["data"]
    return {**made, "stringData": {"tls.crt": certificate.decode(), "tls.key": key.decode()}}
