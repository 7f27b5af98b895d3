"""The protocol of a backend where no annotation names one: ``appProtocol`` of the Service's port.

https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol has the names
of Kubernetes; those without a slash are IANA's, and ``grpc`` is what everybody writes for gRPC.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics.catalogue.ways import H2cNeedsNewerNginx
from ingc.frontend.intent import IntentRoute
from ingc.ir import RouteFeature
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.protocols import BackendProtocol, Protocol
from ingc.ir.features.tuning import Tuning
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.service import Service, ServicePort
from ingc.resolve.upstreams import Upstreams
from ingc.syntax.text import Text
from ingc.target import PROXY_HTTP_2, format_version, parse_version

_PROTOCOLS: dict[str, Protocol] = {
    "https": "HTTPS",
    "kubernetes.io/wss": "HTTPS",
    "grpc": "GRPC",
}
"""What is not among them is spoken to in HTTP: ``http``, ``kubernetes.io/ws``, unknown ones."""
_H2C = "kubernetes.io/h2c"
_VERSION = "proxy_http_version"
_CONNECTION = "Connection"


def features_by_port(
    intent: IntentRoute, features: Iterable[RouteFeature], upstreams: Upstreams
) -> tuple[RouteFeature, ...]:
    """Return how the backend of a route is spoken to, by its Service's port alone.

    Nothing where an annotation of the Ingress names a protocol, or for HTTP/2 one that is about
    the version of HTTP or the connection.
    """
    if not isinstance(intent.backend, ServiceBackend) or intent.asks(BackendProtocol) is not None:
        return ()
    key = (intent.namespace, intent.backend.name)
    if not upstreams.backends.app_protocol(*key, intent.backend.port):
        return ()
    service = upstreams.store.services.get(key)
    port = service.find_port(intent.backend.port) if service else None
    if service is None or port is None:
        return ()
    if port.app_protocol == _H2C and any(map(_is_of_http, features)):
        return ()
    if not intent.kind.protocol_by_port and port.app_protocol != _H2C:
        return ()
    return features_of(service, port, upstreams)


def features_of(
    service: Service, port: ServicePort, upstreams: Upstreams
) -> tuple[RouteFeature, ...]:
    """Return how a Service port is spoken to."""
    name = _PROTOCOLS.get(port.app_protocol)
    if name is not None:
        return (BackendProtocol(name),)
    if port.app_protocol != _H2C or upstreams.options.echo:
        return ()  # the responder speaks HTTP/1.1
    target = parse_version(upstreams.options.nginx_version)
    if target < PROXY_HTTP_2:
        entry = H2cNeedsNewerNginx(
            service=f"{service.meta.namespace}/{service.meta.name}",
            port=str(port.port),
            needed=format_version(PROXY_HTTP_2),
            target=format_version(target),
        )
        upstreams.sink.report(entry, service.origin.at("spec", "ports"))
        return ()
    # Of one connection, so that HTTP/2 has neither.
    gone = (RequestHeader("Upgrade", Text(())), RequestHeader(_CONNECTION, Text(())))
    return (Tuning(_VERSION, ("2",)), *gone)


def _is_of_http(feature: RouteFeature) -> bool:
    if isinstance(feature, Tuning):
        return feature.directive == _VERSION
    return isinstance(feature, RequestHeader) and feature.name == _CONNECTION
