"""``sessionAffinity: ClientIP`` of a Service: an address of a client stays with its Pod.

nginx keeps it by a consistent hash of the client's address where it knows the Pods. ``ip_hash``
would take the first three numbers of an IPv4 address alone, and move clients where a Pod comes.
"""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.ways import ClientOfTheClusterIsNginx
from ingc.ir import Endpoint, UpstreamFeature
from ingc.ir.features.load_balance import HashBy
from ingc.k8s.service import Service
from ingc.options import BackendMode
from ingc.resolve.lookup import Endpoints, Lookup
from ingc.syntax.text import Text, Variable

_BY_CLIENT = HashBy(Text((Variable("remote_addr"),)))


def kept_clients(
    features: tuple[UpstreamFeature, ...], endpoints: Endpoints, lookup: Lookup, sink: Sink
) -> tuple[UpstreamFeature, ...]:
    """Return the features of an upstream whose Service may keep clients; what comes of it in the
    cluster alone is reported. A hash that an annotation requests comes first.
    """
    service = lookup.service
    if service is None or not service.keeps_clients or lookup.options.echo:
        return features
    way = way_of_the_cluster(service, endpoints[0], lookup.mode)
    if way is not None:
        entry = ClientOfTheClusterIsNginx(service=lookup.name, way=way)
        sink.report(entry, service.origin.at("spec", "sessionAffinity"))
        return features
    several = len(endpoints) > 1
    hashed = any(isinstance(item, HashBy) for item in features)
    return (*features, _BY_CLIENT) if several and not hashed else features


def way_of_the_cluster(service: Service, first: Endpoint, mode: BackendMode) -> str | None:
    """Return what the cluster spreads requests behind, where nginx does not know the Pods.

    ``first`` is the first endpoint.
    """
    if service.type == "ExternalName":
        return None
    if mode == "node-port":
        return None if service.local else f"port {first.port} of its Nodes"
    own = first.address == service.cluster_ip or mode in ("load-balancer", "external-ips")
    return first.address if own or (first.dns and not service.headless) else None
