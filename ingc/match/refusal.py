"""Who is refused, by what, and with which answer: clients that get nothing of a host or a route.

What is not known of a client refuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingc.ir import Host, Route, Settings
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.limits import Limits
from ingc.ir.policies import Blocked
from ingc.match.addresses import admits, is_among
from ingc.match.answer import ClientRefusal
from ingc.syntax.regex.reading import TooManySteps, read_pattern
from ingc.syntax.request import Request

MISDIRECTED = 421
"""nginx's answer where a host requests client certificates, and another one's TLS did not."""
UNAUTHORIZED = 401
_FORBIDDEN = 403
_FAULT = 500
_UNAVAILABLE = 503
_STATUSES = ("limit_req_status", "limit_conn_status")
NO_SUBJECT = "plain http has no client certificate whose subject could match"


class LimitStatuses(NamedTuple):
    """With what nginx answers a client that requests too much."""

    requests: int
    connections: int


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
        why = _why_not_verified(certificates, request.rejected)
        if why:
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


def _why_not_verified(certificates: ClientCertificates, rejected: str) -> str:
    """Return why the answer to a client is nginx's own; empty where it is not."""
    verify = certificates.verify
    if verify == "off":
        return ""
    if rejected == "invalid" or (rejected and verify != "optional_no_ca"):
        return "the client's certificate is not valid for the host"
    if verify == "on":
        return "the host asks for a client certificate, and the client has none"
    return ""


def _without_certificate(certificates: ClientCertificates, why: str) -> ClientRefusal:
    if certificates.error_page.startswith("/"):
        return ClientRefusal(certificates, 400, why, page=certificates.error_page)
    if certificates.error_page:
        return ClientRefusal(certificates, 302, why, location=certificates.error_page)
    return ClientRefusal(certificates, 400, why)


def limit_statuses(settings: Settings) -> LimitStatuses:
    """Return the statuses that a ConfigMap chooses, or nginx's own."""
    chosen = {name: int(str(args[0])) for name, args in settings.tunings if name in _STATUSES}
    return LimitStatuses(*(chosen.get(name, _UNAVAILABLE) for name in _STATUSES))


def refused_by_route(
    request: Request, route: Route, statuses: LimitStatuses
) -> ClientRefusal | None:
    """Return what refuses a client that a route would pass on to its upstream.

    In nginx's order: limits, the address, the password, the service that decides.
    """
    if not route.features:
        return None
    limits = route.feature(Limits)
    limited = _limited(limits, request, statuses) if limits is not None else None
    if limited is not None:
        return limited
    verdicts = tuple(_verdicts(request, route))
    if not any_will_do(route):
        return next(filter(None, verdicts), None)
    last: ClientRefusal | None = None
    for item in verdicts:
        if item is None or item.status not in (_FORBIDDEN, UNAUTHORIZED):
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
            yield ClientRefusal(listed, _FORBIDDEN, why)
        elif address is None or listed.allow:
            yield None
    if basic is not None:
        why = "the rule asks for a password; send header Authorization"
        wrong = request.password is False
        yield ClientRefusal(basic, UNAUTHORIZED, why) if wrong else None
    if service is not None:
        status = request.verdict
        if status is None or 200 <= status < 300:
            yield None
        else:
            why = f"the auth service answers {status}"
            sent = status if status in (UNAUTHORIZED, _FORBIDDEN) else _FAULT
            yield ClientRefusal(service, sent, why)


def _limited(limits: Limits, request: Request, statuses: LimitStatuses) -> ClientRefusal | None:
    """Return what refuses a client that requests too much; ``None``: nothing does."""
    address = request.address
    if address is not None and is_among(limits.exempt, address):
        return None
    recent, parallel = request.recent or 0, request.parallel or 0
    if any(recent > rate * limits.burst for rate, _ in limits.rates):
        return ClientRefusal(limits, statuses.requests, "the client requests more than the limit")
    if limits.connections and parallel >= limits.connections:
        why = "more requests of the client are being answered than the limit"
        return ClientRefusal(limits, statuses.connections, why)
    return None


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
            sent = request.header(name)
            if any(_fits(key, sent) for key in keys):
                return f"a list of the ConfigMap names this {name}"
    return ""


def _fits(key: str, value: str) -> bool:
    sent = value.encode("latin-1", "replace")
    if not key.startswith("~"):
        return key.encode().lower() == sent.lower()  # of ASCII alone, as nginx's map
    pattern = read_pattern(key.removeprefix("~").removeprefix("*"), caseless=key.startswith("~*"))
    try:
        return pattern.search(sent) is not None
    except TooManySteps:
        return False  # nginx's map gives its default then
