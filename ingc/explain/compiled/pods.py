"""What stands behind a Service port: endpoints, their Pods and Nodes, and why one gets nothing.

Service → EndpointSlice → Pod → Node, as far as the input has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.explain.answer import Backend
from ingc.ir import ServiceTarget
from ingc.k8s.endpoints import SliceEndpoint
from ingc.k8s.pod import Pod
from ingc.k8s.service import Service, ServicePort
from ingc.k8s.store import Store


@dataclass(frozen=True, slots=True)
class Member:
    """An endpoint of a Service, or a Pod that the Service selects."""

    pod: str
    """The Pod's name; ``""`` where the input has none."""
    address: str
    """``10.0.0.1:8080``; ``""`` where the input has none."""
    node: str
    """The Node's name; ``""`` where the input has none."""
    why_not: str = ""
    """Why it gets no request of this upstream; ``""`` where it does."""
    doubt: str = ""
    """What may keep it from answering all the same."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a Service port."""

    members: tuple[Member, ...] = ()
    """Those that get requests first."""
    unselected: str = ""
    """That the Service selects none of the Pods that the input has; ``""`` where it does."""
    way: str = ""
    """The way that is named for the Service, and who names it; ``""``: the default one."""
    label: str = "pods"
    """What the members are."""


NOTHING = Behind()


def behind(store: Store, wanted: ServiceTarget, backend: Backend | None) -> Behind:
    """Return what stands behind a Service port.

    ``backend`` is the upstream that stands for it; ``None`` where nothing does.
    """
    service = store.services.get((wanted.namespace, wanted.service))
    port = service.find_port(wanted.port) if service else None
    if service is None or port is None:
        return NOTHING
    found = [*_of_slices(store, wanted, port, frozenset(backend.endpoints if backend else ()))]
    named = {item.pod for item in found if item.pod}
    sliced = (wanted.namespace, wanted.service) in store.slices
    selected = [*_selected(store, service)]
    found += (_of_pod(store, pod, port, sliced) for pod in selected if pod.name not in named)
    found.sort(key=lambda item: (item.why_not != "", item.pod, item.address))
    return Behind(tuple(found), "" if selected else _unselected(store, service))


def _unselected(store: Store, service: Service) -> str:
    namespace = service.meta.namespace
    there = sum(pod.namespace == namespace for pod in store.pods.values())
    if not there or not service.selector:
        return ""
    labels = ",".join(f"{key}={value}" for key, value in sorted(service.selector.items()))
    pods = f"none of the {there} Pods" if there > 1 else "not the one Pod"
    return f"the Service's selector {labels} chooses {pods} of namespace {namespace}"


def _of_slices(
    store: Store, wanted: ServiceTarget, port: ServicePort, reached: frozenset[str]
) -> Iterator[Member]:
    for found in store.slices.get((wanted.namespace, wanted.service), ()):
        number = next((item.number for item in found.ports if item.name == port.name), None)
        for endpoint in found.endpoints:
            pod = store.pods.get((wanted.namespace, endpoint.pod))
            node = endpoint.node or (pod.node if pod else "")
            address = _joined(endpoint.address, number)
            why = ""
            if address not in reached:
                why = _why_not(endpoint, pod, port, number)
            doubt = "" if why else _doubt(store, pod, node, number)
            yield Member(endpoint.pod, address, node, why, doubt)


def _why_not(
    endpoint: SliceEndpoint, pod: Pod | None, port: ServicePort, number: int | None
) -> str:
    if number is None:
        return f'its EndpointSlice has no port named "{port.name}"'
    if not endpoint.ready:
        return (pod.unready if pod else "") or "its EndpointSlice says that it is not ready"
    return "the upstream does not use it"


def _of_pod(store: Store, pod: Pod, port: ServicePort, sliced: bool) -> Member:
    """Return a Pod that no EndpointSlice of the input lists."""
    number: int | None = None
    lacks = ""
    if isinstance(port.target_port, int):
        number = port.target_port
    else:
        number = next((p.number for p in pod.ports if p.name == port.target_port), None)
        if number is None:
            has = ", ".join(map(str, pod.ports)) or "none"
            lacks = f"it has no port named {port.target_port}; it has {has}"
    why = lacks or pod.unready or ("no EndpointSlice of the input lists it" if sliced else "")
    address = _joined(pod.address, number) if pod.address else ""
    doubt = "" if why else _doubt(store, pod, pod.node, number)
    return Member(pod.name, address, pod.node, why, doubt)


def _doubt(store: Store, pod: Pod | None, node: str, number: int | None) -> str:
    there = store.nodes.get(node)
    if there is not None and there.unready:
        return f"Node {node}: {there.unready}"
    if pod is None:
        return ""
    if pod.unready:
        return f"by its status {pod.unready}"
    declared = [item.number for item in pod.ports]
    if declared and number not in declared:
        return f"its containers declare {', '.join(map(str, declared))}, not {number}"
    return ""


def _selected(store: Store, service: Service) -> Iterator[Pod]:
    if not service.selector:
        return
    for pod in store.pods.values():
        if pod.namespace == service.meta.namespace and all(
            pod.labels.get(key) == value for key, value in service.selector.items()
        ):
            yield pod


def _joined(address: str, port: int | None) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}" if port is not None else host
