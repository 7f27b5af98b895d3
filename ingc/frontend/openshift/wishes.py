"""What a Route requests beside its host, path and Services."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics import Sink
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.wishes import (
    HostSetting,
    HttpsPolicy,
    PassthroughWish,
    ReencryptWish,
    RouteWish,
    Wishes,
)
from ingc.ir import RouteFeature, SecretBytes
from ingc.ir.features.protocols import BackendProtocol
from ingc.k8s.route import OpenshiftRoute
from ingc.k8s.route_tls import PASSTHROUGH, REENCRYPT
from ingc.options import Options

_FOUND = 302


def route_wishes(route: OpenshiftRoute, sink: Sink, options: Options, defaults: Defaults) -> Wishes:
    """Return what the fields and annotations of a Route request."""
    return Wishes(
        routes=(_https_policy(route), *_to_service(route)), hosts=tuple(_passthrough(route))
    )


def _to_service(route: OpenshiftRoute) -> Iterator[RouteFeature | RouteWish]:
    """Yield how the Service of a reencrypt Route is spoken to."""
    tls = route.tls
    if tls is not None and tls.termination == REENCRYPT:
        yield BackendProtocol("HTTPS")
        text = tls.destination_authorities.encode("utf-8", "replace")
        yield ReencryptWish(SecretBytes(text), tls.origin)


def _passthrough(route: OpenshiftRoute) -> Iterator[HostSetting]:
    tls = route.tls
    if tls is not None and tls.termination == PASSTHROUGH:
        place = tls.origin.at("termination")
        yield HostSetting("spec.tls.termination", PassthroughWish(by_kind=True), place)


def _https_policy(route: OpenshiftRoute) -> HttpsPolicy:
    """Return what is done with plain http: as the router does, with 302 to the very same URL."""
    insecure = route.tls.insecure if route.tls is not None else "Allow"
    return HttpsPolicy(
        where_tls=False,
        always=insecure == "Redirect",
        keep_slash=True,
        status=_FOUND,
        exempt=(),
        refused=insecure == "None",
    )
