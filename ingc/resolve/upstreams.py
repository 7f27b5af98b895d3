"""The upstreams of a configuration, one for each Service port that a live route uses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.backends import ResourceBackendUsed, ServiceBroken
from ingc.ir import (
    Action,
    Endpoint,
    Proxy,
    ServiceTarget,
    StatusAnswer,
    Upstream,
    UpstreamFeature,
)
from ingc.ir.features.external_auth import Keepalive
from ingc.ir.features.load_balance import ServiceAddress
from ingc.k8s.backend import Backend, ResourceBackend, ServiceBackend
from ingc.k8s.store import Store
from ingc.merge import UpstreamUse, settle_upstreams
from ingc.options import Options
from ingc.resolve.addresses import admitted
from ingc.resolve.lookup import Lookup, Unusable, look_up
from ingc.resolve.names import AllowedNames, NamedBy, resolvable
from ingc.resolve.service import resolve_service
from ingc.resolve.ways.clients import kept_clients, way_of_the_cluster
from ingc.resolve.ways.cluster import Cluster
from ingc.syntax.digest import digest
from ingc.syntax.outside import OutsideUrl

_USUAL = (1000, 60)
"""Requests and seconds of a connection, where an Ingress sets neither."""


class Wanted(NamedTuple):
    """A Service port that something sends requests to."""

    namespace: str
    service: str
    port: int | str
    protocol: str
    by: NamedBy


class Variant(NamedTuple):
    """An upstream of the same endpoints as another, with connections of its own."""

    base: str
    suffix: str
    extra: tuple[UpstreamFeature, ...]

    def of(self, base: Upstream) -> Upstream:
        """Return it."""
        features = (*base.features, *self.extra)
        return dataclasses.replace(base, name=f"{base.name}_{self.suffix}", features=features)


class Backends(Protocol):
    """Finds the upstreams of Service ports, and keeps all upstreams by name."""

    def find(self, wanted: Wanted) -> str | Unusable:
        """Return the name of the upstream for a Service port, or why there is none."""

    def made(self, name: str) -> Upstream:
        """Return an upstream that was found or added before."""

    def add(self, upstream: Upstream) -> None:
        """Take an upstream that was made of others, unless there is one of its name."""

    def vary(self, variant: Variant) -> str:
        """Return the name of an upstream with the endpoints of one that was found or added."""

    def app_protocol(self, namespace: str, service: str, port: int | str) -> str:
        """Return ``appProtocol`` of a Service port; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Resolves backends to upstreams."""

    cluster: Cluster
    sink: Sink
    names: AllowedNames
    backends: Backends

    @property
    def store(self) -> Store:
        """The objects of the input."""
        return self.cluster.store

    @property
    def options(self) -> Options:
        """The options of the compile."""
        return self.cluster.options

    def action(
        self, namespace: str, backend: Backend | None, by: NamedBy, origin: Origin
    ) -> Action:
        """Return where requests for a backend go; 503 and a finding where nowhere.

        What is no Service is 404, as in ingress-nginx, which leaves such paths out.
        """
        if backend is None:
            return StatusAnswer(503)
        if isinstance(backend, ResourceBackend):
            entry = ResourceBackendUsed(ref=f"{backend.kind} {backend.name}")
            self.sink.report(entry, backend.origin)
            return StatusAnswer(404)
        found = self.find(namespace, backend, by)
        if isinstance(found, Unusable):
            self.sink.report(found.why, found.at or origin)
            return StatusAnswer(503)
        return Proxy(found)

    def find(
        self, namespace: str, backend: ServiceBackend, by: NamedBy, protocol: str = "TCP"
    ) -> str | Unusable:
        """Return the name of the upstream for a Service port, or why there is none."""
        return self.backends.find(Wanted(namespace, backend.name, backend.port, protocol, by))

    def made(self, name: str) -> Upstream:
        """Return an upstream that was found before."""
        return self.backends.made(name)

    def add(self, upstream: Upstream) -> str:
        """Return the name of an upstream that was made of others."""
        self.backends.add(upstream)
        return upstream.name

    def outside(
        self,
        url: OutsideUrl,
        endpoints: tuple[Endpoint, ...],
        features: tuple[UpstreamFeature, ...] = (),
    ) -> str:
        """Return the name of the upstream for a URL, of http and https, and of features, apart."""
        # No DNS name has an underscore, so that none is taken for an address.
        host = url.host.replace(":", "_")
        kept = _suffix(features) if features else ""
        # Names of Services hold two underscores, so that these can't be theirs.
        name = f"ingc_{url.scheme}_{host}_{url.port}{kept}"
        service = ServiceTarget("", url.host, url.port)
        return self.add(Upstream(name, endpoints, service, features))

    def one_address(self, namespace: str, backend: Backend | None, by: NamedBy) -> str | None:
        """Return what the cluster spreads the requests for a backend behind, if nginx knows no
        Pods.
        """
        found = self.find(namespace, backend, by) if isinstance(backend, ServiceBackend) else None
        if not isinstance(found, str):
            return None
        upstream = self.made(found)
        service = self.store.services.get((namespace, upstream.service.service))
        if service is None or self.options.echo:
            return None
        mode = service.backends or self.options.backends
        return way_of_the_cluster(service, upstream.endpoints[0], mode)

    def variant(self, name: str, suffix: str, extra: tuple[UpstreamFeature, ...] = ()) -> str:
        """Return the name of an upstream of the same endpoints, with connections of its own."""
        return self.backends.vary(Variant(name, suffix, extra))


def app_protocol(store: Store, namespace: str, service: str, port: int | str) -> str:
    """Return ``appProtocol`` of a Service port; empty where there is none."""
    known = store.services.get((namespace, service))
    found = known.find_port(port) if known is not None else None
    return found.app_protocol if found is not None else ""


Settings = Mapping[str, tuple[UpstreamFeature, ...]]
"""What Ingresses set for upstreams, by the names of these."""


def settings_of(uses: Iterable[UpstreamUse], cluster: Cluster, sink: Sink) -> Settings:
    """Return what holds for each upstream; ``uses`` come in the order of their Ingresses."""
    return settle_upstreams(uses, lambda use: name_of(use, cluster), sink)


def name_of(use: UpstreamUse, cluster: Cluster) -> str:
    """Return the name of the upstream that an Ingress uses."""
    return _name(look_up(use.namespace, use.backend, cluster))[0]


@dataclass(slots=True)
class AllBackends:
    """The upstreams of one compile."""

    cluster: Cluster
    sink: Sink
    names: AllowedNames
    settings: Settings
    _made: dict[str, Upstream] = field(default_factory=dict)
    _known: dict[Wanted, str | Unusable] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> str | Unusable:
        """Return the name of the upstream for a Service port, or why there is none."""
        known = self._known.get(wanted)
        if known is None:
            settings, names = self.settings, self.names
            made = make_upstream(wanted, self.cluster, settings, names, self.sink)
            if isinstance(made, Upstream):
                self.add(made)
            known = self._known[wanted] = made.name if isinstance(made, Upstream) else made
        return known

    def made(self, name: str) -> Upstream:
        """Return an upstream that was found or added before."""
        return self._made[name]

    def add(self, upstream: Upstream) -> None:
        """Take an upstream that was made of others, unless there is one of its name."""
        self._made.setdefault(upstream.name, upstream)

    def vary(self, variant: Variant) -> str:
        """Return the name of an upstream with the endpoints of one that was found or added."""
        made = variant.of(self._made[variant.base])
        self.add(made)
        return made.name

    def app_protocol(self, namespace: str, service: str, port: int | str) -> str:
        """Return ``appProtocol`` of a Service port; empty where there is none."""
        return app_protocol(self.cluster.store, namespace, service, port)


def make_upstream(
    wanted: Wanted, cluster: Cluster, settings: Settings, names: AllowedNames, sink: Sink
) -> Upstream | Unusable:
    """Return the upstream of a Service port, or why there is none."""
    backend = ServiceBackend(wanted.service, wanted.port, Origin())
    lookup = look_up(wanted.namespace, backend, cluster, wanted.protocol)
    name, number = _name(lookup)
    features = settings.get(name, ())
    if any(isinstance(item, ServiceAddress) for item in features):
        lookup = dataclasses.replace(lookup, by_address=True)
    if lookup.service is not None and lookup.service.broken:
        # A broken Service must not be taken for one that is only not in the input.
        return Unusable(ServiceBroken(service=lookup.name))
    endpoints = _endpoints(lookup, wanted.by, names, sink)
    if isinstance(endpoints, Unusable):
        return endpoints
    features = kept_clients(features, endpoints, lookup, sink)
    return Upstream(
        name, endpoints, ServiceTarget(wanted.namespace, wanted.service, number), features
    )


def _endpoints(
    lookup: Lookup, by: NamedBy, names: AllowedNames, sink: Sink
) -> tuple[Endpoint, ...] | Unusable:
    found = resolve_service(lookup)
    if lookup.options.echo and not isinstance(found, Unusable):
        # The responder answers for whoever would; it invents no endpoint.
        return (Endpoint("unix:" + lookup.options.echo_socket, 0),)
    found = resolvable(found, lookup, by, names)
    return found if isinstance(found, Unusable) else admitted(found, lookup, sink)


def _name(lookup: Lookup) -> tuple[str, int | str]:
    """Return the name of the upstream of a Service port, and the port as the Service numbers it."""
    port = lookup.port()
    number = port.port if port else lookup.backend.port
    suffix = "_udp" if lookup.protocol == "UDP" else ""
    return f"{lookup.namespace}_{lookup.backend.name}_{number}{suffix}", number


def _suffix(features: tuple[UpstreamFeature, ...]) -> str:
    """Return what distinguishes the upstreams of one URL: how many connections they keep."""
    if len(features) != 1 or not isinstance(features[0], Keepalive):
        return "_" + digest(features)
    kept = features[0]
    usual = (kept.requests, kept.timeout) == _USUAL
    return f"_keepalive_{kept.connections}" + ("" if usual else f"_{kept.requests}_{kept.timeout}")
