"""Who is refused, by what, and with which answer: clients that get nothing of a host or a route.

What is not known of a client refuses nobody.
"""

from __future__ import annotations

from ingc.ir import Host, Route
from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.policies import Blocked
from ingc.match.addresses import admits, is_among
from ingc.match.answer import ClientRefusal
from ingc.syntax.regex.reading import TooManySteps, read_pattern
from ingc.syntax.request import Request

MISDIRECTED = 421
"""nginx's answer where a host requests client certificates, and another one's TLS did not."""
UNAUTHORIZED = 401
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
    if certificates is not None and certificates.verify == "on" and verified is False:
        return _without_certificate(certificates)
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


def _without_certificate(certificates: ClientCertificates) -> ClientRefusal:
    why = "the host asks for a client certificate, and the client has none"
    if certificates.error_page.startswith("/"):
        return ClientRefusal(certificates, 400, why, page=certificates.error_page)
    if certificates.error_page:
        return ClientRefusal(certificates, 302, why, location=certificates.error_page)
    return ClientRefusal(certificates, 400, why)


def refused_by_route(request: Request, route: Route) -> ClientRefusal | None:
    """Return what refuses a client that a route would pass on to its upstream."""
    if not route.features:
        return None
    listed, basic = route.feature(AccessList), route.feature(BasicAuth)
    address = request.address
    denied = listed is not None and address is not None and not admits(listed, address)
    unknown = basic is not None and request.password is False
    if not (denied or unknown):
        return None
    if _any_will_do(route):
        let_in = listed is not None and not denied and (address is None or bool(listed.allow))
        if let_in or not unknown or route.feature(ExternalAuth) is not None:
            return None
        denied = False
    if denied and listed is not None:
        return ClientRefusal(listed, 403, f"{address} is not among the addresses that may ask")
    if basic is None:
        return None
    return ClientRefusal(
        basic, UNAUTHORIZED, "the rule asks for a password; send header Authorization"
    )


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
