"""The port of a Service that a Route means: it names the Pods' port, or the Service's by name."""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.openshift import RoutePortsSeveral, RoutePortUnknown
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.openshift.route import OpenshiftRoute, RouteTarget
from ingc.k8s.service import Service, ServicePort
from ingc.k8s.store import Store


def as_backend(
    target: RouteTarget, route: OpenshiftRoute, store: Store, sink: Sink
) -> ServiceBackend | None:
    """Return what a Route sends to, as an Ingress would name it; ``None``, reported: nothing.

    ``spec.port.targetPort`` is compared with the endpoints: a number with their port, a name with
    that of their Service's port. Without it the router uses every port of the endpoints, nginx
    the first.
    """
    name = (route.meta.namespace, target.service)
    service = store.services.get(name)
    if service is None:
        return _of_unknown(target, route, sink)
    found = _find(service, route.port, store)
    if found is not None:
        if route.port is None and len(service.ports) > 1:
            ports = tuple(port.name or str(port.port) for port in service.ports)
            entry = RoutePortsSeveral(service="/".join(name), ports=ports, used=ports[0])
            sink.report(entry, target.origin)
        return ServiceBackend(target.service, found.port, target.origin)
    if service.type == "ExternalName" and isinstance(route.port, int):
        return ServiceBackend(target.service, route.port, target.origin)
    listed = ", ".join(f"{port.name or port.port} to {port.target_port}" for port in service.ports)
    _report(target, route, f"its ports are {listed or 'none'}", sink)
    return None


def _of_unknown(target: RouteTarget, route: OpenshiftRoute, sink: Sink) -> ServiceBackend | None:
    """Without the Service its ports are taken to have the numbers of its Pods' ones."""
    if route.port is None:
        _report(target, route, "the Service is not in the input, and the Route names none", sink)
        return None
    return ServiceBackend(target.service, route.port, target.origin)


def _report(target: RouteTarget, route: OpenshiftRoute, why: str, sink: Sink) -> None:
    service = f"{route.meta.namespace}/{target.service}"
    port = "any" if route.port is None else str(route.port)
    sink.report(RoutePortUnknown(service=service, port=port, why=why), target.origin)


def _find(service: Service, port: int | str | None, store: Store) -> ServicePort | None:
    if port is None:
        return next(iter(service.ports), None)
    if isinstance(port, str):
        named = (item for item in service.ports if item.name == port)
        return next(named, None) or _leading_to(service, port)
    return _leading_to(service, port) or _in_slices(service, port, store)


def _leading_to(service: Service, port: int | str) -> ServicePort | None:
    return next((item for item in service.ports if item.target_port == port), None)


def _in_slices(service: Service, port: int, store: Store) -> ServicePort | None:
    """Return the port behind which endpoints have a number, where Pods name it."""
    slices = store.slices.get((service.meta.namespace, service.meta.name), ())
    names = {item.name for found in slices for item in found.ports if item.number == port}
    named = (item for item in service.ports if isinstance(item.target_port, str))
    return next((item for item in named if item.name in names), None)
