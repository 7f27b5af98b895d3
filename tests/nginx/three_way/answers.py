"""The three answers to a request: nginx's, the oracle's, the model's.

The oracle and the model get the same request, with all that is known of its client.
"""

from __future__ import annotations

from base64 import b64encode

from ingc.match import Match
from ingc.model import Model
from ingc.plan.upstreams import STICKY_INFIX
from ingc.syntax.request import Request
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


def request_of(asking: Asking) -> Request:
    """Return a request as the oracle and the model take it."""
    return Request(
        asking.host,
        asking.target,
        asking.scheme,
        asking.method,
        asking.headers,
        (asking.server_name or "").encode(),
        asking.source,
        verified=False,
        password=PASSWORD in asking.headers,
    )


def of_oracle(match: Match) -> Answer:
    """Read the oracle's answer."""
    route = match.route
    if match.upstream is None or route is None:
        undecided = match.status == 302 and match.redirect is None
        return Answer(match.status, location=match.redirect, undecided=undecided)
    names = {match.upstream, *(name for name, _ in match.alternatives)}
    # A route that no Ingress asks for, the global default backend, has no name to tell.
    told = str(route.origin) if route.origin.name else "-"
    return Answer(200, frozenset(names), told, match.upstream_uri)


def of_model(model: Model, request: Request) -> Answer:
    """Ask the model."""
    outcomes = [outcome for _, outcome in model.outcomes(request, headers=False)]
    first = outcomes[0]
    if first.refused:
        return Answer(None)
    if first.upstream is None:
        return Answer(first.status, location=first.location)
    names = frozenset(_plain(outcome.upstream or str(outcome.status)) for outcome in outcomes)
    return Answer(200, names, target=first.target)


def _plain(upstream: str) -> str:
    """An upstream with session cookies is the same endpoints under a name of its own."""
    return upstream.partition(STICKY_INFIX)[0]
