"""Kubernetes objects as plain dicts, written as short as a test can read them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

Object = dict[str, Any]


def backend(service: str, port: int | str = 80) -> Object:
    """Return a backend; ``port`` is a number or a name."""
    key = "number" if isinstance(port, int) else "name"
    return {"service": {"name": service, "port": {key: port}}}


def path(text: str, to: str | Object, path_type: str = "Prefix") -> Object:
    """Return a path of a rule to port 80 of a Service, or to a whole backend."""
    target = backend(to) if isinstance(to, str) else to
    return {"path": text, "pathType": path_type, "backend": target}


def prefix(text: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType Prefix."""
    return path(text, backend(service, port))


def exact(text: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType Exact."""
    return path(text, backend(service, port), "Exact")


def specific(text: str, service: str, port: int | str = 80) -> Object:
    """Return a path of pathType ImplementationSpecific."""
    return path(text, backend(service, port), "ImplementationSpecific")


def rule(host: str | None, *paths: Object) -> Object:
    """Return a rule; ``host`` None leaves the host out, no paths leave ``http`` out."""
    made: Object = {"host": host} if host is not None else {}
    return {**made, "http": {"paths": list(paths)}} if paths else made


def ingress(
    name: str,
    *rules: Object,
    default: str | Object = "",
    tls: Iterable[Object] = (),
    class_name: str = "",
    created: str = "",
    namespace: str = "",
    annotations: dict[str, str] | None = None,
) -> Object:
    """Return an Ingress of networking.k8s.io/v1. ``default`` is the default backend, or its
    Service's name; ``created`` is a creationTimestamp.
    """
    spec: Object = {}
    if rules:
        spec["rules"] = list(rules)
    if default:
        spec["defaultBackend"] = backend(default) if isinstance(default, str) else default
    if tls:
        spec["tls"] = list(tls)
    if class_name:
        spec["ingressClassName"] = class_name
    meta = _meta(name, namespace)
    if created:
        meta["creationTimestamp"] = created
    if annotations is not None:
        meta["annotations"] = annotations
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
    *ports: tuple[str, int] | int | Object,
    namespace: str = "",
    external_name: str = "",
    **spec: Any,
) -> Object:
    """Return a Service; a port is its number, its name and number, or what the API has."""
    listed = [_port(port) for port in ports]
    made: Object = {"ports": listed, **spec} if listed else spec
    if external_name:
        made |= {"type": "ExternalName", "externalName": external_name}
    return _object("v1", "Service", _meta(name, namespace), spec=made)


def _port(port: tuple[str, int] | int | Object) -> Object:
    if isinstance(port, int):
        return {"port": port, "targetPort": port}
    return {"name": port[0], "port": port[1]} if isinstance(port, tuple) else port


def endpoint_slice(
    of: str,
    *endpoints: str | Object,
    port: int | None,
    port_name: str = "",
    name: str = "",
    namespace: str = "",
) -> Object:
    """Return an EndpointSlice of a Service. An address, or a whole endpoint with conditions."""
    listed = [endpoint(each) if isinstance(each, str) else each for each in endpoints]
    first = listed[0]["addresses"][0] if listed else ""
    meta = _meta(name or f"{of}-{port}", namespace)
    meta["labels"] = {"kubernetes.io/service-name": of}
    return _object(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        meta,
        addressType="IPv6" if ":" in first else "IPv4",
        endpoints=listed,
        ports=[{"name": port_name, "port": port, "protocol": "TCP"}],
    )


def endpoint(address: str, **conditions: bool | None) -> Object:
    """Return an endpoint of a slice with its conditions: ``ready=False``."""
    return {"addresses": [address], **({"conditions": conditions} if conditions else {})}


def endpoints(
    of: str, *addresses: str, port: int, not_ready: tuple[str, ...] = (), namespace: str = ""
) -> Object:
    """Return an Endpoints object with one subset."""
    subset = {
        "addresses": [{"ip": address} for address in addresses],
        "notReadyAddresses": [{"ip": address} for address in not_ready],
        "ports": [{"port": port}],
    }
    return _object("v1", "Endpoints", _meta(of, namespace), subsets=[subset])


def secret(name: str, certificate: bytes, key: bytes, namespace: str = "") -> Object:
    """Return a ``kubernetes.io/tls`` Secret."""
    made = opaque(name, namespace, tls_crt=certificate, tls_key=key)
    return {**made, "type": "kubernetes.io/tls"}


def opaque(name: str, namespace: str = "", /, **data: bytes) -> Object:
    """Return a Secret; ``ca_crt`` stands for the key ``ca.crt``."""
    encoded = {key.replace("_", "."): base64.b64encode(of).decode() for key, of in data.items()}
    return _object("v1", "Secret", _meta(name, namespace), data=encoded)


def config_map(name: str, data: Mapping[str, str], namespace: str = "") -> Object:
    """Return a ConfigMap."""
    return _object("v1", "ConfigMap", _meta(name, namespace), data=dict(data))


def ingress_class(name: str, controller: str, *, default: bool = False) -> Object:
    """Return an IngressClass, marked as the default one or not."""
    meta = _meta(name, "")
    if default:
        meta["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    return _object("networking.k8s.io/v1", "IngressClass", meta, spec={"controller": controller})


def _meta(name: str, namespace: str) -> Object:
    return {"name": name, **({"namespace": namespace} if namespace else {})}


def _object(version: str, kind: str, meta: Object, **rest: object) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}
