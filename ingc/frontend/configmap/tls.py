"""TLS, and the redirect to https."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics.catalogue.configmap import StaplingWithoutResolver
from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues, Setting
from ingc.frontend.configmap.grammars import CURVES, PATHS, limited_size
from ingc.frontend.configmap.tls_files import DH_PARAM, SESSION_TICKET_KEY
from ingc.frontend.declarations.ciphers import CIPHERS
from ingc.frontend.declarations.grammars import BOOL, TIME, redirect_status, words
from ingc.options import Options

SESSION_CACHE = Key(
    "ssl-session-cache",
    "Remember TLS sessions.",
    BOOL,
    default="true",
    see="ssl_session_cache",
)
SESSION_CACHE_SIZE = Key(
    "ssl-session-cache-size",
    "Room for them.",
    limited_size("64k", "900m"),
    default="10m",
    see="ssl_session_cache",
)
SESSION_TICKETS = Key(
    "ssl-session-tickets",
    "Let clients keep their sessions.",
    BOOL,
    default="false",
    sets="ssl_session_tickets",
)
STAPLING = Key(
    "enable-ocsp",
    "Send along what a certificate's authority says of it (OCSP); the first answer is without.",
    BOOL,
    default="false",
    sets="ssl_stapling",
)
REJECT_HANDSHAKE = Key(
    "ssl-reject-handshake",
    "Refuse names that no host has, in spite of a default certificate.",
    BOOL,
    default="false",
    rejects=True,
    see="ssl_reject_handshake",
)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield the cache of sessions."""
    cached, room = values.get(SESSION_CACHE), values.get(SESSION_CACHE_SIZE)
    if cached is False:
        yield "ssl_session_cache", ("off",)
    elif room is not None:
        yield "ssl_session_cache", (f"shared:ingc:{room}",)


def staples(values: KeyValues, options: Options) -> bool:
    """Return whether nginx queries the authorities of certificates."""
    if not values.value(STAPLING):
        return False
    if not options.resolver:
        values.report(StaplingWithoutResolver(), STAPLING)
    return True


GROUP = KeyGroup(
    "TLS",
    (
        Key(
            "ssl-protocols",
            "The versions of TLS that are spoken.",
            words("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", example="TLSv1.2 TLSv1.3"),
            default="TLSv1.2 TLSv1.3",
            sets="ssl_protocols",
            rejects=True,
        ),
        Key(
            "ssl-ciphers",
            "The ciphers up to TLS 1.2.",
            CIPHERS,
            sets="ssl_ciphers",
            rejects=True,
        ),
        Key(
            "ssl-ecdh-curve",
            "The curves for key exchange.",
            CURVES,
            default="auto",
            sets="ssl_ecdh_curve",
            rejects=True,
        ),
        DH_PARAM,
        Key(
            "ssl-early-data",
            "Take requests in TLS 1.3's first flight, which can be replayed.",
            BOOL,
            default="false",
            sets="ssl_early_data",
            rejects=True,
        ),
        SESSION_CACHE,
        SESSION_CACHE_SIZE,
        Key(
            "ssl-session-timeout",
            "How long a session may be taken up again.",
            TIME,
            default="10m",
            sets="ssl_session_timeout",
        ),
        SESSION_TICKETS,
        SESSION_TICKET_KEY,
        Key(
            "ssl-buffer-size",
            "The size of the records that are sent.",
            limited_size("1k", "16m"),
            default="16k",
            sets="ssl_buffer_size",
        ),
        REJECT_HANDSHAKE,
        STAPLING,
        Key(
            "ssl-redirect",
            "Redirect http to https where a host has a tls entry.",
            BOOL,
            default="true",
            annotation="ssl-redirect",
            rejects=True,
        ),
        Key(
            "force-ssl-redirect",
            "Redirect http to https everywhere.",
            BOOL,
            default="false",
            annotation="force-ssl-redirect",
            rejects=True,
        ),
        Key(
            "http-redirect-code",
            "The status of the redirect to https.",
            redirect_status(301, 302, 307, 308),
            default="308",
            annotation="ssl-redirect",
            under_own_name=True,
        ),
        Key(
            "no-tls-redirect-locations",
            "Paths that begin so are not redirected to https.",
            PATHS,
            default="/.well-known/acme-challenge",
            annotation="ssl-redirect",
            under_own_name=True,
        ),
        Key(
            "use-port-in-redirects",
            "Name the port in redirects.",
            BOOL,
            default="false",
            annotation="use-port-in-redirects",
        ),
        Key(
            "relative-redirects",
            "Leave scheme and host out of redirects that nginx itself makes.",
            BOOL,
            default="false",
            annotation="relative-redirects",
        ),
        Key(
            "preserve-trailing-slash",
            "Keep the slash at the end of the path in the redirect to https.",
            BOOL,
            default="false",
            annotation="preserve-trailing-slash",
        ),
    ),
    settings,
)
