"""The three answers to a request: nginx's, the oracle's, the model's.

The oracle and the model get the same request, with all that is known of its client.
"""

from __future__ import annotations

from base64 import b64encode

from ingc import ir
from ingc.match import Match
from ingc.model import Model
from ingc.model.outcome import ALL_HEADERS, NO_HEADERS
from ingc.plan.upstreams import STICKY_INFIX
from ingc.syntax.request import Request
from tests.nginx.three_way.backend_headers import Told, of_backend, of_match, of_outcome
from tests.nginx.three_way.case import Answer, Asking
from tests.nginx.three_way.client import Reply
from tests.nginx.three_way.clients import prelude_of, verified

PASSWORD = ("Authorization", "Basic " + b64encode(b"joe:secret").decode())
"""What opens the routes that ask for a password."""
RECENT, PARALLEL = 3, 1
"""So many requests each client has made of each low limit before, and so many are still open."""


def of_nginx(reply: Reply) -> Answer:
    """Read a reply."""
    if reply.seen is None:
        return Answer(reply.status or None, location=reply.location)
    upstream, route, line, status, about = reply.seen.split("|")
    target = bytes.fromhex(line).partition(b" ")[2]
    told = of_backend(bytes.fromhex(about).decode("latin-1"))
    # Whatever an upstream answers: that it arrives counts.
    same = reply.status == int(status)
    return Answer(
        200 if same else reply.status, frozenset({_plain(upstream)}), route, target, told=told
    )


def request_of(asking: Asking, depth: int) -> Request:
    """Return a request as the oracle and the model take it.

    ``depth`` is how many authorities the host allows between a certificate and the root.
    """
    certificate = verified(asking.certificate, depth)
    reply = asking.header("X-Reply")
    return Request(
        asking.host,
        asking.target,
        asking.scheme,
        asking.method,
        asking.headers,
        (asking.server_name or "").encode(),
        asking.source,
        verified=certificate.verified,
        subject=certificate.subject,
        password=PASSWORD in asking.headers,
        prelude=prelude_of(asking.prelude),
        rejected=certificate.rejected,
        verdict=int(asking.header("X-Verdict") or 200),
        reply=int(reply) if reply else None,
        recent=RECENT,
        parallel=PARALLEL,
    )


def of_oracle(config: ir.Config, request: Request, match: Match, *, headers: bool) -> Answer:
    """Read the oracle's answer; ``headers``: with those that the upstream gets."""
    route = match.route
    if match.page:
        return Answer(match.status, unknown=True)
    if match.upstream is None or route is None:
        undecided = match.status == 302 and match.redirect is None
        return Answer(match.status, location=match.redirect, undecided=undecided)
    names = {match.upstream, *(name for name, _ in match.alternatives)}
    # A route that no Ingress asks for, the global default backend, has no name to tell.
    named = str(route.origin) if route.origin.name else "-"
    told: Told = ()
    if headers:
        told = of_match(config, request, match)
    return Answer(200, frozenset(names), named, match.upstream_uri, told=told)


def of_model(model: Model, request: Request, *, headers: bool) -> Answer:
    """Ask the model; ``headers`` as in `of_oracle`."""
    wanted = ALL_HEADERS if headers else NO_HEADERS
    outcomes = [outcome for _, outcome in model.outcomes(request, headers=wanted)]
    first = outcomes[0]
    if first.refused:
        return Answer(None)
    if first.upstream is None:
        return Answer(first.status, location=first.location)
    names = frozenset(_plain(outcome.upstream or str(outcome.status)) for outcome in outcomes)
    return Answer(200, names, target=first.target, told=of_outcome(first))


def _plain(upstream: str) -> str:
    """An upstream with session cookies is the same endpoints under a name of its own."""
    return upstream.partition(STICKY_INFIX)[0]
