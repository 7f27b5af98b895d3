"""ingress-nginx's annotations: a module for each family, and the order in which they are asked."""

from ingc.frontend.annotations.declare import Family
from ingc.frontend.annotations.ingress_nginx import (
    external_auth,
    logs,
    mirror,
    names,
    not_yet,
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
    logs.FAMILY,
    external_auth.FAMILY,
    mirror.FAMILY,
    waf.FAMILY,
    snippets.FAMILY,
    not_yet.FAMILY,
    removed.FAMILY,
)

__all__ = ["FAMILIES", "PREFIX"]
