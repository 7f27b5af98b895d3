"""ingress-nginx's annotations: a module for each family, and the order in which they are asked."""

from ingc.frontend.annotations import (
    access,
    affinity,
    aliases,
    backend_tls,
    basic_auth,
    canary,
    client_certs,
    cors,
    errors,
    external_auth,
    headers,
    limits,
    load_balance,
    logs,
    mirror,
    passthrough,
    protocols,
    proxy,
    redirects,
    removed,
    rewrite,
    snippets,
    waf,
)
from ingc.frontend.declarations.declare import Family

PREFIX = "nginx.ingress.kubernetes.io"
FAMILIES: tuple[Family, ...] = (
    aliases.FAMILY,
    passthrough.FAMILY,
    redirects.FAMILY,
    rewrite.FAMILY,
    proxy.FAMILY,
    load_balance.FAMILY,
    affinity.FAMILY,
    canary.FAMILY,
    limits.FAMILY,
    access.FAMILY,
    basic_auth.FAMILY,
    client_certs.FAMILY,
    protocols.FAMILY,
    backend_tls.FAMILY,
    cors.FAMILY,
    headers.FAMILY,
    errors.FAMILY,
    logs.FAMILY,
    external_auth.FAMILY,
    mirror.FAMILY,
    waf.FAMILY,
    snippets.FAMILY,
    removed.FAMILY,
)

__all__ = ["FAMILIES", "PREFIX"]
