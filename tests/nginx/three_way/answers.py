"""The three answers to a request: nginx's, the oracle's, the model's.

The oracle tells where a request goes, and its route what may refuse it before: allow lists and
passwords are read from the IR here.
"""

from __future__ import annotations

import ipaddress
from base64 import b64encode

from ingc import ir, model
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.match import Match
from ingc.model import Model
from ingc.plan.upstreams import STICKY_INFIX
from tests.nginx.three_way.case import Answer, Asking
from tests.nginx.three_way.client import Reply

PASSWORD = ("Authorization", "Basic " + b64encode(b"joe:secret").decode())
"""What opens the routes that ask for a password."""


def of_nginx(reply: Reply) -> Answer:
    """Read a reply."""
    if reply.seen is None:
        return Answer(reply.status, location=reply.location)
    upstream, route, line = reply.seen.split("|")
    target = bytes.fromhex(line).partition(b" ")[2]
    return Answer(reply.status, frozenset({_plain(upstream)}), route, target)


def of_oracle(match: Match, asking: Asking) -> Answer:
    """Read the oracle's answer."""
    route = match.route
    if match.upstream is None or route is None:
        undecided = match.status == 302 and match.redirect is None
        return Answer(match.status, location=match.redirect, undecided=undecided)
    refusal = _refusal(route, asking)
    if refusal is not None:
        return Answer(refusal)
    names = {match.upstream, *(name for name, _ in match.alternatives)}
    # A route that no Ingress asks for, the global default backend, has no name to tell.
    told = str(route.origin) if route.origin.name else "-"
    return Answer(200, frozenset(names), told, match.upstream_uri)


def _refusal(route: ir.Route, asking: Asking) -> int | None:
    lists, auth = route.feature(AccessList), route.feature(BasicAuth)
    denied = lists is not None and (
        _within(asking.source, lists.deny)
        or bool(lists.allow and not _within(asking.source, lists.allow))
    )
    unknown = auth is not None and PASSWORD not in asking.headers
    any_will_do = route.feature(SatisfyAny) is not None
    if any_will_do and lists is not None and auth is not None:
        return 401 if denied and unknown else None
    if denied:
        return 403
    return 401 if unknown else None


def _within(address: str, networks: tuple[str, ...]) -> bool:
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(text, strict=False) for text in networks)


def of_model(asked: Model, asking: Asking) -> Answer:
    """Ask the model."""
    request = model.Request(
        asking.host,
        asking.target,
        asking.scheme,
        asking.method,
        asking.headers,
        (asking.server_name or "").encode(),
        asking.source,
    )
    outcomes = [outcome for _, outcome in asked.outcomes(request, headers=False)]
    first = outcomes[0]
    if first.refused:
        return Answer(None)
    if first.upstream is None:
        return Answer(first.status, location=first.location)
    if "auth_basic" in first.guards and PASSWORD not in asking.headers:
        return Answer(401)
    names = frozenset(_plain(outcome.upstream or str(outcome.status)) for outcome in outcomes)
    return Answer(200, names, target=first.target)


def _plain(upstream: str) -> str:
    """An upstream with session cookies is the same endpoints under a name of its own."""
    return upstream.partition(STICKY_INFIX)[0]
