"""The upstreams of a configuration, one for each Service port that a live route uses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.backends import ResourceBackendUsed, ServiceBroken
from ingc.ir import (
    Action,
    Endpoint,
    Host,
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
_Key = tuple[str, str, int | str, str, NamedBy]
"""Namespace, name and port of a Service, the protocol, and who names it."""


@dataclass(slots=True)
class Upstreams:
    """Resolves backends and gathers the upstreams that they need."""

    store: Store
    sink: Sink
    options: Options
    names: AllowedNames
    uses: InitVar[Iterable[UpstreamUse]] = ()
    """What Ingresses set for the upstreams, in their order."""
    cluster: Cluster = field(init=False)
    _settings: dict[str, tuple[UpstreamFeature, ...]] = field(default_factory=dict)
    _made: dict[str, Upstream] = field(default_factory=dict)
    _known: dict[_Key, str | Unusable] = field(default_factory=dict)

    def __post_init__(self, uses: Iterable[UpstreamUse]) -> None:
        """Settle what holds for each upstream."""
        self.cluster = Cluster(self.store, self.options)

        def name_of(use: UpstreamUse) -> str:
            return _name(look_up(use.namespace, use.backend, self.cluster))[0]

        self._settings = settle_upstreams(uses, name_of, self.sink)

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
        key = (namespace, backend.name, backend.port, protocol, by)
        if key not in self._known:
            self._known[key] = self._make(namespace, backend, by, protocol)
        return self._known[key]

    def made(self, name: str) -> Upstream:
        """Return an upstream that was found before."""
        return self._made[name]

    def add(self, upstream: Upstream) -> str:
        """Return the name of an upstream that was made of others."""
        self._made.setdefault(upstream.name, upstream)
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
        self._made.setdefault(name, Upstream(name, endpoints, service, features))
        return name

    def _make(
        self, namespace: str, backend: ServiceBackend, by: NamedBy, protocol: str
    ) -> str | Unusable:
        lookup = look_up(namespace, backend, self.cluster, protocol)
        name, number = _name(lookup)
        features = self._settings.get(name, ())
        if any(isinstance(item, ServiceAddress) for item in features):
            lookup = dataclasses.replace(lookup, by_address=True)
        if lookup.service is not None and lookup.service.broken:
            # A broken Service must not be taken for one that is only not in the input.
            return Unusable(ServiceBroken(service=lookup.name))
        endpoints = self._endpoints(lookup, by)
        if isinstance(endpoints, Unusable):
            return endpoints
        features = kept_clients(features, endpoints, lookup, self.sink)
        service = ServiceTarget(namespace, backend.name, number)
        self._made.setdefault(name, Upstream(name, endpoints, service, features))
        return name

    def _endpoints(self, lookup: Lookup, by: NamedBy) -> tuple[Endpoint, ...] | Unusable:
        found = resolve_service(lookup)
        if self.options.echo and not isinstance(found, Unusable):
            # The responder answers for whoever would; it invents no endpoint.
            return (Endpoint("unix:" + self.options.echo_socket, 0),)
        found = resolvable(found, lookup, by, self.names)
        return found if isinstance(found, Unusable) else admitted(found, lookup, self.sink)

    def one_address(self, namespace: str, backend: Backend | None, by: NamedBy) -> str | None:
        """Return what the cluster spreads the requests for a backend behind, if nginx knows no
        Pods.
        """
        found = self.find(namespace, backend, by) if isinstance(backend, ServiceBackend) else None
        if not isinstance(found, str):
            return None
        service = self.store.services.get((namespace, self._made[found].service.service))
        if service is None or self.options.echo:
            return None
        first = self._made[found].endpoints[0]
        mode = service.backends or self.options.backends
        return way_of_the_cluster(service, first, mode)

    def variant(self, name: str, suffix: str, extra: tuple[UpstreamFeature, ...] = ()) -> str:
        """Return the name of an upstream of the same endpoints, with connections of its own."""
        base = self._made[name]
        varied = f"{name}_{suffix}"
        features = (*base.features, *extra)
        self._made[varied] = dataclasses.replace(base, name=varied, features=features)
        return varied

    def used_by(self, hosts: Iterable[Host]) -> tuple[Upstream, ...]:
        """Return the upstreams of live routes, by name."""
        routes = (route for host in hosts for route in (*host.routes, host.default))
        used = {name for route in routes for name in route.upstreams}
        return tuple(self._made[name] for name in sorted(used))


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
