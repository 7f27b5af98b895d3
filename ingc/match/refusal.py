"""Who is refused, by what, and with which answer: clients that get nothing of a host or a route.

What is not known of a client refuses nobody.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ingc.ir import Host, Route
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.limits import Limits
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.policies import Blocked
from ingc.match.addresses import admits, is_among
from ingc.match.answer import ClientRefusal, Match
from ingc.syntax.regex.reading import TooManySteps, read_pattern
from ingc.syntax.request import Request
from ingc.syntax.uri import RequestTarget

MISDIRECTED = 421
"""nginx's answer where a host requests client certificates, and another one's TLS did not."""
UNAUTHORIZED = 401
FORBIDDEN = 403
TOO_MANY = 503
"""nginx's answer where a limit is reached, unless a ConfigMap sets another."""
NO_SUBJECT = "plain http has no client certificate whose subject could match"


def requested_certificates(host: Host) -> ClientCertificates | None:
    """Return what a host requests of clients in TLS; ``None`` where it requests no certificate."""
    certificates = host.feature(ClientCertificates) if host.features else None
    return certificates if certificates is not None and certificates.verify != "off" else None


def misdirected(certificates: ClientCertificates) -> ClientRefusal:
    """Refuse a request whose TLS was agreed upon for another name than its host's.

    nginx compares the names, not the servers: an alias of the host is another name.
    """
    why = "the host asks for client certificates, and TLS was agreed upon for another"
    return ClientRefusal(certificates, MISDIRECTED, why)


def refused_by_host(
    request: Request, host: Host, blocked: Blocked, *, verified: bool | None, twin: bool
) -> ClientRefusal | None:
    """Return what refuses a client whichever route of a host it requests, in nginx's order.

    ``verified`` is `Request.verified`, or false where TLS requested none. ``twin``: the name is
    one that is redirected to the host, and requests no certificate.
    """
    certificates = host.feature(ClientCertificates) if host.features and not twin else None
    if request.scheme != "https":
        certificates = None
    if certificates is not None and verified is False:
        if request.untrusted and certificates.verify in ("on", "optional"):
            return _without_certificate(certificates, "nobody vouches for the client's certificate")
        if certificates.verify == "on":
            why = "the host asks for a client certificate, and the client has none"
            return _without_certificate(certificates, why)
    why = _why_blocked(blocked, request)
    if why:
        return ClientRefusal(blocked, 403, why)
    if certificates is not None and certificates.subject and verified is not None:
        sent = verified and certificates.verify != "off"
        if not (sent and _fits("~" + certificates.subject, request.subject)):
            return ClientRefusal(
                certificates, 403, "the subject of the client's certificate does not match"
            )
    return None


def _without_certificate(certificates: ClientCertificates, why: str) -> ClientRefusal:
    if certificates.error_page.startswith("/"):
        return ClientRefusal(certificates, 400, why, page=certificates.error_page)
    if certificates.error_page:
        return ClientRefusal(certificates, 302, why, location=certificates.error_page)
    return ClientRefusal(certificates, 400, why)


def refused_by_route(
    request: Request, route: Route, statuses: Mapping[str, int]
) -> ClientRefusal | None:
    """Return what refuses a client that a route would pass on to its upstream, in nginx's order.

    ``statuses`` are those of the limits that are not the usual one, by `Request.over`.
    """
    if not route.features:
        return None
    limits = route.feature(Limits)
    if limits is not None and request.over and _counts(limits, request):
        return ClientRefusal(limits, statuses.get(request.over, TOO_MANY), "the limit is reached")
    verdicts = tuple(_verdicts(request, route))
    if not any_will_do(route):
        return next(filter(None, verdicts), None)
    last: ClientRefusal | None = None
    for item in verdicts:
        if item is None or item.status not in (FORBIDDEN, UNAUTHORIZED):
            return item
        if last is None or last.status != UNAUTHORIZED:
            last = item
    return last


_Verdict = ClientRefusal | None
"""Of one check; ``None``: it lets the client in, or what it checks is not known."""


def _verdicts(request: Request, route: Route) -> Iterator[_Verdict]:
    """Yield what each check says of a client, in nginx's order; none where it says nothing."""
    listed, basic = route.feature(AccessList), route.feature(BasicAuth)
    service = route.feature(ExternalAuth)
    if listed is not None:
        address = request.address
        if address is not None and not admits(listed, address):
            why = f"{address} is not among the addresses that may ask"
            yield ClientRefusal(listed, FORBIDDEN, why)
        elif address is None or listed.allow:
            yield None
    if basic is not None:
        why = "the rule asks for a password; send header Authorization"
        wrong = request.password is False
        yield ClientRefusal(basic, UNAUTHORIZED, why) if wrong else None
    if service is not None:
        status = request.auth
        if status is None or 200 <= status < 300:
            yield None
        else:
            why = f"the auth service answers {status}"
            yield ClientRefusal(service, status if status in (401, 403) else 500, why)


def _counts(limits: Limits, request: Request) -> bool:
    """Return whether the requests of a client are counted at all."""
    number = limits.connections if request.over == "connections" else len(limits.rates)
    exempt = request.address is not None and is_among(limits.exempt, request.address)
    return bool(number) and not exempt


def any_will_do(route: Route) -> bool:
    """Return whether a client passes that is let in by its address, its password or a service."""
    checked = any(isinstance(item, BasicAuth | ExternalAuth) for item in route.features)
    return checked and route.feature(SatisfyAny) is not None


def _why_blocked(blocked: Blocked, request: Request) -> str:
    """Return why the ConfigMap's lists refuse a client; empty where they don't."""
    address = request.address
    if blocked.networks and address is not None and is_among(blocked.networks, address):
        return f"block-cidrs of the ConfigMap names {address}"
    for name, keys in (("User-Agent", blocked.agents), ("Referer", blocked.referers)):
        if keys:
            wanted = name.lower()
            sent = next((value for key, value in request.headers if key.lower() == wanted), "")
            if any(_fits(key, sent) for key in keys):
                return f"a list of the ConfigMap names this {name}"
    return ""


def _fits(key: str, value: str) -> bool:
    if not key.startswith("~"):
        return key.lower() == value.lower()
    pattern = read_pattern(key.removeprefix("~").removeprefix("*"), caseless=key.startswith("~*"))
    try:
        return pattern.search(value.encode("utf-8", "replace")) is not None
    except TooManySteps:
        return False  # nginx's map gives its default then


def kept_out(match: Match, refusal: ClientRefusal) -> Match:
    """Return the answer to a client for which no route is tried."""
    return dataclasses.replace(
        match,
        status=refusal.status,
        upstream=None,
        redirect=refusal.location,
        upstream_uri=None,
        why=refusal.why,
        alternatives=(),
        refusal=refusal,
    )


def refused(match: Match, refusal: ClientRefusal, route: Route, target: RequestTarget) -> Match:
    """Return the answer to a client that a route refuses: its error pages may take over."""
    kept = kept_out(match, refusal)
    if refusal.status == UNAUTHORIZED and route.feature(SignIn) is not None:
        return dataclasses.replace(kept, status=302)  # `_signed_in` gives the Location
    errors = route.feature(CustomErrors)
    if errors is not None and refusal.status in errors.codes:
        # A rewrite may have changed the query before the client was refused.
        sent = on_error_page(target) if route.feature(Rewrite) is None else None
        why = f"{refusal.why}; the error backend answers" if refusal.why else ""
        return dataclasses.replace(
            kept, status=None, upstream=errors.upstream, upstream_uri=sent, why=why
        )
    return kept


def on_error_page(target: RequestTarget) -> bytes:
    """Return the target that the backend of error pages gets."""
    return b"/?" + target.args if target.args else b"/"
