"""Who is kept out by the address alone."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.ir import Route
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.external_auth import ExternalAuth
from ingc.syntax.address import read_address, read_network


def is_among(networks: Iterable[str], address: str) -> bool:
    """Tell whether an address is one of some addresses and networks (CIDR)."""
    client = read_address(address)
    return any(client in read_network(item) for item in networks)


def admits(listed: AccessList | None, address: str) -> bool:
    """Tell whether a list of addresses lets a client in; ``None`` lets in everybody."""
    if listed is None:
        return True
    if is_among(listed.deny, address):
        return False
    return not listed.allow or is_among(listed.allow, address)


def refuses(route: Route, address: str) -> bool:
    """Tell whether a route's list of addresses keeps a client out by itself.

    It does not where ``satisfy any`` lets in who is let in by a password or a service.
    """
    listed = route.feature(AccessList) if route.features else None
    return not admits(listed, address) and not _asks_otherwise(route)


def _asks_otherwise(route: Route) -> bool:
    asks = any(isinstance(item, BasicAuth | ExternalAuth) for item in route.features)
    return asks and route.feature(SatisfyAny) is not None
