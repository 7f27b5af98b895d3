"""What annotations ask for → features of the IR: references looked up, policies decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ingc.frontend.access_wishes import BasicAuthWish, ClientCertificatesWish
from ingc.frontend.balance import AffinityWish
from ingc.frontend.header_wishes import CustomHeadersWish, ErrorsWish
from ingc.frontend.intent import IntentRoute
from ingc.frontend.outside import ExternalAuthWish, MirrorWish
from ingc.frontend.protocol_wishes import BackendTlsWish, FastCgiWish
from ingc.frontend.wishes import HostSetting, HttpsPolicy, RedirectWish, RouteWish
from ingc.ir import Exact, HostFeature, Https, RouteFeature
from ingc.ir.features import HttpsRedirect, Rewrite, UseRegex
from ingc.merge import MergedHost
from ingc.resolve.access import grant_basic_auth, grant_client_certificates
from ingc.resolve.backend_tls import grant_backend_tls
from ingc.resolve.balance import grant_affinity
from ingc.resolve.errors import error_pages
from ingc.resolve.fastcgi import grant_fastcgi
from ingc.resolve.granting import Granting
from ingc.resolve.headers import custom_headers
from ingc.resolve.outside import grant_external_auth, grant_mirror
from ingc.syntax.text import Text

Grant = Callable[[Any, IntentRoute, Granting], RouteFeature | tuple[RouteFeature, ...] | None]

GRANTS: Mapping[type[RouteWish], Grant] = {
    AffinityWish: grant_affinity,
    BasicAuthWish: grant_basic_auth,
    FastCgiWish: grant_fastcgi,
    BackendTlsWish: grant_backend_tls,
    CustomHeadersWish: custom_headers,
    ErrorsWish: error_pages,
    ExternalAuthWish: grant_external_auth,
    MirrorWish: grant_mirror,
}
"""By the type of the wish. ``None``, after a finding, refuses the route: it answers 503; an empty
tuple leaves it as it is."""

_ELSEWHERE = (HttpsPolicy, RedirectWish, UseRegex)
_NOT_WITHOUT_RULES = (HttpsPolicy, RedirectWish, Rewrite)


def asked_of(intent: IntentRoute) -> tuple[RouteFeature | RouteWish, ...]:
    """Return what the annotations ask of a route.

    The default backend of an Ingress without rules has no redirects and rewrites, as in
    ingress-nginx.
    """
    if not intent.ruleless:
        return intent.asked.routes
    return tuple(item for item in intent.asked.routes if not isinstance(item, _NOT_WITHOUT_RULES))


def route_features(
    intent: IntentRoute, asked: Iterable[RouteFeature | RouteWish], granting: Granting
) -> tuple[RouteFeature, ...] | None:
    """Return the features of a route, but for redirects; ``None``: it must answer 503."""
    features: list[RouteFeature] = []
    refused = False
    for item in asked:
        if isinstance(item, _ELSEWHERE):
            continue
        if isinstance(item, RouteFeature):
            effective = _effective(item, intent) if isinstance(item, Rewrite) else item
            if effective is not None:
                features.append(effective)
            continue
        granted = GRANTS[type(item)](item, intent, granting)
        if granted is None:
            refused = True
        else:
            features.extend(granted if isinstance(granted, tuple) else (granted,))
    return None if refused else tuple(features)


def _effective(rewrite: Rewrite, intent: IntentRoute) -> Rewrite | None:
    """Return what a rewrite does; one to the path itself rewrites only what is below the path.

    ingress-nginx makes the locations ``/foo`` and ``/foo/`` of Prefix ``/foo``, and to the second
    one the target ``/foo`` is another path.
    """
    if rewrite.target != Text((intent.path,)):
        return rewrite
    if isinstance(intent.match, Exact) or intent.path.endswith("/"):
        return None
    return dataclasses.replace(rewrite, pattern=f"^{intent.path}/")


DEFAULT_POLICY = HttpsPolicy()


def https_redirect(policy: HttpsPolicy, path: str, https: Https | None) -> HttpsRedirect | None:
    """Return how a route redirects plain http to https, if it does."""
    wanted = policy.always or (policy.where_tls and https is not None and https.redirect)
    if not wanted or any(path.startswith(prefix) for prefix in policy.exempt):
        return None
    return HttpsRedirect(policy.status, policy.keep_slash, policy.with_port)


def host_features(
    merged: MergedHost, https: Https | None, granting: Granting
) -> tuple[HostFeature, ...] | None:
    """Return what holds for the whole host; ``None``: it must answer 403."""
    found = [_host_feature(setting, merged, https, granting) for setting in merged.settings]
    features = tuple(item for item in found if item is not None)
    return features if len(features) == len(found) else None


def _host_feature(
    setting: HostSetting, merged: MergedHost, https: Https | None, granting: Granting
) -> HostFeature | None:
    asked = setting.feature
    if isinstance(asked, HostFeature):
        return asked
    if isinstance(asked, ClientCertificatesWish):
        return grant_client_certificates(asked, merged.name, https, setting.origin, granting)
    return None
