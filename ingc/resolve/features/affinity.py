"""Affinity: what it requests, with the route and the Services that it needs."""

from __future__ import annotations

import re

from ingc.diagnostics.catalogue.annotations_balance import (
    AffinityBehindOneAddress,
    SessionCookiePathMissing,
)
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import AffinityWish
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.k8s.backend import ServiceBackend
from ingc.resolve.features.context import Granting
from ingc.resolve.names import named_by

_COOKIE_PATH = re.compile(r"/[A-Za-z0-9\-._~/:%@!&',=]*").fullmatch
"""Paths that a cookie can have and that are no regex."""

_PLAIN = re.compile(r"/[A-Za-z0-9\-_~/:%@!&',=]*").fullmatch
"""The same, where a dot may be a regex's."""


def grant_affinity(
    wish: AffinityWish, intent: IntentRoute, granting: Granting
) -> Affinity | tuple[()]:
    """Return the affinity of a route; one that has no effect is reported, if anybody asks for it.

    Where nobody does, there is one only where there are several endpoints to stay on.
    """
    if wish.unasked and not _has_choice(intent, granting):
        return ()
    address = granting.upstreams.one_address(intent.namespace, intent.backend, named_by(intent))
    if address is not None and not wish.unasked and isinstance(intent.backend, ServiceBackend):
        service = f"{intent.namespace}/{intent.backend.name}"
        entry = AffinityBehindOneAddress(service=service, address=address)
        granting.sink.report(entry, wish.origin)
    path = wish.path
    if path is None:
        regex = intent.asks(UseRegex) or intent.asks(Rewrite)
        path = intent.path
        if not (_PLAIN if regex else _COOKIE_PATH)(path):
            granting.sink.report(SessionCookiePathMissing(path=path), intent.origin.at("path"))
            path = "/"
    return Affinity(
        name=wish.name,
        path=path,
        domain=wish.domain,
        max_age=wish.max_age,
        samesite=wish.samesite,
        conditional=wish.conditional and wish.samesite == "None",
        secure=wish.secure,
    )


def _has_choice(intent: IntentRoute, granting: Granting) -> bool:
    """Return whether the requests of a route may go to several endpoints."""
    backends = [item.backend for item in intent.weighted]
    if not backends and isinstance(intent.backend, ServiceBackend):
        backends = [intent.backend]
    upstreams = granting.upstreams
    found = [upstreams.find(intent.namespace, item, named_by(intent)) for item in backends]
    return sum(len(upstreams.made(name).endpoints) for name in found if isinstance(name, str)) > 1
