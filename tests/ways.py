"""Pods and Nodes as plain dicts, and Services of every type, in the namespace ``shop``."""

from __future__ import annotations

from typing import Any

from tests.objects import Object
from tests.shop import service

READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}
WEB = {"app": "web"}


def pod(
    name: str,
    *addresses: str,
    node: str = "",
    port: int = 8080,
    port_name: str = "http",
    host_port: int = 0,
    host_ip: str = "",
    hosts: tuple[str, ...] = (),
    labels: dict[str, str] = WEB,
    ready: bool = True,
    namespace: str = "shop",
    terminating: bool = False,
    phase: str = "Running",
    **spec: Any,
) -> Object:
    """Return a Pod with one port; ``hosts`` are the addresses of its Node."""
    listed: Object = {"name": port_name, "containerPort": port}
    if host_port:
        listed["hostPort"] = host_port
    if host_ip:
        listed["hostIP"] = host_ip
    meta: Object = {"name": name, "namespace": namespace, "labels": labels}
    if terminating:
        meta["deletionTimestamp"] = "2030-01-01T00:00:00Z"
    status: Object = {"phase": phase, "conditions": [READY if ready else UNREADY]}
    if addresses:
        status |= {"podIP": addresses[0], "podIPs": [{"ip": item} for item in addresses]}
    if hosts:
        status |= {"hostIP": hosts[0], "hostIPs": [{"ip": item} for item in hosts]}
    made = {"nodeName": node, "containers": [{"name": "web", "ports": [listed]}], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": made, "status": status}


def node(
    name: str,
    *internal: str,
    external: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
    ready: bool = True,
    networks: tuple[str, ...] = (),
) -> Object:
    """Return a Node; ``networks`` are those of its Pods."""
    addresses = [{"type": "Hostname", "address": name}]
    addresses += [{"type": "InternalIP", "address": item} for item in internal]
    addresses += [{"type": "ExternalIP", "address": item} for item in external]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"podCIDR": networks[0], "podCIDRs": list(networks)} if networks else {},
        "status": {"addresses": addresses, "conditions": [READY if ready else UNREADY]},
    }


def web(
    target: int | str = 8080, node_port: int = 0, mode: str = "", port: int = 80, **spec: Any
) -> Object:
    """Return the Service ``web``, which selects ``app: web``; ``status`` is no part of its spec."""
    listed: Object = {"port": port, "targetPort": target}
    if node_port:
        listed["nodePort"] = node_port
    status = spec.pop("status", None)
    made = service("web", listed, **{"selector": WEB, **spec})
    if mode:
        made["metadata"]["annotations"] = {"ingc/backends": mode}
    return made if status is None else made | {"status": status}


def balanced(*addresses: str, **more: Any) -> Object:
    """Return the status of a Service whose load balancer has these addresses and names."""
    listed: list[Object] = []
    for item in addresses:
        numeric = ":" in item or item.replace(".", "").isdigit()
        listed.append({"ip" if numeric else "hostname": item, **more})
    return {"loadBalancer": {"ingress": listed}}
