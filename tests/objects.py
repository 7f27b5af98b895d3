"""Kubernetes objects as plain dicts, written as short as a test can read them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]


def backend(service: str, port: int | str = 80) -> Object:
    """Return a backend; ``port`` is a number or a name."""
    key = "number" if isinstance(port, int) else "name"
    return {"service": {"name": service, "port": {key: port}}}


def prefix(path: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType Prefix."""
    return {"path": path, "pathType": "Prefix", "backend": backend(service, port)}


def exact(path: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType Exact."""
    return {"path": path, "pathType": "Exact", "backend": backend(service, port)}


def specific(path: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType ImplementationSpecific."""
    return {"path": path, "pathType": "ImplementationSpecific", "backend": backend(service, port)}


def rule(host: str | None, *paths: Object) -> Object:
    """Return a rule; ``host`` None leaves the host out, no paths leave ``http`` out."""
    made: Object = {"host": host} if host is not None else {}
    return {**made, "http": {"paths": list(paths)}} if paths else made


def ingress(
    name: str,
    *rules: Object,
    default: str | None = None,
    tls: Iterable[Object] = (),
    cls: str | None = None,
    created: str | None = None,
    namespace: str | None = None,
    annotations: dict[str, str] | None = None,
) -> Object:
    """Return an Ingress of networking.k8s.io/v1. ``default`` names the default backend's Service;
    ``created`` is a creationTimestamp.
    """
    spec: Object = {}
    if rules:
        spec["rules"] = list(rules)
    if default is not None:
        spec["defaultBackend"] = backend(default)
    if tls:
        spec["tls"] = list(tls)
    if cls is not None:
        spec["ingressClassName"] = cls
    meta: Object = {"name": name}
    for key, value in (
        ("namespace", namespace),
        ("creationTimestamp", created),
        ("annotations", annotations),
    ):
        if value is not None:
            meta[key] = value
    return _object("networking.k8s.io/v1", "Ingress", meta, spec=spec)


def annotated(prefix: str = "nginx.ingress.kubernetes.io", /, **values: str) -> dict[str, str]:
    """Return annotations by their names without the prefix, with ``_`` for each ``-``."""
    return {f"{prefix}/{name.replace('_', '-')}": value for name, value in values.items()}


def tls(*hosts: str, by: str | None = None) -> Object:
    """Return an entry of ``tls[]``; ``by`` names its Secret."""
    made: Object = {"hosts": list(hosts)} if hosts else {}
    return {**made, "secretName": by} if by else made


def service(
    name: str,
    *ports: tuple[str, int] | int,
    external_name: str | None = None,
) -> Object:
    """Return a Service; a port is its number, or its name and number."""
    listed = [
        {"port": p, "targetPort": p} if isinstance(p, int) else {"name": p[0], "port": p[1]}
        for p in ports
    ]
    spec: Object = {"ports": listed} if listed else {}
    if external_name:
        spec |= {"type": "ExternalName", "externalName": external_name}
    return _object("v1", "Service", {"name": name}, spec=spec)


def endpoint_slice(
    of: str,
    *addresses: str | Object,
    port: int,
    port_name: str | None = None,
    name: str | None = None,
) -> Object:
    """Return an EndpointSlice of a Service. An address, or a whole endpoint with conditions."""
    endpoints = [{"addresses": [a]} if isinstance(a, str) else a for a in addresses]
    first = endpoints[0]["addresses"][0] if endpoints else ""
    listed: Object = {"port": port, "protocol": "TCP"}
    if port_name:
        listed["name"] = port_name
    labels = {"kubernetes.io/service-name": of}
    meta = {"name": name or f"{of}-{port}", "labels": labels}
    kind = "IPv6" if ":" in first else "IPv4"
    return _object(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        meta,
        addressType=kind,
        endpoints=endpoints,
        ports=[listed],
    )


def endpoint(address: str, **conditions: bool) -> Object:
    """Return an endpoint of a slice with its conditions: ``ready=False``."""
    return {"addresses": [address], "conditions": conditions}


def secret(name: str, certificate: bytes, key: bytes, namespace: str | None = None) -> Object:
    """Return a ``kubernetes.io/tls`` Secret."""
    data = {
        "tls.crt": base64.b64encode(certificate).decode(),
        "tls.key": base64.b64encode(key).decode(),
    }
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    return _object("v1", "Secret", meta, type="kubernetes.io/tls", data=data)


def ingress_class(name: str, controller: str, *, default: bool = False) -> Object:
    """Return an IngressClass."""
    meta: Object = {"name": name}
    if default:
        meta["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    return _object("networking.k8s.io/v1", "IngressClass", meta, spec={"controller": controller})


def _object(version: str, kind: str, meta: Object, **rest: object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}
