"""The host of a URL that nginx asks for an annotation → its endpoints.

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
from ingc.resolve.service import Endpoints, Unusable, look_up, resolve_service
from ingc.syntax.host import is_address, is_label
from ingc.syntax.outside import OutsideUrl


def resolve_host(
    url: OutsideUrl, origin: Origin, store: Store, options: Options, *, by_operator: bool = False
) -> Endpoints | Unusable:
    """Return the endpoints of a URL, or why there are none.

    ``by_operator`` tells that the operator wrote it, and may keep nginx from starting.
    """
    if options.echo:
        return (Endpoint("unix:" + options.echo_socket, 0),)
    refused = "" if by_operator else refused_address(url.host, options)
    if refused:
        return Unusable(UrlHostRefused(host=url.host, why=refused), origin)
    if is_address(url.host):
        return (Endpoint(url.host, url.port),)
    named = _service_of(url.host, options, store)
    if named is not None and (named[0], named[1]) in store.services:
        return _by_service(*named, url, origin, store, options)
    by_name = named is not None and options.backends == "dns"
    if not (options.resolver or by_name or by_operator):
        fix = "pass --resolver ADDRESS, or write an address or the name of a Service of the input"
        if named is not None:
            fix = f"add Service {'/'.join(named)} to the input, or pass --resolver ADDRESS"
        return Unusable(UrlHostNotResolved(host=url.host, fix=fix), origin)
    return (Endpoint(url.host, url.port, dns=True),)


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
    namespace: str, name: str, url: OutsideUrl, origin: Origin, store: Store, options: Options
) -> Endpoints | Unusable:
    lookup = look_up(namespace, ServiceBackend(name, url.port, origin), store, options)
    broken = lookup.service is not None and lookup.service.broken
    found = Unusable(ServiceBroken(service=lookup.name)) if broken else resolve_service(lookup)
    if not isinstance(found, Unusable):
        found = admitted(found, lookup, None)
    if not isinstance(found, Unusable):
        return found
    why = found.why.summary.format_map(found.why.values())
    return Unusable(UrlServiceUnusable(why=why), origin)
