"""TLS to clients: their certificates, and the ciphers of a host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.annotations_access import ClientCertificatesUnusable
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Scope, Values
from ingc.frontend.declarations.ciphers import CIPHERS
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, FULL_OBJECT, URL, integer, one_of
from ingc.frontend.declarations.namespaces import how_to_read, may_read
from ingc.frontend.wishes import Ask, ClientCertificatesWish, ClosedHostWish, HostSetting, HostWish
from ingc.syntax.regex.reading import BadRegex, captures, slow_part


def _subject(tokens: tuple[str, ...]) -> str:
    regex = tokens[0]
    try:
        found = captures(regex)
    except BadRegex as error:
        raise BadValue(f"it is no regex: {error.why}") from error
    slow = slow_part(regex)
    if slow is not None:
        raise BadValue(f'"{slow}" in the regex can take very long')
    if found.names:
        raise BadValue("the regex may have no named groups: they would set nginx's variables")
    return regex


SUBJECT = Grammar(
    name="subject",
    rule="subject",
    words='"CN=" and a regex, which is looked for in the whole subject',
    examples=("CN=client", "CN=(alice|bob),"),
    wrong=("", "client", "OU=x", "CN=(", "CN=(?<host>.*)"),
    make=_subject,
    write=str,
)


def _error_page(tokens: tuple[str, ...]) -> str:
    page = URL.make(tokens)
    if not page.startswith(("/", "https://", "http://")):
        raise BadValue('it begins with none of "/", "https://", "http://"')
    return page


ERROR_PAGE = Grammar(
    name="error page",
    rule="url",
    words='a URL, or a path of the host that begins with "/"',
    examples=("https://example.com/help", "/error.html"),
    wrong=("", "@page", "error.html", "https://a b", "/$host"),
    make=_error_page,
    write=str,
)

AUTH_TLS_SECRET = Annotation(
    "auth-tls-secret",
    "Ask clients of the host for a certificate of an authority in this Secret (ca.crt).",
    FULL_OBJECT,
    scope=Scope.HOST,
    risk=Risk.MEDIUM,
    rejects=True,
    see="ssl_client_certificate",
)
_NEEDS = AUTH_TLS_SECRET.name
AUTH_TLS_VERIFY_CLIENT = Annotation(
    "auth-tls-verify-client",
    "Whether a client must have a certificate.",
    one_of("on", "off", "optional", "optional_no_ca"),
    scope=Scope.HOST,
    default="on",
    risk=Risk.MEDIUM,
    needs=_NEEDS,
    see="ssl_verify_client",
)
AUTH_TLS_VERIFY_DEPTH = Annotation(
    "auth-tls-verify-depth",
    "How many authorities may stand between a client's certificate and the one in the Secret.",
    integer(0, 100),
    scope=Scope.HOST,
    default="1",
    needs=_NEEDS,
    see="ssl_verify_depth",
)
AUTH_TLS_ERROR_PAGE = Annotation(
    "auth-tls-error-page",
    "Where clients without a valid certificate are sent.",
    ERROR_PAGE,
    scope=Scope.HOST,
    risk=Risk.HIGH,
    rejects=True,
    needs=_NEEDS,
    see="error_page",
)
AUTH_TLS_PASS_CERTIFICATE = Annotation(
    "auth-tls-pass-certificate-to-upstream",
    "Tell the backend the client's certificate in ssl-client-cert.",
    BOOL,
    scope=Scope.HOST,
    default="false",
    rejects=True,
    needs=_NEEDS,
    see="proxy_set_header",
)
AUTH_TLS_MATCH_CN = Annotation(
    "auth-tls-match-cn",
    "Answer 403 unless the subject of the client's certificate matches.",
    SUBJECT,
    scope=Scope.HOST,
    risk=Risk.HIGH,
    rejects=True,
    see="map",
)
SSL_CIPHERS = Annotation(
    "ssl-ciphers",
    "The ciphers of the host for TLS 1.2.",
    CIPHERS,
    scope=Scope.HOST,
    rejects=True,
    sets="ssl_ciphers",
)
SSL_PREFER_SERVER_CIPHERS = Annotation(
    "ssl-prefer-server-ciphers",
    "Whether the server's order of ciphers counts, or the client's.",
    BOOL,
    scope=Scope.HOST,
    sets="ssl_prefer_server_ciphers",
)
_GROUP: tuple[Annotation[Any], ...] = (
    AUTH_TLS_SECRET,
    AUTH_TLS_VERIFY_CLIENT,
    AUTH_TLS_VERIFY_DEPTH,
    AUTH_TLS_ERROR_PAGE,
    AUTH_TLS_PASS_CERTIFICATE,
    AUTH_TLS_MATCH_CN,
)


def build(values: Values) -> Iterator[Ask]:
    """Request certificates; where anything about them is wrong, nobody may be served."""
    wish = _wish(values)
    if wish is not None:
        yield HostSetting(AUTH_TLS_SECRET.name, wish, values.place(AUTH_TLS_SECRET))


def _wish(values: Values) -> HostWish | None:
    if any(item.rejects and item.name in values.wrong for item in _GROUP):
        return ClosedHostWish()
    secret = values.own(AUTH_TLS_SECRET)
    if secret is None:
        return _without_secret(values)
    if not may_read(secret.namespace, values.namespace, values.defaults):
        why = f"Secret {secret} is in another namespace than the Ingress"
        fix = how_to_read(values.namespace, secret.name)
        values.report(ClientCertificatesUnusable(why=why, fix=fix), AUTH_TLS_SECRET)
        return ClosedHostWish()
    return ClientCertificatesWish(
        secret.namespace,
        secret.name,
        values.get(AUTH_TLS_VERIFY_CLIENT) or "on",
        values.get(AUTH_TLS_VERIFY_DEPTH) or 1,
        values.get(AUTH_TLS_ERROR_PAGE) or "",
        values.get(AUTH_TLS_PASS_CERTIFICATE) is True,
        values.get(AUTH_TLS_MATCH_CN) or "",
    )


def _without_secret(values: Values) -> HostWish | None:
    """Close the host where a subject is required: nothing would be checked."""
    if values.own(AUTH_TLS_MATCH_CN) is None:
        return None
    why = f"{AUTH_TLS_MATCH_CN.name} protects nothing without {AUTH_TLS_SECRET.name}"
    fix = f"add {AUTH_TLS_SECRET.name} with the Secret of the authorities, or remove it"
    values.report(ClientCertificatesUnusable(why=why, fix=fix), AUTH_TLS_MATCH_CN)
    return ClosedHostWish()


FAMILY = Family("Client certificates", (*_GROUP, SSL_CIPHERS, SSL_PREFER_SERVER_CIPHERS), build)
