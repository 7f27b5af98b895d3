"""Annotations of other controllers, which are not read; the more as some of them protect."""

from __future__ import annotations

import re
from collections import defaultdict

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import (
    ForeignAnnotationsUnread,
    ForeignProtectionUnread,
)
from ingc.frontend.annotations import registry
from ingc.frontend.annotations.declare import Annotation
from ingc.k8s.ingress import Ingress
from ingc.k8s.ruled import RuleObject
from ingc.kinds import KINDS
from ingc.options import Options

_OLD = "ingress.kubernetes.io"
_OWNERS = {
    _OLD: "ingress-nginx before 0.9",
    "nginx.org": "F5's controller",
    "nginx.com": "F5's controller",
    "appprotect.f5.com": "F5's controller",
    "appprotectdos.f5.com": "F5's controller",
    "haproxy.org": "HAProxy's controller",
    "haproxy-ingress.github.io": "the HAProxy Ingress controller",
    "traefik.ingress.kubernetes.io": "Traefik",
    "konghq.com": "Kong",
    "alb.ingress.kubernetes.io": "the AWS load balancer controller",
    **{prefix: kind.reader for kind in KINDS for prefix in kind.annotation_prefixes},
}
"""Prefixes of annotations that set how requests are served, and who reads them."""
_PROTECTS = re.compile(
    r"auth|jwt|oidc|mtls|client-ca|white-?list|allow-?list|black-?list|deny|source-range|cidrs"
    r"|limit-(?!rate|size)|waf|app-?protect|modsecurity|policies|middlewares|plugins|snippet"
    r"|ssl-redirect|to-https"
)
_INSTEAD = {
    "basic-auth-secret": "auth-type and auth-secret",
    "basic-auth-realm": "auth-realm",
    "redirect-to-https": "force-ssl-redirect",
    "white-list": "allowlist-source-range",
    "whitelist": "allowlist-source-range",
    "allow-list": "allowlist-source-range",
    "black-list": "denylist-source-range",
    "blacklist": "denylist-source-range",
    "deny-list": "denylist-source-range",
    "inbound-cidrs": "allowlist-source-range",
    "limit-req-rate": "limit-rps or limit-rpm",
    "rate-limit-requests": "limit-rps or limit-rpm",
}
"""ingress-nginx's names for what others call otherwise."""


def report_other_prefixes(ingress: Ingress, sink: Sink, options: Options) -> None:
    """Report an Ingress's annotations of other controllers, each that protects at its place."""
    unread: dict[str, list[str]] = defaultdict(list)
    place = ingress.origin.at("metadata", "annotations")
    for key, text in ingress.meta.annotations.items():
        prefix, _, name = key.rpartition("/")
        if prefix not in _OWNERS or prefix == options.annotations_prefix or _is_off(text):
            continue
        if not _PROTECTS.search(name):
            unread[_OWNERS[prefix]].append(key)
            continue
        own = _own_name(prefix, name)
        fix = f"use {own} of {options.annotations_prefix}" if own else "protect the route otherwise"
        entry = ForeignProtectionUnread(annotation=key, owner=_OWNERS[prefix], fix=fix)
        sink.report(entry, place.at(key, key=True))
    for owner, keys in unread.items():
        note = ForeignAnnotationsUnread(owner=owner, annotations=tuple(keys))
        sink.report(note, place.at(keys[0], key=True))


def report_unread_by_kind(item: RuleObject, fix: str, sink: Sink, options: Options) -> None:
    """Report annotations that others read and that would protect an object of another kind.

    ``fix`` is what to do about them.
    """
    owners = {**_OWNERS, options.annotations_prefix: "ingress-nginx"}
    place = item.origin.at("metadata", "annotations")
    for key, text in item.meta.annotations.items():
        prefix, _, name = key.rpartition("/")
        owner = owners.get(prefix, "")
        if owner in ("", item.kind.reader) or _is_off(text) or not _PROTECTS.search(name):
            continue
        entry = ForeignProtectionUnread(annotation=key, owner=owner, fix=fix)
        sink.report(entry, place.at(key, key=True))


def _own_name(prefix: str, name: str) -> str:
    """Return what the annotation is called here; "" where nothing is known to do the same."""
    if name in _INSTEAD or prefix != _OLD:
        return _INSTEAD.get(name, "")
    own = registry.ALIASES.get(name, name)
    return own if isinstance(registry.DECLARATIONS.get(own), Annotation) else ""


def _is_off(text: str) -> bool:
    return text.strip().lower() in ("", "false")
