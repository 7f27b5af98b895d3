"""What a Route requests beside its host, path and Services: by its fields, then by annotations.

Where neither says anything, the router's own defaults hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ingc.diagnostics import Sink
from ingc.frontend.annotations import read_annotations
from ingc.frontend.declarations.grammars import addresses
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.openshift import annotations as known
from ingc.frontend.openshift.headers import forwarded, header_asks
from ingc.frontend.openshift.load_balance import chosen_by
from ingc.frontend.openshift.reading import read_route_annotations
from ingc.frontend.openshift.reencrypt import reencrypted
from ingc.frontend.openshift.values import RouteValues
from ingc.frontend.other_prefixes import report_unread_by_kind
from ingc.frontend.registry import annotations_for
from ingc.frontend.wishes import (
    AffinityWish,
    Ask,
    BalanceWish,
    HostSetting,
    HttpsPolicy,
    PassthroughWish,
    RouteWish,
    UpstreamSetting,
    Wishes,
)
from ingc.ir import RouteFeature
from ingc.ir.features.access import AccessList
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.tuning import Tuning
from ingc.k8s.ingress import Ingress
from ingc.k8s.meta import Meta
from ingc.k8s.openshift.route import OpenshiftRoute
from ingc.k8s.openshift.tls import PASSTHROUGH, REENCRYPT
from ingc.options import Options
from ingc.syntax.regex.paths import escaped
from ingc.syntax.text import Text, Variable

_FOUND = 302
_PROTECT = f"use {known.IP_ALLOWLIST.name}, or protect the application"


def route_wishes(route: OpenshiftRoute, sink: Sink, options: Options, defaults: Defaults) -> Wishes:
    """Return what a Route requests; ``defaults`` are what the ConfigMap sets for everybody."""
    before = sink.errors
    report_unread_by_kind(route, _PROTECT, sink, options)
    values = read_route_annotations(route, sink, options, defaults)
    asks = (*_of_fields(route), *_of_annotations(values), *_of_headers(values))
    operators = _of_everybody(route, sink, options, defaults)
    own = tuple(item for item in asks if isinstance(item, RouteFeature | RouteWish))
    return Wishes(
        routes=(*own, *_beside(own, operators.routes)),
        hosts=tuple(item for item in asks if isinstance(item, HostSetting)),
        upstreams=tuple(item for item in asks if isinstance(item, UpstreamSetting)),
        broken=sink.errors > before,
    )


def _of_everybody(
    route: OpenshiftRoute, sink: Sink, options: Options, defaults: Defaults
) -> Wishes:
    """Return what the ConfigMap requests for whatever has no annotations of its own."""
    meta = Meta(route.meta.namespace, route.meta.name, {}, {}, route.meta.created)
    plain = Ingress(meta, None, None, (), None, None, (), route.origin)
    return read_annotations(plain, sink, options, annotations_for(options), defaults)


def _beside(
    own: tuple[RouteFeature | RouteWish, ...], others: Iterable[RouteFeature | RouteWish]
) -> Iterator[RouteFeature | RouteWish]:
    """Yield what is requested of everybody and a Route does not decide itself."""
    kinds = {type(item) for item in own}
    directives = {item.directive for item in own if isinstance(item, Tuning)}
    for item in others:
        if isinstance(item, Tuning):
            if item.directive not in directives:
                yield item
        elif type(item) not in kinds:
            yield item


def _of_fields(route: OpenshiftRoute) -> Iterator[Ask]:
    tls = route.tls
    yield _https_policy(route)
    if tls is not None and tls.termination == REENCRYPT:
        yield from reencrypted(tls)
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


def _of_annotations(values: RouteValues) -> Iterator[Ask]:
    allowed = values.get(known.IP_ALLOWLIST)
    if allowed:
        yield AccessList((), addresses(allowed))
    if _is_unopened(values.route):
        return
    timeout = values.value(known.TIMEOUT)
    yield Tuning("proxy_connect_timeout", (known.KIND.connect_timeout,))
    yield Tuning("proxy_read_timeout", (timeout,))
    yield Tuning("proxy_send_timeout", (timeout,))
    yield from _limits(values)
    yield from _rewrite(values)
    yield from _endpoints(values)


def _is_unopened(route: OpenshiftRoute) -> bool:
    return route.tls is not None and route.tls.termination == PASSTHROUGH


def _limits(values: RouteValues) -> Iterator[Limits]:
    """Ten seconds have so many requests that may all come at once."""
    if not values.value(known.LIMITED):
        return
    meta = values.route.meta
    requests = values.get(known.RATE_HTTP) or 0
    connections = values.get(known.CONCURRENT) or 0
    if requests or connections:
        yield Limits(
            f"route_{meta.namespace}_{meta.name}",
            per_minute=6 * requests,
            connections=connections,
            at_once=requests,
        )


def _rewrite(values: RouteValues) -> Iterator[Rewrite]:
    """The router replaces the text of the path, so that ``/a`` with target ``/b/`` gives ``/b//``;
    a slash behind the path goes too where the target is ``/``.
    """
    target = values.get(known.REWRITE_TARGET)
    if target is None:
        return
    slash = "/?" if target == "/" else ""
    pattern = f"(?s)^{escaped(values.route.path)}{slash}(.*)$"
    yield Rewrite(Text((target, Variable("1"))), pattern=pattern)


def _endpoints(values: RouteValues) -> Iterator[AffinityWish | BalanceWish]:
    yield from chosen_by(values)
    if values.value(known.DISABLE_COOKIES):
        return
    tls, meta = values.route.tls, values.route.meta
    secure = tls is not None and tls.insecure != "Allow"
    # So the router names it: by the Route, with nothing before the blank.
    named = f" {meta.namespace}:{meta.name}".encode()
    same_site = values.value(known.COOKIE_SAME_SITE)
    yield AffinityWish(
        origin=values.place(known.COOKIE),
        name=values.get(known.COOKIE) or hashlib.md5(named, usedforsecurity=False).hexdigest(),
        path="/",
        domain="",
        max_age=None,
        samesite=next((item for item in ("Lax", "Strict", "None") if item == same_site), "None")
        if secure
        else "",
        conditional=False,
        secure=secure,
        unasked=not values.given(known.COOKIE),
    )


def _of_headers(values: RouteValues) -> Iterator[Ask]:
    """Later ones win, as in the router: what the Route's actions set comes last."""
    route, sink = values.route, values.sink
    if _is_unopened(route):
        return
    hsts = values.get(known.HSTS_HEADER) if route.tls is not None else None
    asked = tuple(header_asks(route, hsts, sink))
    decided = {item.name.lower() for item in asked if isinstance(item, RequestHeader)}
    for header in forwarded(values.value(known.FORWARDED)):
        if header.name.lower() not in decided:
            yield header
    yield from asked
