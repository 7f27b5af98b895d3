"""Mirrors: what their URLs mean for one route."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ingc.diagnostics import Severity
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import MirrorWish
from ingc.ir import RouteFeature
from ingc.ir.features.mirror import Mirror
from ingc.resolve.features.external_auth import destination_of, endpoints_of
from ingc.resolve.lookup import Unusable
from ingc.syntax.text import Text, Variable

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting


def grant_mirror(
    wish: MirrorWish, _intent: IntentRoute, granting: Granting
) -> RouteFeature | tuple[()] | None:
    """Send the copies; a URL without a path gets those of the requests."""
    endpoints = endpoints_of(wish.url, wish.origin, granting, "other")
    if isinstance(endpoints, Unusable):
        return None if endpoints.why.severity is Severity.ERROR else ()
    name = granting.upstreams.outside(wish.url, endpoints)
    service = destination_of(wish.url, name, Text((Variable("request_uri"),)))
    if wish.host:
        service = dataclasses.replace(service, host=wish.host)
    return Mirror(service, wish.body)
