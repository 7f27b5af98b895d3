"""Client certificates: what a server asks for, and what its locations tell the backend."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Proxy
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of
from ingc.syntax.text import Variable

_FORBIDDEN = (directive("return", 403),)


def plan_https_only(_feature: HttpsOnly, place: RoutePlace) -> Iterator[Piece]:
    """Refuse plain http in the location itself."""
    if place.http_apart:
        return
    condition = (Variable("scheme"), "=", "http")
    yield Piece(Phase.TO_HTTPS, (Directive("if", condition, block=_FORBIDDEN),))


def server_directives(host: Host, *, https: bool) -> tuple[tuple[Directive, ...], tuple[Map, ...]]:
    """Return what the server of a host asks of clients, and the maps that this needs.

    ``https``: whether it listens there.
    """
    asked = host.feature(ClientCertificates)
    if asked is None:
        return (), ()
    found = _handshake(asked) if https else []
    if not asked.subject:
        return tuple(found), ()
    subject = Variable("ssl_client_s_dn")
    maps: tuple[Map, ...] = ()
    if asked.verify == "optional_no_ca":
        # Of a certificate that nobody vouches for, the subject says nothing.
        subject, checked = map_of(
            "vouched", Variable("ssl_client_verify"), ("SUCCESS", subject), ("default", "")
        )
        maps = (checked,)
    # Without a certificate, and on plain http, the subject is empty: nginx tries no regex then.
    accepted, by_subject = map_of(
        "subject", subject, ("default", 0), (Literal("~" + asked.subject), 1)
    )
    found.append(Directive("if", (accepted, "=", "0"), block=_FORBIDDEN))
    return tuple(found), (*maps, by_subject)


def _handshake(asked: ClientCertificates) -> list[Directive]:
    found = [
        directive("ssl_client_certificate", Literal(asked.authorities)),
        directive("ssl_verify_client", asked.verify),
        directive("ssl_verify_depth", asked.depth),
    ]
    if asked.revoked:
        found.append(directive("ssl_crl", Literal(asked.revoked)))
    if asked.error_page:
        found.append(directive("error_page", 495, 496, "=", asked.error_page))
    return found


def host_pieces(place: RoutePlace) -> Iterator[Piece]:
    """Tell the backend of the certificate, in place of what a client may claim."""
    asked = place.host.feature(ClientCertificates)
    if asked is None or not isinstance(place.route.action, Proxy):
        return
    certificate: Value = Variable("ssl_client_escaped_cert") if asked.pass_certificate else ""
    headers: tuple[tuple[str, Value], ...] = (
        ("ssl-client-verify", Variable("ssl_client_verify")),
        ("ssl-client-subject-dn", Variable("ssl_client_s_dn")),
        ("ssl-client-issuer-dn", Variable("ssl_client_i_dn")),
        ("ssl-client-cert", certificate),
    )
    yield Piece(set_headers=headers)
