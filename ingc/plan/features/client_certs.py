"""Client certificates: what a server requests, and what its locations send to the backend."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Proxy
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of
from ingc.syntax.text import Variable

_FORBIDDEN = (directive("return", 403),)


def plan_https_only(feature: HttpsOnly, place: RoutePlace) -> Iterator[Piece]:
    """Refuse plain http in the location itself."""
    if place.http_apart:
        return
    condition = (Variable("scheme"), "=", "http")
    refusal = (directive("return", feature.status),)
    yield Piece(Phase.TO_HTTPS, (Directive("if", condition, block=refusal),))


def server_directives(host: Host, *, https: bool) -> tuple[tuple[Directive, ...], tuple[Map, ...]]:
    """Return what the server of a host requires of clients, and the maps that this needs.

    ``https``: whether it listens there.
    """
    wanted = host.feature(ClientCertificates)
    if wanted is None:
        return (), ()
    found = _handshake(wanted) if https else []
    if not wanted.subject:
        return tuple(found), ()
    subject = Variable("ssl_client_s_dn")
    maps: tuple[Map, ...] = ()
    if wanted.verify == "optional_no_ca":
        # The subject of a certificate that nobody vouches for proves nothing.
        entries: tuple[tuple[Value, Value], ...] = (("SUCCESS", subject), ("default", ""))
        subject, checked = map_of("vouched", Variable("ssl_client_verify"), *entries, words=())
        maps = (checked,)
    # Without a certificate, and on plain http, the subject is empty: nginx tries no regex then.
    accepted, by_subject = map_of(
        "subject", subject, ("default", 0), (Literal("~" + wanted.subject), 1)
    )
    found.append(Directive("if", (accepted, "=", "0"), block=_FORBIDDEN))
    return tuple(found), (*maps, by_subject)


def _handshake(wanted: ClientCertificates) -> list[Directive]:
    found = [
        directive("ssl_client_certificate", Literal(wanted.authorities)),
        directive("ssl_verify_client", wanted.verify),
        directive("ssl_verify_depth", wanted.depth),
    ]
    if wanted.revoked:
        found.append(directive("ssl_crl", Literal(wanted.revoked)))
    if wanted.error_page:
        found.append(directive("error_page", 495, 496, "=", wanted.error_page))
    return found


def host_pieces(place: RoutePlace) -> Iterator[Piece]:
    """Send the certificate to the backend, in place of what a client may claim."""
    wanted = place.host.feature(ClientCertificates)
    if wanted is None or not isinstance(place.route.action, Proxy):
        return
    certificate: Value = Variable("ssl_client_escaped_cert") if wanted.pass_certificate else ""
    headers: tuple[tuple[str, Value], ...] = (
        ("ssl-client-verify", Variable("ssl_client_verify")),
        ("ssl-client-subject-dn", Variable("ssl_client_s_dn")),
        ("ssl-client-issuer-dn", Variable("ssl_client_i_dn")),
        ("ssl-client-cert", certificate),
    )
    yield Piece(set_headers=headers)
