"""The upstreams of a configuration, one for each Service port that a live route uses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.backends import (
    NamesResolvedAtStart,
    ResourceBackendUsed,
    ServiceBroken,
)
from ingc.ir import (
    Action,
    Answer,
    Endpoint,
    Host,
    Proxy,
    ServicePort,
    Upstream,
    UpstreamFeature,
)
from ingc.k8s.backend import Backend, ResourceBackend, ServiceBackend
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.resolve.service import Unusable, look_up, resolve_service
from ingc.syntax.host import is_address
from ingc.syntax.outside import OutsideUrl


@dataclass(slots=True)
class Upstreams:
    """Resolves backends and gathers the upstreams that they need."""

    store: Store
    sink: Sink
    options: Options
    _made: dict[str, Upstream] = field(default_factory=dict)
    _known: dict[tuple[str, str, int | str], str | Unusable] = field(default_factory=dict)

    def action(self, namespace: str, backend: Backend | None, origin: Origin) -> Action:
        """Return where requests for a backend go; 503 and a finding where nowhere."""
        if backend is None:
            return Answer(503)
        if isinstance(backend, ResourceBackend):
            entry = ResourceBackendUsed(ref=f"{backend.kind} {backend.name}")
            self.sink.report(entry, backend.origin)
            return Answer(503)
        found = self.find(namespace, backend)
        if isinstance(found, Unusable):
            self.sink.report(found.why, found.at or origin)
            return Answer(503)
        return Proxy(found)

    def find(self, namespace: str, backend: ServiceBackend) -> str | Unusable:
        """Return the name of the upstream for a Service port, or why there is none."""
        key = (namespace, backend.name, backend.port)
        if key not in self._known:
            self._known[key] = self._make(namespace, backend)
        return self._known[key]

    def outside(self, url: OutsideUrl, features: tuple[UpstreamFeature, ...] = ()) -> str:
        """Return the name of the upstream for a URL, of http and https, and of features, apart."""
        host = url.host.replace(":", "-")
        number = _digest(features) if features else ""
        # Names of Services hold two underscores, so that these can't be theirs.
        name = f"ingc_{url.scheme}_{host}_{url.port}{number}"
        endpoint = Endpoint(url.host, url.port, dns=not is_address(url.host))
        if self.options.echo:
            endpoint = Endpoint("unix:" + self.options.echo_socket, 0)
        service = ServicePort("", url.host, url.port)
        self._made.setdefault(name, Upstream(name, (endpoint,), service, features))
        return name

    def _make(self, namespace: str, backend: ServiceBackend) -> str | Unusable:
        lookup = look_up(namespace, backend, self.store, self.options)
        endpoints: tuple[Endpoint, ...] | Unusable
        if self.options.echo:
            endpoints = (Endpoint("unix:" + self.options.echo_socket, 0),)
        elif lookup.service is not None and lookup.service.broken:
            # A broken Service must not be taken for one that is only not in the input.
            return Unusable(ServiceBroken(service=lookup.name))
        else:
            endpoints = resolve_service(lookup)
        if isinstance(endpoints, Unusable):
            return endpoints
        port = lookup.port()
        number = port.port if port else backend.port
        name = f"{namespace}_{backend.name}_{number}"
        service = ServicePort(namespace, backend.name, number)
        self._made.setdefault(name, Upstream(name, endpoints, service))
        return name

    def used_by(self, hosts: Iterable[Host]) -> tuple[Upstream, ...]:
        """Return the upstreams of live routes, by name; reports names that nginx resolves once."""
        routes = (route for host in hosts for route in (*host.routes, host.default))
        used = {name for route in routes for name in route.upstreams}
        made = tuple(self._made[name] for name in sorted(used))
        if not self.options.resolver:
            names = sorted({e.address for u in made for e in u.endpoints if e.dns})
            if names:
                self.sink.report(NamesResolvedAtStart(names=tuple(names)), Origin())
        return made


def _digest(features: tuple[UpstreamFeature, ...]) -> str:
    return "_" + hashlib.sha256(repr(features).encode()).hexdigest()[:10]
