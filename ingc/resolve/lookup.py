"""What the input knows of a Service port, and what it is resolved to."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Entry, Origin
from ingc.diagnostics.catalogue.backends import NoUsableEndpoint
from ingc.ir import Endpoint
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.endpoints import EndpointSlice
from ingc.k8s.service import Service, ServicePort
from ingc.k8s.store import Store
from ingc.options import BackendMode, Options
from ingc.resolve.ways.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the input knows of one Service port."""

    namespace: str
    backend: ServiceBackend
    service: Service | None
    slices: tuple[EndpointSlice, ...] | None
    """``None`` where the input has no slice of the Service."""
    cluster: Cluster
    """The Pods and Nodes, and the options."""
    by_address: bool = False
    """True where the Service's own address is wanted, if it has one."""
    protocol: str = "TCP"
    """That, or ``UDP``."""
    complete: bool = False
    """True where the input has all Services."""

    @property
    def name(self) -> str:
        """``namespace/name`` of the Service."""
        return f"{self.namespace}/{self.backend.name}"

    @property
    def beside(self) -> tuple[str, ...]:
        """The Services of the namespace, by name."""
        return self.cluster.store.service_names.get(self.namespace, ())

    @property
    def options(self) -> Options:
        """The options of the compile."""
        return self.cluster.options

    @property
    def mode(self) -> BackendMode:
        """How the Service is to be reached: as its owner wants, else as the operator does."""
        own = self.service.backends if self.service is not None else None
        return own or self.options.backends

    def port(self) -> ServicePort | None:
        """The Service's port that the rule means."""
        if self.service is None:
            return None
        return self.service.find_port(self.backend.port, self.protocol)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a Service port can't be served: the finding, and its place where that is not the rule."""

    why: Entry
    at: Origin | None = None


Endpoints = tuple[Endpoint, ...]
Resolution = Endpoints | Unusable


def look_up(
    namespace: str,
    backend: ServiceBackend,
    cluster: Cluster,
    protocol: str = "TCP",
) -> Lookup:
    """Gather what the input knows of a backend."""
    store, options = cluster.store, cluster.options
    key = (namespace, backend.name)
    service, slices = store.services.get(key), store.slices.get(key)
    return Lookup(
        namespace,
        backend,
        service,
        slices,
        cluster,
        protocol=protocol,
        complete=is_complete(store, options),
    )


def is_complete(store: Store, options: Options) -> bool:
    """Return whether a Service that is not in the input does not exist.

    What comes from a cluster has all Services, unless the operator states otherwise; manifests
    may be a part of what is applied.
    """
    return store.from_cluster and not options.partial


CHECK_PODS = "check the Service's selector and targetPort, and whether its Pods are ready"


def no_endpoint(lookup: Lookup, why: str, fix: str = CHECK_PODS) -> Unusable:
    """Return that no endpoint can serve a Service port, and why."""
    port = str(lookup.backend.port)
    return Unusable(NoUsableEndpoint(service=lookup.name, port=port, why=why, fix=fix))
