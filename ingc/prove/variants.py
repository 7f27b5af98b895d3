"""Requests with all that a route's features look at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from ingc.ir import Host, Route
from ingc.ir.features.access import AccessList
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.cors import Cors
from ingc.ir.policies import Blocked
from ingc.match.addresses import admits, is_among
from ingc.prove.feature_checks import CLAIMED, expected_headers
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request

OUTSIDERS = ("203.0.113.77", "198.51.100.77", "192.0.2.77", "2001:db8::77")
"""Addresses for documentation, which nobody has."""
OTHERS = ("8.8.8.8", "10.9.8.7", "192.168.77.7", "172.16.7.7", "127.0.0.1")
_NOT_CLAIMED = frozenset({"host", "connection", "upgrade", "cookie"})
"""Headers that nginx itself looks at."""
_MOST = 8
"""So many networks of a list are asked for by requests; the text holds all, as the tree shows."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A request, and what is special about it in words."""

    request: Request
    says: str = ""
    closely: bool = False
    """True where headers are compared too."""


def requests_for(
    host: Host,
    route: Route,
    name: bytes,
    target: bytes,
    scheme: str,
    blocked: Blocked,
    debugged: tuple[str, ...] = (),
    *,
    only_path: bool,
) -> Iterator[Witness]:
    """Yield the requests that show what a route does: first a plain one that is let in.

    ``debugged`` are the networks of clients that are told the route. ``only_path``: no other, as
    what does not depend on the path was asked before.
    """
    listed = route.feature(AccessList) if route.features else None
    address = _let_in(listed, blocked)
    claims = tuple(
        (header, CLAIMED)
        for header, _ in (expected_headers(host, route) if route.features or host.features else ())
        if header.lower() not in _NOT_CLAIMED
    )
    plain = Request(
        name, target, scheme, headers=claims, address=address, verified=True, password=True
    )
    certificates = host.feature(ClientCertificates) if host.features else None
    if certificates is not None and certificates.subject:
        plain = plain._replace(subject=sample(certificates.subject).decode("latin-1"))
    yield Witness(plain, closely=True)
    if only_path:
        return
    yield Witness(plain._replace(target=target + b"?a=b&c=%2F"))
    for network in debugged[:_MOST]:
        told = plain._replace(address=_first(network))
        yield Witness(told, f"the address {told.address}", closely=True)
    if certificates is not None:
        yield Witness(plain._replace(verified=False), "no client certificate")
        yield Witness(plain._replace(subject="CN=\x01stranger"), "somebody else's certificate")
    yield from _blocked(blocked, plain)
    if route.features:
        yield from _by_features(route, plain)


def _by_features(route: Route, plain: Request) -> Iterator[Witness]:
    """Yield the requests that a route's features tell apart."""
    listed, cors, canary = route.feature(AccessList), route.feature(Cors), route.feature(Canary)
    if route.feature(BasicAuth) is not None:
        yield Witness(plain._replace(password=False), "no password")
    for address in _addresses(listed) if listed is not None else ():
        yield Witness(plain._replace(address=address), f"the address {address}")
    for origin in _origins(cors) if cors is not None else ():
        preflight = (("Origin", origin), ("Access-Control-Request-Method", "GET"))
        asked = plain._replace(method="OPTIONS", headers=(*plain.headers, *preflight))
        yield Witness(asked, f"OPTIONS and the Origin {origin}")
        yield Witness(asked._replace(method="GET"), f"the Origin {origin}", closely=True)
    for headers in _choices(canary) if canary is not None else ():
        said = ", ".join(f"{name}: {value}" for name, value in headers)
        yield Witness(plain._replace(headers=(*plain.headers, *headers)), said)


def _blocked(blocked: Blocked, plain: Request) -> Iterator[Witness]:
    """Yield a request for each list of the ConfigMap that refuses clients."""
    for network in blocked.networks[:1]:
        address = _first(network)
        yield Witness(plain._replace(address=address), f"the address {address}")
    for name, keys in (("User-Agent", blocked.agents), ("Referer", blocked.referers)):
        for key in keys[:1]:
            value = _fitting(key)
            sent = plain._replace(headers=(*plain.headers, (name, value)))
            yield Witness(sent, f"{name}: {value}")


def _fitting(key: str) -> str:
    return (
        sample(key.removeprefix("~").removeprefix("*")).decode("latin-1")
        if key.startswith("~")
        else key
    )


def _let_in(listed: AccessList | None, blocked: Blocked) -> str:
    if listed is None and not blocked.networks:
        return OUTSIDERS[0]
    named = (_first(item) for item in (listed.allow if listed else ()))
    let_in = (
        item
        for item in (*named, *OUTSIDERS, *OTHERS)
        if admits(listed, item) and not is_among(blocked.networks, item)
    )
    return next(let_in, OUTSIDERS[0])


def _addresses(listed: AccessList) -> Iterator[str]:
    for network in (*listed.deny[:_MOST], *listed.allow[:_MOST]):
        yield _first(network)
        last = ipaddress.ip_network(network, strict=False).broadcast_address
        yield str(last)
    yield from OUTSIDERS


def _first(network: str) -> str:
    return str(ipaddress.ip_network(network, strict=False).network_address)


def _origins(cors: Cors) -> Iterator[str]:
    for origin in cors.origins or ():
        yield origin.replace("*", "label")
        if "*" in origin:
            yield origin.replace("*", "two.labels")
        yield origin + ".evil.example"
    yield "https://stranger.example"


def _choices(canary: Canary) -> Iterator[tuple[tuple[str, str], ...]]:
    rule = canary.header
    if rule is not None:
        values = ["always", "never", "other"]
        if rule.value is not None:
            values += [rule.value, rule.value + "x"]
        if rule.pattern is not None:
            values.append(sample(rule.pattern).decode("latin-1"))
        yield from (((rule.name, value),) for value in values)
    if canary.cookie:
        for value in ("always", "never", "other"):
            yield (("Cookie", f"{canary.cookie}={value}"),)
            if rule is not None:
                yield ((rule.name, "never"), ("Cookie", f"{canary.cookie}={value}"))
