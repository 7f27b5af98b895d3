"""Annotations that are known and not acted on yet."""

from __future__ import annotations

from ingc.frontend.annotations.declare import Family, Support, Unsupported

_WHY = "it is not supported yet"

_PROTECTING = (
    "auth-url",
    "auth-method",
    "auth-signin",
    "auth-signin-redirect-param",
    "auth-response-headers",
    "auth-proxy-set-headers",
    "auth-request-redirect",
    "auth-cache-key",
    "auth-cache-duration",
    "auth-always-set-cookie",
    "auth-keepalive",
    "auth-keepalive-requests",
    "auth-keepalive-timeout",
    "auth-keepalive-share-vars",
    "enable-global-auth",
)
_OTHERS = (
    "ssl-passthrough",
    "mirror-target",
    "mirror-request-body",
    "mirror-host",
)

FAMILY = Family(
    "Not yet",
    (
        *(Unsupported(name, _WHY, Support.NOT_YET, protects=True) for name in _PROTECTING),
        *(Unsupported(name, _WHY, Support.NOT_YET) for name in _OTHERS),
    ),
)
