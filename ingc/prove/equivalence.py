"""The routing proof: what nginx makes of the text equals what the IR asks for, for witnesses.

Witnesses come from both sides: from the hosts and paths of the IR, and from the servers and
locations of the text. It compares and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.ir import Config, Exact, Host, Prefix
from ingc.match import Match, Oracle
from ingc.model import Model, NotModelled, Outcome, Request
from ingc.prove.witnesses import host_witnesses, path_witnesses


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that the text and the IR disagree about."""

    host: str
    """The name of the host in the IR; ``""`` for requests of no named host."""
    request: str
    asked: str
    """What the IR asks for."""
    found: str
    """What nginx would do."""
    line: int


def prove_routing(config: Config, model: Model) -> Difference | None:
    """Return the first difference, or ``None``: proved for every witness."""
    oracle = Oracle(config)
    for host, request in _requests(config, model):
        match = oracle.match(request.host, request.target, scheme=request.scheme)
        try:
            outcome = model.outcome(request, headers=False)
        except NotModelled as error:
            return Difference(host, _shown(request), "", str(error), error.line)
        if not agree(match, outcome, config):
            line = outcome.location_line or outcome.server_line
            return Difference(host, _shown(request), _asked(match), _found(outcome), line)
    return None


def agree(match: Match, outcome: Outcome, config: Config) -> bool:
    """Tell whether the oracle and the model give the same answer."""
    if match.unopened is not None:
        # The stream block has the connection; http must not take it as well.
        return outcome.refused
    if match.upstream is None:
        refused = match.status is None
        if outcome.refused and match.status == 400:
            return True  # TLS comes before a request line that can't be read
        return (refused, match.status, match.redirect) == (
            outcome.refused,
            outcome.status,
            outcome.location,
        )
    if outcome.upstream is None:
        return outcome.status in (match.route.may_answer if match.route else ())
    sent = match.upstream_uri
    return (sent is None or sent == outcome.target) and _same_upstream(match, outcome, config)


def _same_upstream(match: Match, outcome: Outcome, config: Config) -> bool:
    # An upstream with session cookies is the same endpoints under a name of its own.
    name = (outcome.upstream or "").partition(".sticky_")[0]
    if name == match.upstream or name in (other for other, _ in match.alternatives):
        return True
    # A name that is resolved at run time stands in the pass directive itself.
    upstream = next(item for item in config.upstreams if item.name == match.upstream)
    endpoint = upstream.endpoints[0]
    return endpoint.dns and outcome.upstream == f"{endpoint.address}:{endpoint.port}"


def _requests(config: Config, model: Model) -> Iterator[tuple[str, Request]]:
    listening = model.listens("https")
    for host in config.hosts:
        targets = path_witnesses(_paths(host))
        for number, name in enumerate(host_witnesses([host.name])[1:] or [b"nobody.invalid"]):
            # Of other names one path is enough: they are witnesses of the name.
            for target in targets if number == 0 else targets[:1]:
                yield host.name, Request(name, target)
                if listening or target is targets[0]:
                    yield host.name, Request(name, target, "https")


def _paths(host: Host) -> Iterator[bytes]:
    for route in (*host.routes, *(dead.route for dead in host.dead)):
        if isinstance(route.match, Exact | Prefix):
            yield route.match.path.encode()
        else:
            yield route.path.encode()


def _shown(request: Request) -> str:
    host, target = request.host.decode("latin-1"), request.target.decode("latin-1")
    return f"{request.scheme}://{host}{target}"


def _asked(match: Match) -> str:
    if match.upstream is None:
        return match.redirect or str(match.status or "refused")
    sent = (match.upstream_uri or b"").decode("latin-1")
    return f"{match.upstream} {sent}"


def _found(outcome: Outcome) -> str:
    if outcome.upstream is None:
        return outcome.location or str(outcome.status or "refused")
    return f"{outcome.upstream} {outcome.target.decode('latin-1')}"
