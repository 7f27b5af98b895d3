"""The headers about the client that a backend gets, as the oracle's and the model's side say."""

from __future__ import annotations

from collections.abc import Iterator

from ingc import ir
from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.canary import Canary
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import ExternalAuth
from ingc.match import Match
from ingc.match.client import header_rules, with_address
from ingc.model import Outcome
from ingc.prove.samples import Sample, usual_headers
from ingc.syntax.header_rules import read_headers
from ingc.syntax.request import Request, read_request, tls_name

ADDED_BY_AUTH = ("X-User", "joe")
"""What the auth service says of who passes."""
SENT = "(the certificate)"
"""Stands for a whole certificate."""
_USUAL = (
    *("x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"),
    *("x-forwarded-port", "x-original-forwarded-for"),
)
_OF_PAGES = ("x-forwarded-for",)
"""What the backend of error pages is told of a client."""
_ABOUT = frozenset(
    (*_USUAL, "x-user", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-cert")
)
Told = tuple[tuple[str, str | None], ...]


def of_backend(said: str) -> Told:
    """Return what the backend says, a header in each line, without what no two runs share."""
    headers = (line.partition(": ") for line in said.split("\n"))
    return tuple((name, _alike(name, value)) for name, _, value in headers if name)


def _alike(name: str, value: str) -> str:
    if name == "ssl-client-cert" and value.startswith("-----BEGIN%20CERTIFICATE"):
        return SENT
    return value.partition(":")[0] if name == "ssl-client-verify" else value


def of_match(config: ir.Config, request: Request, match: Match) -> Told:
    """Return what the settings and the features of a route say."""
    host, _ = read_request(request, config.settings.target)
    kept = read_headers(request.headers, header_rules(config.settings), config.settings.target)
    request = request._replace(headers=kept)
    found = usual_headers(config.settings, _sample(config.settings, request, host))
    told = _OF_PAGES if _is_page(match) else _USUAL
    usual = ((name, found[name].strip() if name in told else "") for name in _USUAL)
    return (*usual, *_of_features(config, request, host, match))


def _is_page(match: Match) -> bool:
    """Return whether an error page's backend gets the request, not the route's own."""
    errors = match.route.feature(CustomErrors) if match.route is not None else None
    if match.route is None or errors is None or match.upstream != errors.upstream:
        return False
    action = match.route.action
    own = isinstance(action, ir.Proxy) and action.upstream == errors.upstream
    return not own or match.refusal is not None


def of_outcome(outcome: Outcome) -> Told:
    """Return what the text says; a value that only a running nginx knows is not foretold."""
    sent = ((name.lower(), value) for name, value in outcome.headers)
    return tuple(
        (name, None if "$" in value or name == "ssl-client-cert" else value.strip())
        for name, value in sent
        if name in _ABOUT
    )


def _sample(settings: ir.Settings, request: Request, name: bytes) -> Sample:
    """Return nginx's own variables for a request."""
    secure = request.scheme == "https"
    prelude, peer = request.prelude, request.address or ""
    given = {
        "scheme": request.scheme,
        "remote_addr": with_address(settings, request).address or "",
        "realip_remote_addr": peer,
        "proxy_protocol_addr": prelude.address if prelude else "",
        "proxy_protocol_server_port": str(prelude.port or "") if prelude else "",
        "server_port": str(settings.https_port if secure else settings.http_port),
    }
    for header, _ in request.headers:
        given["http_" + header.lower().replace("-", "_")] = request.header(header)
    names = {"host": name, "http_host": request.host}
    return Sample(given, sends=False).with_others(names)


def _of_features(
    config: ir.Config, request: Request, name: bytes, match: Match
) -> Iterator[tuple[str, str | None]]:
    route, host = match.route, match.host
    if route is None or host is None or not isinstance(route.action, ir.Proxy):
        return
    canary = route.feature(Canary)
    own = {route.action.upstream, canary.upstream if canary is not None else ""}
    if match.upstream not in own:
        return  # an error page's backend is told less
    auth = route.feature(ExternalAuth)
    if auth is not None and ADDED_BY_AUTH[0] in auth.response_headers:
        # Where an address or a password is enough, the service is perhaps not asked.
        sure = route.feature(SatisfyAny) is None
        yield ADDED_BY_AUTH[0].lower(), ADDED_BY_AUTH[1] if sure else None
    certificates = host.feature(ClientCertificates)
    if certificates is not None:
        # By another name the default server has agreed upon TLS, and requested no certificate.
        requested = tls_name(request, config.settings.target) == name
        yield from _of_certificates(request, certificates, requested=requested)


def _of_certificates(
    request: Request, wanted: ClientCertificates, *, requested: bool
) -> Iterator[tuple[str, str | None]]:
    if request.scheme != "https":
        shown = ""
    elif wanted.verify == "off" or not requested:
        shown = "NONE"
    else:
        shown = "SUCCESS" if request.verified else "FAILED" if request.rejected else "NONE"
    some = shown not in ("", "NONE")
    yield "ssl-client-verify", shown
    yield "ssl-client-subject-dn", request.subject if some else ""
    yield "ssl-client-cert", SENT if some and wanted.pass_certificate else ""
