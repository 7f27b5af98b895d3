"""What a Route requests beside its host, path and Services."""

from __future__ import annotations

from ingc.diagnostics import Sink
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.wishes import HttpsPolicy, Wishes
from ingc.k8s.route import OpenshiftRoute
from ingc.options import Options

_FOUND = 302


def route_wishes(route: OpenshiftRoute, sink: Sink, options: Options, defaults: Defaults) -> Wishes:
    """Return what the fields and annotations of a Route request."""
    return Wishes(routes=(_https_policy(route),))


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
