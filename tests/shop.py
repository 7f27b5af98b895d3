"""Short ways to write Kubernetes objects as plain dicts."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def backend(service: str, port: int | str = 80) -> Object:
    """A backend of a v1 Ingress; a port that is a string is a name."""
    key = "name" if isinstance(port, str) else "number"
    return {"service": {"name": service, "port": {key: port}}}


def path(text: str, service: str | Object, path_type: str = "Prefix") -> Object:
    """A path of a rule; ``service`` is a Service's name, on port 80, or a whole backend."""
    target = backend(service) if isinstance(service, str) else service
    return {"path": text, "pathType": path_type, "backend": target}


def rule(host: str, *paths: Object) -> Object:
    """A rule; a host ``""`` is left out, as is ``http`` without paths."""
    made: Object = {"host": host} if host else {}
    return made | ({"http": {"paths": list(paths)}} if paths else {})


def ingress(
    name: str,
    *rules: Object,
    default: str | Object = "",
    tls: list[Object] | None = None,
    class_name: str = "",
    created: str = "",
    annotations: dict[str, str] | None = None,
) -> Object:
    """An Ingress; ``name`` may be ``namespace/name``, ``default`` a Service's name."""
    namespace, _, own = name.rpartition("/")
    metadata: Object = {"name": own, "namespace": namespace or "shop"}
    if created:
        metadata["creationTimestamp"] = created
    if annotations:
        metadata["annotations"] = annotations
    spec: Object = {"rules": list(rules)}
    if default:
        spec["defaultBackend"] = backend(default) if isinstance(default, str) else default
    if tls:
        spec["tls"] = tls
    if class_name:
        spec["ingressClassName"] = class_name
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
    }


def ingress_class(name: str, controller: str, *, default: bool = False) -> Object:
    """An IngressClass, marked as the default one or not."""
    metadata: Object = {"name": name}
    if default:
        metadata["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata,
        "spec": {"controller": controller},
    }


def service(name: str, *ports: Object, namespace: str = "shop", **spec: Any) -> Object:
    """A Service; without ports it has port 80."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"ports": list(ports) or [{"port": 80}], **spec},
    }


def endpoint(address: str, **conditions: bool | None) -> Object:
    """An endpoint of a slice."""
    return {"addresses": [address], **({"conditions": conditions} if conditions else {})}


def slice_of(
    service_name: str,
    *endpoints: Object | str,
    name: str = "",
    port: int | None = 8080,
    port_name: str = "",
    namespace: str = "shop",
    family: str = "IPv4",
) -> Object:
    """An EndpointSlice with one port."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name or f"{service_name}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "addressType": family,
        "ports": [{"name": port_name, "port": port, "protocol": "TCP"}],
        "endpoints": [endpoint(e) if isinstance(e, str) else e for e in endpoints],
    }


def endpoints_of(
    service_name: str, *addresses: str, not_ready: tuple[str, ...] = (), port: int = 8080
) -> Object:
    """An Endpoints object with one subset."""
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": service_name, "namespace": "shop"},
        "subsets": [
            {
                "addresses": [{"ip": address} for address in addresses],
                "notReadyAddresses": [{"ip": address} for address in not_ready],
                "ports": [{"port": port}],
            }
        ],
    }


def secret(name: str, certificate: bytes, key: bytes, *, namespace: str = "shop") -> Object:
    """A Secret of a key pair, in ``stringData``."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": certificate.decode(), "tls.key": key.decode()},
    }
