"""The way of one rule: its Service, the port, the slices, and whoever may stand behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ingc.diagnostics import Origin
from ingc.ir import Endpoint, ServiceTarget
from ingc.k8s.endpoints import EndpointSlice, SliceEndpoint
from ingc.k8s.pod import Pod
from ingc.k8s.service import Service, ServicePort
from ingc.reach.scene import Scene


@dataclass(frozen=True, slots=True)
class Recipient:
    """A Pod that a Service selects, or an endpoint that a slice lists; mostly both."""

    pod: Pod | None
    """``None`` where the input has none for the endpoint."""
    endpoint: SliceEndpoint | None = None
    """``None`` where no slice lists the Pod."""
    at: Origin | None = None
    """Where the endpoint stands."""
    port: int | str = 0
    """The Pod's port that is meant: a number, or a container port's name."""
    sliced: bool = False
    """True where the input has slices of the Service."""
    service: Origin | None = None
    """The Service."""

    @property
    def node(self) -> str:
        """The Node's name; ``""`` where it is not known."""
        return (self.endpoint.node if self.endpoint else "") or (self.pod.node if self.pod else "")

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        if self.pod is not None:
            return f"Pod {self.pod.namespace}/{self.pod.name}"
        if self.endpoint is None:
            return "the endpoint"
        return f"endpoint {self.endpoint.address}"


class Chain:
    """What the input knows of the way from a rule to Pods."""

    def __init__(
        self,
        scene: Scene,
        target: ServiceTarget,
        at: Origin,
        *,
        endpoints: tuple[Endpoint, ...] = (),
        complete: bool = False,
    ) -> None:
        """``at`` is the rule; ``endpoints`` are those of its upstream, none where it answers 503.

        ``complete``: a Service that is not in the input does not exist.
        """
        self.scene = scene
        self.target = target
        self.at = at
        self.endpoints = endpoints
        self.complete = complete

    @property
    def service(self) -> Service | None:
        """The Service."""
        return self.scene.store.services.get((self.target.namespace, self.target.service))

    @property
    def port(self) -> ServicePort | None:
        """The Service's port."""
        return self.service.find_port(self.target.port) if self.service else None

    @property
    def slices(self) -> tuple[EndpointSlice, ...] | None:
        """The Service's slices; ``None`` where the input has none."""
        return self.scene.store.slices.get((self.target.namespace, self.target.service))

    @cached_property
    def selected(self) -> tuple[Pod, ...]:
        """The Pods that the Service's selector takes."""
        service = self.service
        return self.scene.selected(service.meta.namespace, service.selector) if service else ()

    def backend_field(self, *path: str) -> Origin:
        """Return the place of the rule's backend, or of a field of it."""
        inner = () if self.at.field[-1:] == ("defaultBackend",) else ("backend",)
        return self.at.at(*inner, "service", *path)

    @cached_property
    def listed(self) -> tuple[Recipient, ...]:
        """The endpoints of the slices that have the Service's port, with their Pods."""
        return tuple(self._listed())

    def _listed(self) -> Iterator[Recipient]:
        pods, seen = self.scene.store.pods, set[str]()
        service = self.service.origin if self.service else None
        for found in self.slices or ():
            number_of = {item.name: item.number for item in found.ports}
            if self.port is None or self.port.name not in number_of:
                continue
            port = number_of[self.port.name]
            for number, endpoint in enumerate(found.endpoints):
                if endpoint.address not in seen:
                    seen.add(endpoint.address)
                    pod = pods.get((self.target.namespace, endpoint.pod))
                    place = _place(found, number)
                    yield Recipient(pod, endpoint, place, port, sliced=True, service=service)

    @cached_property
    def used(self) -> tuple[Recipient, ...]:
        """The endpoints that get requests: the ready ones, else those that still serve."""
        ready = tuple(item for item in self.listed if item.endpoint and item.endpoint.ready)
        return ready or tuple(
            item
            for item in self.listed
            if item.endpoint and item.endpoint.serving and item.endpoint.terminating
        )

    @cached_property
    def recipients(self) -> tuple[Recipient, ...]:
        """Who may be reached: the endpoints in use, else every Pod and endpoint there is."""
        if self.used:
            return self.used
        by_name = {item.pod.name: item for item in self.listed if item.pod is not None}
        pods = (by_name.get(pod.name) or self._unlisted(pod) for pod in self.selected)
        names = {pod.name for pod in self.selected}
        others = (item for item in self.listed if item.pod is None or item.pod.name not in names)
        return (*pods, *others)

    def _unlisted(self, pod: Pod) -> Recipient:
        return Recipient(
            pod,
            port=self.port.target_port if self.port else 0,
            sliced=self.slices is not None,
            service=self.service.origin if self.service else None,
        )


def _place(found: EndpointSlice, number: int) -> Origin:
    kind = found.origin.object.kind if found.origin.object else ""
    return found.origin.at(*(("subsets",) if kind == "Endpoints" else ("endpoints", number)))
