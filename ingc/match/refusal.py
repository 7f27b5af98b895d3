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
from ingc.ir.features.limits import ADDRESS, Limits
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
    refusals = list(_unwelcome(request, route))
    if not refusals:
        return None
    if not _any_will_do(route):
        return refusals[0]
    if _is_let_in(request, route):
        return None
    # The service's fault ends the request; of refusals the one that requests a password counts.
    last = refusals[-1]
    if last.status not in (UNAUTHORIZED, _FORBIDDEN):
        return last
    asking = (item for item in refusals if item.status == UNAUTHORIZED)
    return next(asking, refusals[0])


def _unwelcome(request: Request, route: Route) -> Iterator[ClientRefusal]:
    """Yield what is against a client."""
    listed, basic = route.feature(AccessList), route.feature(BasicAuth)
    address = request.address
    if listed is not None and address is not None and not admits(listed, address):
        why = f"{address} is not among the addresses that may ask"
        yield ClientRefusal(listed, _FORBIDDEN, why)
    if basic is not None and request.password is False:
        why = "the rule asks for a password; send header Authorization"
        yield ClientRefusal(basic, UNAUTHORIZED, why)
    external, verdict = route.feature(ExternalAuth), request.verdict
    if external is not None and verdict is not None and not 200 <= verdict < 300:
        refusing = verdict in (UNAUTHORIZED, _FORBIDDEN)
        status = verdict if refusing else _FAULT
        yield ClientRefusal(external, status, f"the auth service answers {verdict}")


def _is_let_in(request: Request, route: Route) -> bool:
    """Return whether one of the things, each of which is enough, lets a client in."""
    listed, basic = route.feature(AccessList), route.feature(BasicAuth)
    address, verdict = request.address, request.verdict
    if listed is not None and (address is None or (listed.allow and admits(listed, address))):
        return True
    if basic is not None and request.password is not False:
        return True
    external = route.feature(ExternalAuth)
    return external is not None and (verdict is None or 200 <= verdict < 300)


def _limited(limits: Limits, request: Request, statuses: LimitStatuses) -> ClientRefusal | None:
    """Return what refuses a client that requests too much; ``None``: nothing does."""
    address = request.address
    if limits.by != ADDRESS or (address is not None and is_among(limits.exempt, address)):
        return None
    recent, parallel = request.recent or 0, request.parallel or 0
    rates = [rate for rate in (limits.per_second, limits.per_minute) if rate]
    if any(recent > rate * limits.burst for rate in rates):
        return ClientRefusal(limits, statuses.requests, "the client requests more than the limit")
    if limits.connections and parallel >= limits.connections:
        why = "more requests of the client are being answered than the limit"
        return ClientRefusal(limits, statuses.connections, why)
    return None


def _any_will_do(route: Route) -> bool:
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
