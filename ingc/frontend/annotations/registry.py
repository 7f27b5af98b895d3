"""ingress-nginx's annotations: all families, in the order in which they are read, and by name."""

from __future__ import annotations

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
    modsecurity,
    passthrough,
    protocols,
    proxy,
    redirects,
    rewrite,
    snippets,
    tracing,
    unsupported,
)
from ingc.frontend.annotations.declare import Annotation, Declaration, Family

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
    snippets.FAMILY,
    modsecurity.FAMILY,
    tracing.FAMILY,
    *unsupported.FAMILIES,
)
DECLARATIONS: dict[str, Declaration] = {
    declared.name: declared for family in FAMILIES for declared in family.declarations
}
"""Every annotation that is known, supported or not."""
ALIASES: dict[str, str] = {
    alias: declared.name
    for declared in DECLARATIONS.values()
    if isinstance(declared, Annotation)
    for alias in declared.aliases
}
"""Older names, each with the name of its annotation."""
FAMILY_OF: dict[str, str] = {
    name: family.name
    for family in FAMILIES
    for name in (*family.keys, *(declared.name for declared in family.declarations))
}
"""The family of each annotation, and of each key that a family reads."""
