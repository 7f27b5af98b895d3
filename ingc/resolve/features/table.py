"""What annotations request → features of the IR: references looked up, policies decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import (
    AffinityWish,
    BackendTlsWish,
    BasicAuthWish,
    ClientCertificatesWish,
    CustomHeadersWish,
    ErrorsWish,
    ExternalAuthWish,
    FastCgiWish,
    HostSetting,
    MirrorWish,
    ReencryptWish,
    RouteWish,
    ServerSnippetWish,
)
from ingc.ir import HostFeature, Https, RouteFeature
from ingc.ir.features.card import Reason, Stands, collect
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import AnswerHeaders, ErrorPages, LocationProgram
from ingc.ir.features.tuning import Tuning
from ingc.merge import MergedHost
from ingc.resolve.features.client_certs import grant_client_certificates
from ingc.resolve.features.context import Granting
from ingc.resolve.features.known_names import with_names
from ingc.resolve.features.reencrypt import reencrypt
from ingc.resolve.features.rewrite import grant_rewrite
from ingc.resolve.features.snippets import grant_server_program, named_in
from ingc.syntax.text import Text

Grant = Callable[[Any, IntentRoute, Granting], RouteFeature | tuple[RouteFeature, ...] | None]

_WISHES = (
    AffinityWish,
    BackendTlsWish,
    BasicAuthWish,
    CustomHeadersWish,
    ErrorsWish,
    ExternalAuthWish,
    FastCgiWish,
    MirrorWish,
)
_BY_KIND = collect("ingc.resolve.features", "grant", (wish.becomes for wish in _WISHES))
GRANTS: Mapping[type[RouteWish], Grant] = {
    **{wish: _BY_KIND[wish.becomes] for wish in _WISHES},
    ReencryptWish: reencrypt,
}
"""By the type of the wish. ``None``, after a finding, refuses the route: it answers 503; an empty
tuple leaves it as it is."""


def route_wishes(intent: IntentRoute) -> tuple[RouteFeature | RouteWish, ...]:
    """Return what the annotations request for a route.

    The default backend of an Ingress without rules has no redirects and rewrites, as in
    ingress-nginx.
    """
    if not intent.ruleless:
        return intent.asked.routes
    return tuple(item for item in intent.asked.routes if _without_rules(item))


def _without_rules(item: RouteFeature | RouteWish) -> bool:
    kind = item.becomes if isinstance(item, RouteWish) else type(item)
    return kind is not None and Stands.RULELESS in kind.card.stands


def route_features(
    intent: IntentRoute, wishes: Iterable[RouteFeature | RouteWish], granting: Granting
) -> tuple[RouteFeature, ...] | None:
    """Return the features of a route, but for redirects; ``None``: it must answer 503."""
    features: list[RouteFeature] = []
    refused = False
    for item in wishes:
        if isinstance(item, RouteFeature):
            if item.card.planned is Reason.ACTED_ON:
                continue
            effective = _of_route(item, intent)
            if effective is not None:
                features.append(effective)
            continue
        grant = GRANTS.get(type(item))
        if grant is None:
            continue  # a redirect, which is decided with the route's https
        granted = grant(item, intent, granting)
        if granted is None:
            refused = True
        else:
            features.extend(granted if isinstance(granted, tuple) else (granted,))
    return None if refused else tuple(features)


def _of_route(item: RouteFeature, intent: IntentRoute) -> RouteFeature | None:
    """Return a feature that refers to nothing as it is for one route; ``None`` for nothing."""
    if isinstance(item, Rewrite):
        return grant_rewrite(item, intent)
    if isinstance(item, BackendProtocol) and item.name == "HTTP":
        return None  # what every backend is spoken to in
    if isinstance(item, RequestHeader):
        value = with_names(item.value, intent)
        return item if value is item.value else replace(item, value=value)
    if isinstance(item, Tuning) and item.repeats:
        texts = (with_names(arg, intent) if isinstance(arg, Text) else arg for arg in item.args)
        return replace(item, args=tuple(texts))
    if isinstance(item, LocationProgram | AnswerHeaders | ErrorPages):
        return named_in(item, intent)
    return item


def host_features(
    merged: MergedHost, https: Https | None, granting: Granting
) -> tuple[HostFeature, ...] | None:
    """Return what holds for the whole host; ``None``: it must answer 403."""
    found = [
        _host_feature(setting, merged, https, granting)
        for setting in merged.settings
        if not isinstance(setting.feature, ServerSnippetWish)
    ]
    features = tuple(item for item in found if item is not None)
    snippets = (setting.feature for setting in merged.settings)
    own = [
        program
        for wish in snippets
        if isinstance(wish, ServerSnippetWish)
        for program in grant_server_program(wish)
    ]
    return (*features, *own) if len(features) == len(found) else None


def _host_feature(
    setting: HostSetting, merged: MergedHost, https: Https | None, granting: Granting
) -> HostFeature | None:
    wish = setting.feature
    if isinstance(wish, HostFeature):
        return wish
    if isinstance(wish, ClientCertificatesWish):
        return grant_client_certificates(wish, merged.name, https, setting.origin, granting)
    return None
