"""What annotations ask for → features of the IR: references looked up, policies decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import Sink
from ingc.frontend.configmap import NO_SETTINGS, GlobalSettings
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import HttpsPolicy, RedirectWish, RouteWish
from ingc.ir import HostFeature, Https, RouteFeature
from ingc.ir.features import HttpsRedirect, Rewrite, UseRegex
from ingc.k8s.store import Store
from ingc.merge import MergedHost
from ingc.options import Options
from ingc.resolve.files import Files
from ingc.resolve.upstreams import Upstreams
from ingc.syntax.text import Text


@dataclass(frozen=True, slots=True)
class Granting:
    """What wishes are granted from."""

    store: Store
    sink: Sink
    options: Options
    upstreams: Upstreams
    files: Files
    settings: GlobalSettings = NO_SETTINGS


Grant = Callable[[Any, IntentRoute, Granting], RouteFeature | None]

GRANTS: Mapping[type[RouteWish], Grant] = {}
"""By the type of the wish. ``None``, after a finding, refuses the route: it answers 503."""

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
            if not isinstance(item, Rewrite) or item.target != Text((intent.path,)):
                features.append(item)
            continue
        granted = GRANTS[type(item)](item, intent, granting)
        if granted is None:
            refused = True
        else:
            features.append(granted)
    return None if refused else tuple(features)


DEFAULT_POLICY = HttpsPolicy()


def https_redirect(policy: HttpsPolicy, path: str, https: Https | None) -> HttpsRedirect | None:
    """Return how a route redirects plain http to https, if it does."""
    wanted = policy.always or (policy.where_tls and https is not None and https.redirect)
    if not wanted or any(path.startswith(prefix) for prefix in policy.exempt):
        return None
    return HttpsRedirect(policy.status, policy.keep_slash, policy.with_port)


def host_features(merged: MergedHost) -> tuple[HostFeature, ...]:
    """Return what holds for the whole host."""
    return tuple(
        setting.feature for setting in merged.settings if isinstance(setting.feature, HostFeature)
    )
