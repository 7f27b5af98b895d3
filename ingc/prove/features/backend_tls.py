"""TLS to the backend."""

from __future__ import annotations

from dataclasses import replace

from ingc.ir import Certificate
from ingc.ir.features.backend_tls import BackendTls
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_number
from ingc.target import TLS13_BY_DEFAULT, Version

_CIPHERS = "DEFAULT"
"""nginx's own default, as that of the depth."""
_DEPTH = 1
_SPEAK_TLS = frozenset({"HTTPS", "AUTO_HTTP", "GRPCS"})
_BY_DEFAULT = BackendTls(None, None, 0, _CIPHERS, ("TLSv1.2", "TLSv1.3"), "", False)
"""What holds where a route has no terms, with every nginx."""


def read_backend_tls(place: InEffect) -> BackendTls | None:
    """Return how TLS is spoken to the backend; ``None``: it is not.

    Of a backend that is not verified, the depth is 0; a name that acts on nothing is empty.
    """
    if not place.speaks_tls:
        return None
    prefix = f"{place.module}_ssl_"
    file = place.argument(prefix + "certificate", "")
    key = place.argument(prefix + "certificate_key", "")
    trusted = place.argument(prefix + "trusted_certificate", "")
    verified = place.args(prefix + "verify") == ("on",)
    if verified and not trusted:
        raise NoValue("trusted", "verification without a certificate to trust")
    sent = place.args(prefix + "server_name") == ("on",)
    protocols = place.args(prefix + "protocols") or _protocols(place.written.target)
    depth = place.argument(prefix + "verify_depth", str(_DEPTH))
    return BackendTls(
        certificate=Certificate(file, key) if file or key else None,
        trusted=trusted if verified else None,
        depth=read_number(depth, "depth") if verified else 0,
        ciphers=place.argument(prefix + "ciphers", _CIPHERS),
        protocols=tuple(sorted(protocols)),
        name=place.argument(prefix + "name", "") if verified or sent else "",
        server_name=sent,
    )


def _protocols(target: Version) -> tuple[str, ...]:
    """nginx's own default."""
    return _BY_DEFAULT.protocols if target >= TLS13_BY_DEFAULT else ("TLSv1", "TLSv1.1", "TLSv1.2")


def seen_backend_tls(expected: ExpectedRoute) -> BackendTls | None:
    """Return what can be seen of a route's terms."""
    if expected.protocol not in _SPEAK_TLS:
        return None
    own = expected.route.feature(BackendTls) or _BY_DEFAULT
    verified = own.trusted is not None
    return replace(
        own,
        depth=own.depth if verified else 0,
        protocols=tuple(sorted(own.protocols)),
        name=own.name if verified or own.server_name else "",
    )
