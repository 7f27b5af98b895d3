"""Requests with all that a route's features look at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ingc.ir import Host, Route
from ingc.ir.features.card import Proved
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.policies import Blocked
from ingc.match.addresses import is_among
from ingc.prove.columns import functions
from ingc.prove.feature_checks import CLAIMED, expected_headers
from ingc.prove.witness import MOST, OTHERS, OUTSIDERS, Witness, first_of
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request

_ADMITTED = functions(Proved.ADMITTED)
_VARIED = functions(Proved.VARIED)
_NOT_CLAIMED = frozenset({"host", "connection", "upgrade", "cookie"})
"""Headers that nginx itself looks at."""
_BEHIND = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "8443"))


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
    """Yield the requests that test what a route does: first a plain one that is let in.

    ``debugged`` are the networks of clients to which nginx reports the route. ``only_path``: no
    other, as what does not depend on the path was compared before.
    """
    features = (*host.features, *route.features)
    plain = _admitted(Request(name, target, scheme), host, route, blocked)
    yield Witness(plain, closely=True)
    if only_path:
        return
    yield Witness(plain._replace(target=target + b"?a=b&c=%2F"))
    if host.features or route.feature(HttpsRedirect) is not None:
        yield from _of_redirects(plain)
    if host.twin:
        behind = plain._replace(headers=(*plain.headers, *_BEHIND))
        yield Witness(behind, "a balancer's scheme and port")
    for network in debugged[:MOST]:
        inside = plain._replace(address=first_of(network))
        yield Witness(inside, f"the address {inside.address}", closely=True)
    yield from _blocked(blocked, plain)
    for item in features:
        if type(item) in _VARIED:
            yield from _VARIED[type(item)](item, plain)


def _admitted(request: Request, host: Host, route: Route, blocked: Blocked) -> Request:
    """Return a request as a client sends it that nothing refuses."""
    features = (*host.features, *route.features)
    claims = tuple(
        (header, CLAIMED)
        for header, _ in (expected_headers(host, route) if features else ())
        if header.lower() not in _NOT_CLAIMED
    )
    address = _anybody(blocked)
    plain = request._replace(headers=claims, address=address, verified=True, password=True)
    refused = partial(is_among, blocked.networks)
    for item in features:
        if type(item) in _ADMITTED:
            plain = _ADMITTED[type(item)](item, plain, refused)
    return plain


def _of_redirects(plain: Request) -> Iterator[Witness]:
    """Yield what shows the host and the path that a redirect names.

    What a client writes behind the host need not be in it.
    """
    yield Witness(plain._replace(host=plain.host + b":8443"), "a port in the Host")
    whole = plain.scheme.encode() + b"://" + plain.host + plain.target
    elsewhere = plain._replace(host=b"elsewhere.invalid", target=whole, server_name=plain.host)
    yield Witness(elsewhere, "another name in the Host")
    if plain.target.endswith(b"/"):
        yield Witness(plain._replace(target=plain.target + b"/"), "a slash more")


def _blocked(blocked: Blocked, plain: Request) -> Iterator[Witness]:
    """Yield a request for each list of the ConfigMap that refuses clients."""
    for network in blocked.networks[:1]:
        address = first_of(network)
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
        else key.encode().decode("latin-1")
    )


def _anybody(blocked: Blocked) -> str:
    if not blocked.networks:
        return OUTSIDERS[0]
    let_in = (item for item in (*OUTSIDERS, *OTHERS) if not is_among(blocked.networks, item))
    return next(let_in, OUTSIDERS[0])
