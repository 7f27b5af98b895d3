"""What may still refuse a client of which not everything is known, and with which answer.

Each is found by the oracle itself: by a client that presents what would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ingc.ir import Host, Route
from ingc.ir.features.access import AccessList
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.limits import Limits
from ingc.match.addresses import admits, is_among
from ingc.match.answer import Match
from ingc.match.refusal import any_will_do, requested_certificates
from ingc.syntax.address import read_network
from ingc.syntax.request import Request

if TYPE_CHECKING:
    from ingc.match.oracle import Oracle

_STRANGERS = ("203.0.113.77", "198.51.100.77", "192.0.2.77", "8.8.8.8", "10.9.8.7", "2001:db8::77")
_VERDICTS = ((401, "answers 401"), (403, "answers 403"), (500, "answers neither so nor with 2xx"))


class MayRefuse(NamedTuple):
    """A client that is refused, and the answer to it."""

    why: str
    match: Match


def may_refuse(oracle: Oracle, request: Request, match: Match) -> tuple[MayRefuse, ...]:
    """Return what may refuse a request whose answer is ``match``, in nginx's order, each once.

    Of a client that is refused already it is what would refuse it earlier. Empty where nginx sees
    no request.
    """
    host = match.host
    if match.sees_no_request or host is None:
        return ()
    seen = oracle.seen(request)
    found: dict[str, Match] = {}
    for why, tried in _clients(seen, host, match.route, oracle.blocked):
        answer = oracle.judge(tried)
        if answer.refusal is not None and not _same(answer, match):
            found.setdefault(why, answer)
    return tuple(MayRefuse(why, answer) for why, answer in found.items())


def _same(answer: Match, before: Match) -> bool:
    """Return whether a client is refused as it is refused anyhow."""
    return answer.refused_by is before.refused_by and answer.status == before.status


_Clients = Iterator[tuple[str, Request]]


def _clients(seen: Request, host: Host, route: Route | None, blocked: tuple[str, ...]) -> _Clients:
    """Yield clients that may be refused, each with what it lacks in words."""
    yield from _with_certificates(seen, host)
    if seen.address is None:
        for network in blocked[:1]:
            inside = str(read_network(network).network_address)
            yield (
                "an address that block-cidrs of the ConfigMap names",
                seen._replace(address=inside),
            )
    if route is None:
        return
    limits = route.feature(Limits)
    if limits is not None:
        yield from _over(seen, limits)
    stranger = _stranger(route.feature(AccessList), blocked)
    checks = tuple(_checked(seen, route, stranger))
    if not any_will_do(route):
        yield from checks
    elif checks:
        yield from _all_at_once(seen, route, stranger)


def _with_certificates(seen: Request, host: Host) -> _Clients:
    wanted = requested_certificates(host)
    if wanted is None or seen.scheme != "https" or seen.verified is not None:
        return
    bare = seen._replace(verified=False)
    yield f"no client certificate that {wanted.authorities} vouches for", bare
    if wanted.verify != "on":
        wrong = bare._replace(rejected="unvouched")
        yield f"a client certificate that {wanted.authorities} does not vouch for", wrong
    if wanted.subject:
        other = seen._replace(verified=True, subject="")
        yield f"a client certificate whose subject {wanted.subject} does not match", other


def _over(seen: Request, limits: Limits) -> _Clients:
    if limits.rates and seen.recent is None:
        rates = " or ".join(f"{number} requests a {unit}" for number, unit in limits.rates)
        most = max(number * limits.burst for number, _ in limits.rates)
        yield f"more than {rates}", seen._replace(recent=most + 1)
    if limits.connections and seen.parallel is None:
        more = f"more than {limits.connections} connections at a time"
        yield more, seen._replace(parallel=limits.connections)


def _checked(seen: Request, route: Route, stranger: str | None) -> _Clients:
    """Yield a client for each check of a route whose outcome is not known."""
    service = route.feature(ExternalAuth)
    if seen.address is None and stranger:
        yield "an address that the rule does not admit", seen._replace(address=stranger)
    if seen.password is None and route.feature(BasicAuth) is not None:
        yield "no name and password that the rule knows", seen._replace(password=False)
    if service is not None and seen.verdict is None:
        for status, words in _VERDICTS:
            yield f"the auth service {words}", seen._replace(verdict=status)


def _all_at_once(seen: Request, route: Route, stranger: str | None) -> _Clients:
    """Yield a client that none of the checks lets in, where one of them would do."""
    address = seen.address or stranger
    password = seen.password or False
    bare = seen._replace(address=address, password=password)
    words = "neither the address nor a password lets the client in"
    if route.feature(ExternalAuth) is None or seen.verdict is not None:
        yield words, bare
        return
    for status, answer in _VERDICTS:
        yield f"{words}, and the auth service {answer}", bare._replace(verdict=status)


def _stranger(listed: AccessList | None, blocked: tuple[str, ...]) -> str | None:
    """Return an address that a list does not admit, and that is not refused everywhere."""
    if listed is None:
        return None
    networks = tuple(map(read_network, listed.deny))
    tried = (
        *_STRANGERS,
        *(str(item.network_address) for item in networks),
        *(str(item.broadcast_address) for item in networks),
    )
    refused = (item for item in tried if not admits(listed, item))
    return next((item for item in refused if not is_among(blocked, item)), None)
