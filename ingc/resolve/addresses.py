"""Addresses that nginx may not send requests to, wherever they come from.

Whoever writes a Service, an EndpointSlice or a URL chooses an address, and nginx sends requests
there in its own name: what listens on its machine, on its link, or the cloud's metadata service
would take nginx for one of theirs. The operator opens networks with ``--allow-address``.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.backends import AddressRefused, NoUsableEndpoint
from ingc.ir import Endpoint
from ingc.option_values import all_networks
from ingc.options import Options
from ingc.resolve.lookup import Endpoints, Lookup, Resolution, Unusable
from ingc.resolve.service import WAYS
from ingc.resolve.ways.places import place_of_way
from ingc.syntax.outside import refuse_host

_REMEMBERED = 1 << 16
_refuse = lru_cache(maxsize=_REMEMBERED)(refuse_host)
_FIX = "use Pods' addresses, or let the operator pass --allow-address NETWORK"


def refused_address(address: str, options: Options) -> str:
    """Return why nginx may not be sent to an address or a name; empty: it may."""
    why = _refuse(address)
    return "" if why and _is_allowed(address, options.allow_address) else why


def admitted(found: Endpoints, lookup: Lookup, sink: Sink | None) -> Resolution:
    """Return the endpoints of a Service that nginx may be sent to; the others are reported."""
    refused = {
        endpoint: why
        for endpoint in found
        if not endpoint.dns and (why := refused_address(endpoint.address, lookup.options))
    }
    if not refused:
        return found
    if sink is not None:
        for endpoint, why in refused.items():
            entry = AddressRefused(service=lookup.name, address=endpoint.address, why=why)
            sink.report(entry, _place_of(endpoint, lookup))
    kept = tuple(endpoint for endpoint in found if endpoint not in refused)
    if kept:
        return kept
    why = "nginx may not be sent to any of its addresses"
    port = str(lookup.backend.port)
    return Unusable(NoUsableEndpoint(service=lookup.name, port=port, why=why, fix=_FIX))


def _place_of(endpoint: Endpoint, lookup: Lookup) -> Origin:
    """Return where an address stands: where the mode of the Service has read it."""
    service, address = lookup.service, endpoint.address
    if service is not None and lookup.mode in WAYS:
        return place_of_way(service, address, lookup)
    for found in lookup.slices or ():
        for index, item in enumerate(found.endpoints):
            if item.address == address:
                return found.origin.at("endpoints", index, "addresses")
    return service.origin.at("spec", "clusterIP") if service is not None else Origin()


@lru_cache(maxsize=_REMEMBERED)
def _is_allowed(address: str, allowed: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(item) for item in all_networks(allowed))
