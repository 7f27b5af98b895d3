"""Which addresses belong into ``status.loadBalancer`` of our Ingresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.controller.api import Api, ApiError

_OF_ONE_POD = ("controller-revision-hash", "pod-template-generation", "pod-template-hash")
"""Labels that differ between versions of one Deployment or DaemonSet."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An address of clients' point of entry: a name, or an IP (LoadBalancerIngress)."""

    hostname: str
    ip: str

    @classmethod
    def of(cls, text: str) -> Address:
        """Return the address that a text names."""
        try:
            return cls("", str(ipaddress.ip_address(text)))
        except ValueError:
            return cls(text, "")

    @property
    def as_api(self) -> dict[str, str]:
        """An item of ``status.loadBalancer.ingress``."""
        return {"hostname": self.hostname} if self.hostname else {"ip": self.ip}


Addresses = tuple[Address, ...]
"""Sorted, each once."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """Whence the addresses come: the first that is given of addresses, Service, Nodes of the Pod.

    The names are those of ingress-nginx's flags, and so is the meaning.
    """

    publish_status_address: tuple[str, ...] = ()
    """The addresses themselves, IPs or host names."""
    publish_service: str = ""
    """``namespace/name`` of the Service in front of the controller."""
    pod: str = ""
    """``namespace/name`` of our own Pod: the Nodes of all Pods with its labels are published."""
    report_node_internal_ip_address: bool = False
    """Whether a Node's InternalIP is published though it has an ExternalIP."""
    update_status_on_shutdown: bool = True
    """Whether the last replica takes the addresses out again when it ends."""

    @property
    def nothing(self) -> bool:
        """Whether there is nowhere to take addresses from, so that no status is written."""
        return not (self.publish_status_address or self.publish_service or self.pod)


async def find_addresses(api: Api, publishing: Publishing) -> Addresses | None:
    """Return the addresses now; ``None``: nobody knows, so that what is published stays.

    Raises `ApiError`.
    """
    if publishing.publish_status_address:
        return _ordered(map(Address.of, publishing.publish_status_address))
    try:
        if publishing.publish_service:
            return await _of_service(api, publishing.publish_service)
        if publishing.pod:
            return await _of_nodes(api, publishing)
    except ApiError as error:
        if error.status != 404:
            raise
    return None


async def has_company(api: Api, pod: str) -> bool:
    """Return whether other Pods with the labels of ours run, to which the status is left.

    Raises `ApiError`.
    """
    return any(not _is_called(item, pod) for item in await _pods_like(api, pod))


def published_in(ingress: Mapping[str, Any]) -> Addresses:
    """Return the addresses that an Ingress has."""
    balancer = (ingress.get("status") or {}).get("loadBalancer") or {}
    return _ordered(map(_read_address, balancer.get("ingress") or ()))


async def _of_service(api: Api, name: str) -> Addresses | None:
    namespace, _, own = name.partition("/")
    service = await api.request("GET", f"/api/v1/namespaces/{namespace}/services/{own}")
    spec: Mapping[str, Any] = service.get("spec") or {}
    external = [Address.of(ip) for ip in spec.get("externalIPs") or ()]
    cluster = [Address.of(ip) for ip in [spec.get("clusterIP")] if ip and ip != "None"]
    match spec.get("type", "ClusterIP"):
        case "ExternalName":
            return _ordered([Address.of(spec["externalName"])])
        case "LoadBalancer":
            return _ordered([*published_in(service), *external])
        case "NodePort":
            return _ordered(external or cluster)
        case _:
            return _ordered(cluster) or None


async def _of_nodes(api: Api, publishing: Publishing) -> Addresses | None:
    names = {item["spec"]["nodeName"] for item in await _pods_like(api, publishing.pod)}
    found = []
    for name in sorted(names):
        node = await api.request("GET", f"/api/v1/nodes/{name}")
        found.append(_of_node(node, internal=publishing.report_node_internal_ip_address))
    return _ordered(Address.of(text) for text in found if text) or None


async def _pods_like(api: Api, pod: str) -> list[Mapping[str, Any]]:
    """Return the Pods that serve and have the labels of ours."""
    namespace, _, name = pod.partition("/")
    parent = f"/api/v1/namespaces/{namespace}/pods"
    labels = (await api.request("GET", f"{parent}/{name}"))["metadata"].get("labels") or {}
    selector = ",".join(f"{k}={v}" for k, v in sorted(labels.items()) if k not in _OF_ONE_POD)
    if not selector:
        return []
    found = await api.request("GET", parent, params={"labelSelector": selector})
    return [item for item in found["items"] if _serves(item)]


def _serves(pod: Mapping[str, Any]) -> bool:
    status: Mapping[str, Any] = pod.get("status") or {}
    ready = any(
        item["type"] == "Ready" and item["status"] == "True"
        for item in status.get("conditions") or ()
    )
    ends = "deletionTimestamp" in pod["metadata"]
    return status.get("phase") == "Running" and ready and not ends


def _is_called(pod: Mapping[str, Any], name: str) -> bool:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}" == name


def _of_node(node: Mapping[str, Any], *, internal: bool) -> str:
    by_type: dict[str, str] = {}
    for item in (node.get("status") or {}).get("addresses") or ():
        by_type.setdefault(item["type"], item["address"])
    inner, outer = by_type.get("InternalIP", ""), by_type.get("ExternalIP", "")
    return inner if internal or not outer else outer


def _read_address(item: Mapping[str, Any]) -> Address:
    # Either may be there beside the other; an IP says more.
    return Address("", item["ip"]) if item.get("ip") else Address(item.get("hostname") or "", "")


def _ordered(found: Iterable[Address]) -> Addresses:
    return tuple(sorted(set(found)))
