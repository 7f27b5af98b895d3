"""The host of a URL that nginx requests for an annotation → its endpoints.

nginx resolves a name once, at its start, unless it has a resolver, and does not start for anybody
where it can't. So an Ingress's author may name only what somebody answers for: a Service of the
input, an address, or a name that is resolved again while nginx runs.
"""

from __future__ import annotations

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.annotations_extauth import (
    UrlHostNotResolved,
    UrlHostRefused,
    UrlServiceUnusable,
)
from ingc.diagnostics.catalogue.backends import ServiceBroken
from ingc.ir import Endpoint
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.resolve.addresses import admitted, refused_address
from ingc.resolve.lookup import Endpoints, Resolution, Unusable, look_up
from ingc.resolve.names import AllowedNames, NamedBy, either, resolvable
from ingc.resolve.service import resolve_service
from ingc.resolve.ways.cluster import Cluster
from ingc.syntax.host import is_address, is_label
from ingc.syntax.outside import OutsideUrl


def resolve_host(
    url: OutsideUrl, origin: Origin, cluster: Cluster, names: AllowedNames, by: NamedBy
) -> Endpoints | Unusable:
    """Return the endpoints of a URL that an annotation or the operator (``by``) names, or why
    there are none.
    """
    options = names.options
    if options.echo:
        return _by_responder(url, origin, cluster, names, by)
    refused = "" if by == "operator" else refused_address(url.host, options)
    if refused:
        return Unusable(UrlHostRefused(host=url.host, why=refused), origin)
    if is_address(url.host):
        return (Endpoint(url.host, url.port),)
    named = _service_of(url.host, options, cluster.store)
    known = named is not None and named in cluster.store.services
    if named is not None and (known or (names.complete and by != "operator")):
        return _by_service(*named, url, origin, cluster, names, by)
    if not names.allowed(url.host, by, own=True):
        fix = f"write an address or the name of a Service of the input, or pass {either(url.host)}"
        if named is not None:
            fix = f"add Service {'/'.join(named)} to the input, or pass {either(url.host)}"
        return Unusable(UrlHostNotResolved(host=url.host, fix=fix), origin)
    return (Endpoint(url.host, url.port, dns=True),)


def _by_responder(
    url: OutsideUrl, origin: Origin, cluster: Cluster, names: AllowedNames, by: NamedBy
) -> Endpoints | Unusable:
    """Return the responder that stands in for the cluster; it invents no endpoint of a Service."""
    named = None if is_address(url.host) else _service_of(url.host, names.options, cluster.store)
    if named is not None and named in cluster.store.services:
        lookup = look_up(named[0], ServiceBackend(named[1], url.port, origin), cluster)
        if isinstance(resolve_service(lookup), Unusable):
            return _by_service(*named, url, origin, cluster, names, by)
    return (Endpoint("unix:" + names.options.echo_socket, 0),)


def _service_of(host: str, options: Options, store: Store) -> tuple[str, str] | None:
    """Return namespace and name of the Service that a name of the cluster is for.

    A Pod's resolver completes ``auth.web`` by its search list; it is taken for the Service of the
    input, as else it may be any domain.
    """
    short = host.removesuffix("." + options.cluster_domain)
    name, _, rest = short.partition(".")
    namespace, dot, last = rest.partition(".")
    if dot and last == "svc" and is_label(name) and is_label(namespace):
        return namespace, name
    return (rest, name) if (rest, name) in store.services else None


def _by_service(
    namespace: str,
    name: str,
    url: OutsideUrl,
    origin: Origin,
    cluster: Cluster,
    names: AllowedNames,
    by: NamedBy,
) -> Endpoints | Unusable:
    backend = ServiceBackend(name, url.port, origin)
    lookup = look_up(namespace, backend, cluster)
    if lookup.service is not None and lookup.service.broken:
        found: Resolution = Unusable(ServiceBroken(service=lookup.name))
    else:
        found = resolvable(resolve_service(lookup), lookup, by, names)
    if not isinstance(found, Unusable):
        found = admitted(found, lookup, None)
    if not isinstance(found, Unusable):
        return found
    values = found.why.values()
    entry = UrlServiceUnusable(
        why=found.why.summary.format_map(values), fix=found.why.help.format_map(values)
    )
    return Unusable(entry, origin)
