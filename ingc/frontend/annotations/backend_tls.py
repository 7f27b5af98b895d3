"""TLS to the backend: a client certificate, verification, and how TLS is spoken.

They hold for the paths of their Ingress. Departure from ingress-nginx, which also gives the first
Ingress's values to the rest of the host: so another Ingress's backend would be sent a client
certificate that it was not meant for.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics.catalogue.annotations_protocols import BackendNotVerifiable
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.annotations.protocols import protocol, report_unused
from ingc.frontend.declarations.ciphers import CIPHERS
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import FULL_OBJECT, SWITCH, integer, words
from ingc.frontend.wishes import Ask, BackendTlsWish
from ingc.ir.features.protocols import BackendProtocol

_WITH_TLS = ("HTTPS", "GRPCS", "AUTO_HTTP")
_LONGEST_NAME = 253
_SECRET = "proxy-ssl-secret"  # noqa: S105 - the name of an annotation


def _name(tokens: tuple[str, ...]) -> str:
    if len(tokens[0]) > _LONGEST_NAME:
        raise BadValue(f"a name is at most {_LONGEST_NAME} characters long")
    return tokens[0]


NAME = Grammar(
    name="name in TLS",
    rule="ssl_name",
    words="a host name without a port",
    examples=("web.shop.svc", "backend.example.com"),
    wrong=("", "a b", "a:443", "$host", "a;", "-a", "*.example.com"),
    make=_name,
    write=str,
)
SECRET = Annotation(
    _SECRET,
    "The Secret with the client certificate (tls.crt, tls.key) and the trusted ones (ca.crt).",
    FULL_OBJECT,
    risk=Risk.MEDIUM,
    rejects=True,
    see="proxy_ssl_certificate",
)
SSL_CIPHERS = Annotation(
    "proxy-ssl-ciphers",
    "The ciphers that are offered to the backend.",
    CIPHERS,
    default="DEFAULT",
    risk=Risk.MEDIUM,
    needs=_SECRET,
    see="proxy_ssl_ciphers",
)
SSL_NAME = Annotation(
    "proxy-ssl-name",
    "The name that the backend's certificate must have, and that SNI tells.",
    NAME,
    risk=Risk.HIGH,
    needs=_SECRET,
    see="proxy_ssl_name",
)
SSL_PROTOCOLS = Annotation(
    "proxy-ssl-protocols",
    "The versions of TLS that are offered to the backend.",
    words("TLSv1.2", "TLSv1.3", example="TLSv1.2 TLSv1.3"),
    default="TLSv1.2",
    needs=_SECRET,
    see="proxy_ssl_protocols",
)
# ingress-nginx takes a wrong value for "off", which would leave the backend unverified.
SSL_VERIFY = Annotation(
    "proxy-ssl-verify",
    "Verify the backend's certificate by the Secret's ca.crt.",
    SWITCH,
    default="off",
    rejects=True,
    see="proxy_ssl_verify",
)
SSL_VERIFY_DEPTH = Annotation(
    "proxy-ssl-verify-depth",
    "How many certificates may stand between the backend's and a trusted one; 0 counts as 1.",
    integer(0),
    default="1",
    needs=_SECRET,
    see="proxy_ssl_verify_depth",
)
SSL_SERVER_NAME = Annotation(
    "proxy-ssl-server-name",
    "Send the backend the name of the server in TLS (SNI).",
    SWITCH,
    default="off",
    needs=_SECRET,
    see="proxy_ssl_server_name",
)


def build(values: Values) -> Iterator[Ask]:
    """Request TLS with what a Secret holds."""
    secret, name = values.get(SECRET), protocol(values)
    verify = values.get(SSL_VERIFY) == "on"
    if name not in _WITH_TLS:
        unused = SECRET if secret is not None else SSL_VERIFY if verify else None
        if unused is not None:
            report_unused(values, unused, name, "GRPCS" if name == "GRPC" else "HTTPS")
            if name == "HTTP":
                # TLS that a Service's port asks for would go on without what is asked for here.
                yield BackendProtocol(name)
        return
    if secret is None:
        if verify:
            values.report(BackendNotVerifiable(why="there is no proxy-ssl-secret"), SSL_VERIFY)
        return
    yield BackendTlsWish(
        secret=secret,
        origin=values.place(SECRET),
        verify=verify,
        verify_origin=values.place(SSL_VERIFY),
        depth=values.get(SSL_VERIFY_DEPTH) or 1,
        ciphers=values.get(SSL_CIPHERS) or "DEFAULT",
        protocols=values.get(SSL_PROTOCOLS) or ("TLSv1.2",),
        name=values.get(SSL_NAME) or "",
        server_name=values.get(SSL_SERVER_NAME) == "on",
    )


FAMILY = Family(
    "TLS to the backend",
    (SECRET, SSL_CIPHERS, SSL_NAME, SSL_PROTOCOLS, SSL_VERIFY, SSL_VERIFY_DEPTH, SSL_SERVER_NAME),
    build,
)
