"""Certificates of clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ingc.ir import Host, Route
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.redirects import HttpsRedirect
from ingc.ir.features.snippets import SNIPPET_VARIABLES
from ingc.model.tree import Statement
from ingc.model.values import VariableBlock
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.features.redirects import FORBIDDEN, answers_to_http
from ingc.prove.values import NoValue, canonical, known_as, read_number
from ingc.prove.witness import Witness
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request

_SUBJECT, _VERIFY = "$ssl_client_s_dn", "$ssl_client_verify"
_SENT = {
    "ssl-client-verify": ("ssl_client_verify",),
    "ssl-client-subject-dn": ("ssl_client_s_dn",),
    "ssl-client-issuer-dn": ("ssl_client_i_dn",),
}
"""The headers about a certificate that every backend gets, and their variables."""
_CERTIFICATE, _WHOLE = "ssl-client-cert", ("ssl_client_escaped_cert",)
_OF_SNIPPETS = f"${SNIPPET_VARIABLES}"
"""How the variables of snippets begin, whose programs have a reader of their own."""


def read_client_certificates(place: InEffect) -> ClientCertificates | None:
    """Return what a server requires of clients, and what a location sends to its backend of it.

    ``None``: nothing. Where nothing is passed on, no backend gets the certificate.
    On plain http that is the subject alone, which nobody has there.
    """
    server = place.server
    verify = place.argument("ssl_verify_client", "off")
    authorities = place.argument("ssl_client_certificate", "")
    subject = _subject(place, verify)
    if place.scheme != "https":
        return ClientCertificates("", subject=subject) if subject else None
    if not authorities and not subject:
        return None
    return ClientCertificates(
        authorities=authorities,
        revoked=place.argument("ssl_crl", ""),
        verify=verify,
        depth=read_number(place.argument("ssl_verify_depth", "1"), "depth"),
        error_page=_error_page(server),
        pass_certificate=_passes(place) if place.passing is not None else False,
        subject=subject,
    )


def _subject(place: InEffect, verify: str) -> str:
    for item in place.server.all("if"):
        if item.args[0].startswith(_OF_SNIPPETS):
            continue
        block = place.written.blocks.get(item.args[0].removeprefix("$"))
        refuses = [(inner.name, inner.args) for inner in item.block or ()] == [("return", ("403",))]
        if block is None or item.args[1:] != ("=", "0") or not refuses:
            continue
        entries = dict(block.entries)
        if entries.pop("default", "0") != "0" or list(entries.values()) != ["1"]:
            raise NoValue("subject", "a subject that is not looked at")
        (pattern,) = entries
        if not _is_subject(block, place, vouched=verify != "optional_no_ca"):
            raise NoValue("subject", "the subject of a certificate that nobody vouches for")
        return pattern.removeprefix("~")
    return ""


def _is_subject(block: VariableBlock, place: InEffect, *, vouched: bool) -> bool:
    """Return whether a map looks at the subject of a certificate that somebody vouches for."""
    if block.source == _SUBJECT:
        return vouched
    checked = place.written.blocks.get(block.source.removeprefix("$"))
    if checked is None or checked.source != _VERIFY:
        return False
    return dict(checked.entries) == {"SUCCESS": _SUBJECT, "default": ""}


def _error_page(server: Statement) -> str:
    for item in server.all("error_page"):
        if {"495", "496"} <= set(item.args[:-1]):
            return item.args[-1]
    return ""


def _passes(place: InEffect) -> bool:
    """Return whether the backend gets the whole certificate.

    Raises `NoValue` where a header about it is the client's own.
    """
    by_service = {item.args[0].removeprefix("$") for item in place.all("auth_request_set")}
    for name, value in _SENT.items():
        header = place.header(name)
        if header is not None and not by_service.isdisjoint(header.variables):
            continue  # an authentication service sets it, as configured
        if header is None or header.variables != value:
            raise NoValue("verify", f"a backend that is told {name} by the client")
    certificate = place.header(_CERTIFICATE)
    if certificate is not None and not by_service.isdisjoint(certificate.variables):
        return False
    if certificate is None or (canonical(certificate) and certificate.variables != _WHOLE):
        raise NoValue("pass_certificate", "a backend that is told it by the client")
    return bool(canonical(certificate))


def seen_client_certificates(expected: ExpectedRoute) -> ClientCertificates | None:
    """Return what can be seen of what a host requires of clients."""
    own = expected.host.feature(ClientCertificates)
    if own is None:
        return None
    if expected.scheme != "https":
        return ClientCertificates("", subject=own.subject) if own.subject else None
    service = expected.route.feature(ExternalAuth) if expected.module else None
    instead = service is not None and any(
        known_as(name) == _CERTIFICATE for name in service.response_headers
    )
    passes = own.pass_certificate and bool(expected.module) and not instead
    return replace(own, pass_certificate=passes)


def admit_client_certificates(
    feature: ClientCertificates, plain: Request, _refused: Callable[[str], bool]
) -> Request:
    """Return the request with a certificate that is let in."""
    if not feature.subject:
        return plain
    return plain._replace(subject=sample(feature.subject).decode("latin-1"))


def vary_client_certificates(_feature: ClientCertificates, plain: Request) -> Iterator[Witness]:
    """Yield a request without a certificate, and one with somebody else's."""
    yield Witness(plain._replace(verified=False), "no client certificate")
    yield Witness(plain._replace(subject="CN=\x01stranger"), "somebody else's certificate")


def forward_client_certificates(
    _feature: ClientCertificates, _host: Host, _route: Route
) -> Iterator[tuple[str, str | None]]:
    """Yield the headers about a certificate, which no client may set."""
    yield from ((name, None) for name in (*_SENT, _CERTIFICATE))


def read_https_only(place: InEffect) -> HttpsOnly | None:
    """Return it where a location refuses plain http by itself."""
    refused = place.scheme == "http" and FORBIDDEN in answers_to_http(place)
    return HttpsOnly() if refused else None


def seen_https_only(expected: ExpectedRoute) -> HttpsOnly | None:
    """Return what can be seen of it: nothing of a route that redirects all of plain http."""
    route, front = expected.route, expected.settings.policies.front
    redirected = route.feature(HttpsRedirect) is not None and not front.tells_scheme
    if expected.scheme != "http" or redirected:
        return None
    return route.feature(HttpsOnly)
