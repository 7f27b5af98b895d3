"""Whether the oracle and the model give the same answer to a request."""

from __future__ import annotations

from ingc.ir import Config, Host, Route
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.protocols import BackendProtocol
from ingc.match import Match, Oracle
from ingc.match.addresses import refuses
from ingc.model import Model, Outcome, Request
from ingc.prove.feature_checks import missing_checks
from ingc.prove.route_pairs import Pair
from ingc.prove.variants import is_blocked
from ingc.prove.witness import Witness
from ingc.syntax.regex.reading import read_pattern

_SPOKEN = {
    "HTTP": "http",
    "HTTPS": "https",
    "AUTO_HTTP": None,
    "GRPC": "grpc",
    "GRPCS": "grpcs",
    "FCGI": "fastcgi",
}
"""How each protocol shows in a pass directive; ``None``: the client's scheme decides."""

_REWRITTEN = 302
"""The status of a rewrite to a URL."""

Refusal = tuple[int, str | None]
"""The answer to a client that is kept out: its status, and where it is sent."""
Why = tuple[str, str, int]
"""What is asked for, what is found, and the line in the server's block."""


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
        self._blocked = config.settings.policies.blocked
        self._debugged = config.settings.debug_header

    def compare(self, asked: Witness, host: Host, pair: Pair, *, twin: bool) -> Why | None:
        """Return how the two differ, or ``None``. Raises `NotModelled`.

        ``twin``: the name is one that is redirected to the host.
        """
        request, route = asked.request, pair.route or host.default
        match = self._oracle.match(
            request.host,
            request.target,
            scheme=request.scheme,
            method=request.method,
            headers=request.headers,
            taken=pair.route if pair.forced else None,
        )
        outcomes = self._model.outcomes(
            request,
            headers=asked.closely and bool(route.features or host.features),
            taken=pair.found if pair.forced else None,
        )
        outcome = max(outcomes, key=lambda item: item[0])[1]
        line = outcome.location_line or outcome.server_line
        refused = self._refusal(match, route, None if twin else host, request)
        if refused is not None:
            agrees = self._is_refused(refused, route, outcome)
            return None if agrees else (_answer(*refused), _found(outcome), line)
        if not self._agree(match, outcome):
            return _asked(match), _found(outcome), line
        if match.upstream is None:
            return None
        if not self._same_odds(match, outcomes):
            return _odds_asked(match), _odds_found(outcomes), line
        if not asked.closely:
            return None
        missing = missing_checks(host, route, request, outcome, self._same_upstream, self._debugged)
        return None if missing is None else (*missing, line)

    def _is_refused(self, refused: Refusal, route: Route, outcome: Outcome) -> bool:
        status, page = refused
        if page is not None and page.startswith("/"):
            # The page is a path of the same host: the request goes on there.
            return outcome.uri == page.partition("?")[0].encode()
        errors = route.feature(CustomErrors)
        if errors is not None and status in errors.codes and outcome.upstream is not None:
            return self._same_upstream(errors.upstream, outcome.upstream)
        return (outcome.status, outcome.location) == refused

    def _refusal(
        self, match: Match, route: Route, host: Host | None, request: Request
    ) -> Refusal | None:
        """Return the answer to a client that may not get what the oracle would give it.

        The oracle knows neither a client's address nor its certificate.
        """
        if match.status == 400 or (match.status is None and match.upstream is None):
            return None
        if is_blocked(self._blocked, request.address):
            return 403, None
        asked = host.feature(ClientCertificates) if host is not None else None
        if asked is not None and request.scheme == "https":
            if not request.verified and asked.verify == "on":
                return (302, asked.error_page) if asked.error_page else (400, None)
            shown = request.verified and asked.verify != "off"
            if asked.subject and not (shown and _matches(asked.subject, request.subject)):
                return 403, None
        refused = match.upstream is not None and refuses(route, request.address)
        return (403, None) if refused else None

    def _agree(self, match: Match, outcome: Outcome) -> bool:
        if match.unopened is not None:
            # The stream block has the connection; http must not take it as well.
            return outcome.refused
        if match.upstream is None:
            if outcome.refused and match.status == 400:
                return True  # TLS comes before a request line that can't be read
            told = match.redirect
            if match.status == _REWRITTEN and told is None:
                # A rewrite to a URL with the request's variables: where to is not foretold.
                told = outcome.location
            return (match.status is None, match.status, told) == (
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
        wanted = _SPOKEN[spoken.name] if spoken is not None else "http"
        return wanted is None or outcome.protocol == wanted or match.upstream in self._dns

    def _is_one_of(self, match: Match, found: str) -> bool:
        names = (match.upstream, *(other for other, _ in match.alternatives))
        return any(name is not None and self._same_upstream(name, found) for name in names)

    def _same_upstream(self, wanted: str, found: str) -> bool:
        # An upstream with session cookies is the same endpoints under a name of its own; a name
        # that is resolved at run time stands in the pass directive itself.
        return found.partition(".sticky_")[0] == wanted or self._dns.get(wanted) == found

    def _same_odds(self, match: Match, outcomes: tuple[tuple[float, Outcome], ...]) -> bool:
        for name, odds in match.alternatives:
            found = sum(
                share
                for share, outcome in outcomes
                if outcome.upstream is not None and self._same_upstream(name, outcome.upstream)
            )
            if abs(found - odds) > 0.0001:
                return False
        names = (match.upstream, *(name for name, _ in match.alternatives))
        return all(
            outcome.upstream is None
            or any(
                name is not None and self._same_upstream(name, outcome.upstream) for name in names
            )
            for _, outcome in outcomes
        )


def _matches(pattern: str, subject: str) -> bool:
    return read_pattern(pattern).search(subject.encode()) is not None


def _answer(status: int | None, location: str | None) -> str:
    return location or str(status or "a refused handshake")


def _asked(match: Match) -> str:
    if match.upstream is None:
        return _answer(match.status, match.redirect)
    sent = (match.upstream_uri or b"").decode("latin-1")
    return f"{match.upstream} {sent}".rstrip()


def _found(outcome: Outcome) -> str:
    if outcome.upstream is None:
        return _answer(outcome.status, outcome.location)
    return f"{outcome.protocol}://{outcome.upstream} {outcome.target.decode('latin-1')}"


def _odds_asked(match: Match) -> str:
    return ", ".join(f"{odds:.2%} to {name}" for name, odds in match.alternatives)


def _odds_found(outcomes: tuple[tuple[float, Outcome], ...]) -> str:
    return ", ".join(f"{odds:.2%} to {outcome.upstream}" for odds, outcome in outcomes)
