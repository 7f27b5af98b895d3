"""Strict-Transport-Security of OpenShift Routes: theirs alone, where everybody else has one."""

from __future__ import annotations

from ingc.diagnostics.catalogue.tenancy import WishForHostOfAnother
from ingc.frontend.intent import IntentRoute
from ingc.ir import Https, RouteFeature, Tenancy
from ingc.ir.features.headers import CustomHeaders
from ingc.resolve.features.context import Granting

HSTS = "Strict-Transport-Security"


def with_own_hsts(
    features: tuple[RouteFeature, ...],
    intent: IntentRoute,
    https: Https | None,
    tenancy: Tenancy | None,
    granting: Granting,
) -> tuple[RouteFeature, ...]:
    """Return a Route's features with the header that it requests, or none.

    A browser keeps it for the whole host, so that it is the owner's to request.
    """
    if not intent.kind.own_hsts:
        return features
    own = next((item for item in features if isinstance(item, CustomHeaders)), None)
    headers = dict(own.headers) if own is not None else {}
    if HSTS in headers and tenancy is not None and tenancy.owner != intent.namespace:
        place = intent.origin
        what = intent.kind.own_hsts
        entry = WishForHostOfAnother(what=what, host=intent.host, owner=tenancy.owner)
        granting.sink.report(entry, place)
        del headers[HSTS]
    served = https is not None and https.certificate is not None
    if served and HSTS not in headers and granting.settings.policies.hsts is not None:
        headers[HSTS] = ""
    others = tuple(item for item in features if item is not own)
    made = CustomHeaders(tuple(headers.items()))
    if own is not None and made == own:
        return features
    return (*others, made) if headers else others
