"""A host below a wildcard with ``tls`` has the wildcard's certificate, as in ingress-nginx.

There a certificate is looked up by the name that the client asks for, then by the wildcard over
it, whichever Ingress it is of. Here it has to be of a namespace that the host is of.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ingc.frontend.intent import TlsGroup
from ingc.merge.tls import wildcard_over

if TYPE_CHECKING:
    from ingc.merge.hosts import MergedHost


def with_wildcards(hosts: tuple[MergedHost, ...]) -> tuple[MergedHost, ...]:
    """Return the hosts, each also with the entries of the wildcard host over it."""
    tls = {host.name: host.tls for host in hosts if host.name.startswith("*.") and host.tls}
    return tuple(_covered(host, tls.get(wildcard_over(host.name), ())) for host in hosts)


def _covered(host: MergedHost, groups: tuple[TlsGroup, ...]) -> MergedHost:
    if not groups or host.name.startswith("*."):
        return host
    namespaces = _namespaces(host)
    # The entries of a group are of one Ingress.
    own = tuple(group for group in groups if group[0].namespace in namespaces)
    if host.tls or own:
        known = {id(group) for group in host.tls}
        more = tuple(group for group in own if id(group) not in known)
        return dataclasses.replace(host, tls=(*host.tls, *more))
    return dataclasses.replace(host, tls_of_others=groups[0][0])


def _namespaces(host: MergedHost) -> set[str]:
    routes = (*host.routes, *((host.default,) if host.default else ()))
    return {route.namespace for route in routes}
