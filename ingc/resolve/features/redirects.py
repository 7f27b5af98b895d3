"""Redirects of plain http to https: whether a route has one."""

from __future__ import annotations

from ingc.frontend.wishes import (
    HttpsPolicy,
)
from ingc.ir import Https
from ingc.ir.features.redirects import HttpsRedirect

DEFAULT_POLICY = HttpsPolicy()


def grant_https_redirect(
    policy: HttpsPolicy, path: str, https: Https | None
) -> HttpsRedirect | None:
    """Return how a route redirects plain http to https, if it does."""
    wanted = policy.always or (policy.where_tls and https is not None and https.redirect)
    if not wanted or any(path.startswith(prefix) for prefix in policy.exempt):
        return None
    return HttpsRedirect(policy.status, policy.keep_slash, policy.with_port)
