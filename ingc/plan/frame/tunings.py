"""Directives of the frame, with a ConfigMap's in place of the defaults."""

from __future__ import annotations

from ingc.ir import Settings
from ingc.plan.layout import Directive, directive
from ingc.target import DIRECTIVES

_REPLACED = frozenset(
    {
        "client_body_buffer_size",
        "error_log",
        "proxy_buffer_size",
        "proxy_buffering",
        "proxy_buffers",
        "proxy_connect_timeout",
        "proxy_http_version",
        "proxy_next_upstream_tries",
        "proxy_redirect",
        "server_names_hash_bucket_size",
        "server_names_hash_max_size",
        "server_tokens",
        "ssl_ciphers",
        "ssl_prefer_server_ciphers",
        "ssl_protocols",
        "ssl_session_cache",
        "ssl_session_tickets",
        "ssl_session_timeout",
    }
)
"""Directives that the frame prints in any case."""


def tuned(settings: Settings, *defaults: Directive) -> tuple[Directive, ...]:
    """Return directives, each with the arguments that the settings give it."""
    if not settings.tunings:
        return defaults
    own = dict(settings.tunings)
    return tuple(directive(d.name, *own[d.name]) if d.name in own else d for d in defaults)


def more(settings: Settings, context: str) -> tuple[Directive, ...]:
    """Return what the settings add to a context: ``main``, ``events``, ``http`` alone, ``server``
    (and ``http``), or ``tls``.
    """
    found = (item for item in settings.tunings if item[0] not in _REPLACED)
    return tuple(directive(name, *args) for name, args in found if _context_of(name) == context)


def _context_of(name: str) -> str:
    if name.startswith("ssl_"):
        return "tls"
    contexts = DIRECTIVES[name].contexts
    return next(known for known in ("main", "events", "server", "http") if known in contexts)
