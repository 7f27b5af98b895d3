"""The backends that answer where a route's own does not: the global one, and an Ingress's."""

from __future__ import annotations

from ingc.diagnostics import Origin
from ingc.ir import ServiceTarget
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.lookup import Unusable
from ingc.resolve.names import NamedBy
from ingc.resolve.upstreams import Upstreams


def global_backend(upstreams: Upstreams) -> tuple[str, ServiceTarget] | str:
    """Return upstream and Service of `default_backend_service`, or why there is none.

    The reason is empty where the option is not given.
    """
    wanted = upstreams.options.default_backend_service
    if not wanted:
        return ""
    namespace, _, rest = wanted.partition("/")
    name, _, port = rest.partition(":")
    if not port:
        return first_port(namespace, name, "operator", upstreams)
    number = int(port) if port.isdigit() else port
    return _find(namespace, name, number, "operator", upstreams)


def first_port(
    namespace: str, name: str, by: NamedBy, upstreams: Upstreams
) -> tuple[str, ServiceTarget] | str:
    """Return upstream and Service for the first port of a Service, or why there is none."""
    known = upstreams.store.services.get((namespace, name))
    if known is None:
        return "it is not in the input"
    if not known.ports:
        return "it has no port"
    return _find(namespace, name, known.ports[0].port, by, upstreams)


def _find(
    namespace: str, name: str, port: int | str, by: NamedBy, upstreams: Upstreams
) -> tuple[str, ServiceTarget] | str:
    found = upstreams.find(namespace, ServiceBackend(name, port, Origin()), by)
    if isinstance(found, Unusable):
        return found.why.summary.format_map(found.why.values())
    return found, ServiceTarget(namespace, name, port)
