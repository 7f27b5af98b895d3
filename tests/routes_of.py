"""Makes OpenShift Routes for tests."""

from __future__ import annotations

from typing import Any

from tests.objects import Object

HAPROXY = "haproxy.router.openshift.io"


def to(service: str, weight: int = 100) -> Object:
    """Return a target of a Route."""
    return {"kind": "Service", "name": service, "weight": weight}


def route(name: str, host: str, service: str | Object = "web", **spec: Any) -> Object:
    """Return a Route of a host; ``spec`` are more of its fields.

    ``namespace``, ``created`` and ``annotations`` are those of its metadata, ``status`` its status.
    """
    meta: Object = {"name": name, "namespace": spec.pop("namespace", "default")}
    created = spec.pop("created", "")
    if created:
        meta["creationTimestamp"] = created
    annotations = spec.pop("annotations", None)
    if annotations:
        meta["annotations"] = annotations
    status = spec.pop("status", None)
    target = to(service) if isinstance(service, str) else service
    made: Object = {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": meta,
        "spec": {"host": host, "to": target, **spec},
    }
    return {**made, "status": status} if status else made


def routed(**values: str) -> dict[str, str]:
    """Return annotations of the router by their names, with ``__`` for each ``-``."""
    return {f"{HAPROXY}/{name.replace('__', '-')}": value for name, value in values.items()}


def edge(insecure: str = "", **fields: Any) -> Object:
    """Return ``tls`` of an edge Route."""
    found: Object = {"termination": "edge", **fields}
    return {**found, "insecureEdgeTerminationPolicy": insecure} if insecure else found
