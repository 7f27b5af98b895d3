"""ingress-nginx's annotations: a module for each family, and the order in which they are asked."""

from ingc.frontend.annotations.declare import Family
from ingc.frontend.annotations.ingress_nginx import (
    access,
    affinity,
    basic_auth,
    canary,
    client_certs,
    limits,
    load_balance,
    logs,
    names,
    not_yet,
    proxy,
    redirects,
    removed,
    rewrite,
    snippets,
    waf,
)

PREFIX = "nginx.ingress.kubernetes.io"
FAMILIES: tuple[Family, ...] = (
    names.FAMILY,
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
    logs.FAMILY,
    waf.FAMILY,
    snippets.FAMILY,
    not_yet.FAMILY,
    removed.FAMILY,
)

__all__ = ["FAMILIES", "PREFIX"]
