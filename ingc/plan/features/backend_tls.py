"""TLS to the backend."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.backend_tls import BackendTls
from ingc.plan.features.protocols import speaks_tls
from ingc.plan.layout import Directive, Literal, directive
from ingc.plan.pieces import Piece, RoutePlace

_CIPHERS = "DEFAULT"
"""nginx's own default."""


def plan_backend_tls(feature: BackendTls, place: RoutePlace) -> Iterator[Piece]:
    """The client certificate, verification, and the terms of the handshake."""
    if speaks_tls(place):
        yield Piece(directives=tuple(_tls(feature)))


def _tls(feature: BackendTls) -> Iterator[Directive]:
    pair = feature.certificate
    if pair is not None:
        yield directive("proxy_ssl_certificate", Literal(pair.certificate))
        yield directive("proxy_ssl_certificate_key", Literal(pair.key))
    if feature.trusted is not None:
        yield directive("proxy_ssl_trusted_certificate", Literal(feature.trusted))
        yield directive("proxy_ssl_verify", "on")
        yield directive("proxy_ssl_verify_depth", feature.depth)
    if feature.name and (feature.trusted is not None or feature.server_name):
        yield directive("proxy_ssl_name", feature.name)
    if feature.server_name:
        yield directive("proxy_ssl_server_name", "on")
    yield directive("proxy_ssl_protocols", *feature.protocols)
    if feature.ciphers != _CIPHERS:
        yield directive("proxy_ssl_ciphers", feature.ciphers)
