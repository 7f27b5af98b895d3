"""Whether the oracle and the model give the same answer to a request."""

from __future__ import annotations

from ingc.ir import Config, Host, Proxy, Route
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.snippets import moves_requests
from ingc.match import Match, Oracle
from ingc.model import Model, Outcome
from ingc.model.outcome import ALL_HEADERS, NO_HEADERS, HeadersWanted
from ingc.prove.feature_checks import looked_at, missing_checks
from ingc.prove.route_pairs import Pair
from ingc.prove.witness import Witness

_SPOKEN = {
    "HTTP": "http",
    "HTTPS": "https",
    "AUTO_HTTP": None,
    "GRPC": "grpc",
    "GRPCS": "grpcs",
    "FCGI": "fastcgi",
}
"""The scheme in a pass directive for each protocol; ``None``: the client's scheme decides."""

_HALF_A_STEP = 0.00005
"""nginx takes shares in hundredths of a percent: a step more or less is another share.
https://nginx.org/en/docs/http/ngx_http_split_clients_module.html"""
_REWRITTEN = 302
"""The status of a rewrite to a URL."""

Why = tuple[str, str, int]
"""What is expected, what is found, and the line in the server's block."""


class Agreement:
    """Compares outcomes in full."""

    def __init__(self, config: Config, oracle: Oracle, model: Model) -> None:
        self._oracle = oracle
        self._model = model
        self._dns = {
            upstream.name: str(upstream.endpoints[0])
            for upstream in config.upstreams
            if upstream.endpoints and upstream.endpoints[0].dns
        }
        self._echo = config.settings.echo
        self._debugged = config.settings.debug_header

    def compare(self, witness: Witness, host: Host, pair: Pair) -> Why | None:
        """Return how the two differ, or ``None``. Raises `NotModelled`."""
        request, route = witness.request, pair.route or host.default
        match = self._oracle.answer(request, taken=pair.route if pair.forced else None)
        outcomes = self._model.outcomes(
            request,
            headers=self._headers(host, route) if witness.closely else NO_HEADERS,
            taken=pair.found if pair.forced else None,
        )
        outcome = max(outcomes, key=lambda item: item[0])[1]
        line = outcome.location_line or outcome.server_line
        if not self._agree(match, outcome):
            return _expected(match), _found(outcome), line
        if match.upstream is None or match.refused_by is not None:
            return None
        if not self._same_shares(match, outcomes):
            return _odds_expected(match), _odds_found(outcomes), line
        if not witness.closely:
            return None
        if match.route is not None and isinstance(match.route.action, Proxy):
            route = match.route  # a snippet may send the request on to another one
        missing = missing_checks(host, route, request, outcome, self._same_upstream, self._debugged)
        return None if missing is None else (*missing, line)

    def _headers(self, host: Host, route: Route) -> HeadersWanted:
        """Return which headers are worked out; of another route too, if a snippet leads there."""
        if moves_requests((*host.features, *route.features)):
            return ALL_HEADERS
        return looked_at(host, route, self._debugged)

    def _agree(self, match: Match, outcome: Outcome) -> bool:
        if match.unopened is not None:
            # The stream block has the connection; http must not take it as well.
            return outcome.refused
        if match.page:
            # The page is a path of the same host: the request goes on there.
            return outcome.uri == match.page.partition("?")[0].encode()
        if match.upstream is None:
            location = match.redirect
            if match.status == _REWRITTEN and location is None:
                # A rewrite to a URL with the request's variables: the oracle has no target.
                location = outcome.location
            if match.text is not None and match.text != outcome.text:
                return False
            return (match.status is None, match.status, location) == (
                outcome.refused,
                outcome.status,
                outcome.location,
            )
        if outcome.upstream is None:
            return False
        if match.upstream_uri is not None and match.upstream_uri != outcome.target:
            return False
        return self._is_one_of(match, outcome.upstream) and self._speaks(match, outcome)

    def _speaks(self, match: Match, outcome: Outcome) -> bool:
        if match.route is None or self._echo:
            return True
        spoken = match.route.feature(BackendProtocol)
        if match.refused_by is not None:
            spoken = None  # an error page answers, and nginx requests it by HTTP
        wanted = _SPOKEN[spoken.name] if spoken is not None else "http"
        return wanted is None or outcome.protocol == wanted or match.upstream in self._dns

    def _is_one_of(self, match: Match, found: str) -> bool:
        names = (match.upstream, *(other for other, _ in match.alternatives))
        return any(name is not None and self._same_upstream(name, found) for name in names)

    def _same_upstream(self, wanted: str, found: str) -> bool:
        # An upstream with session cookies is the same endpoints under a name of its own; a name
        # that is resolved at run time stands in the pass directive itself.
        return found.partition(".sticky_")[0] == wanted or self._dns.get(wanted) == found

    def _same_shares(self, match: Match, outcomes: tuple[tuple[float, Outcome], ...]) -> bool:
        for name, odds in match.alternatives:
            found = sum(
                share
                for share, outcome in outcomes
                if outcome.upstream is not None and self._same_upstream(name, outcome.upstream)
            )
            if abs(found - odds) > _HALF_A_STEP:
                return False
        names = (match.upstream, *(name for name, _ in match.alternatives))
        return all(
            outcome.upstream is None
            or any(
                name is not None and self._same_upstream(name, outcome.upstream) for name in names
            )
            for _, outcome in outcomes
        )


def _answer(status: int | None, location: str | None) -> str:
    return location or str(status or "a refused handshake")


def _expected(match: Match) -> str:
    if match.page:
        return f"the page {match.page}"
    if match.upstream is None:
        return _answer(match.status, match.redirect)
    sent = (match.upstream_uri or b"").decode("latin-1")
    return f"{match.upstream} {sent}".rstrip()


def _found(outcome: Outcome) -> str:
    if outcome.upstream is None:
        return _answer(outcome.status, outcome.location)
    return f"{outcome.protocol}://{outcome.upstream} {outcome.target.decode('latin-1')}"


def _odds_expected(match: Match) -> str:
    return ", ".join(f"{odds:.2%} to {name}" for name, odds in match.alternatives)


def _odds_found(outcomes: tuple[tuple[float, Outcome], ...]) -> str:
    return ", ".join(f"{odds:.2%} to {outcome.upstream}" for odds, outcome in outcomes)
