"""How the endpoints of an OpenShift Route's Services are chosen: an upstream of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.diagnostics.catalogue.openshift import RouteBalanceBesideCookie
from ingc.frontend.wishes import BalanceWish, RouteWish
from ingc.ir import Action, Proxy, RouteFeature, UpstreamFeature
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime
from ingc.resolve.features.context import Granting
from ingc.syntax.text import Text, Variable
from ingc.target import STICKY, format_version, parse_version

_METHODS: dict[str, tuple[UpstreamFeature, ...]] = {
    "roundrobin": (),
    "random": (),
    "leastconn": (LeastConnections(),),
    "source": (HashBy(Text((Variable("binary_remote_addr"),))),),
}
"""nginx's own method is round robin, which spreads requests as evenly as chance does."""
_BESIDE_COOKIES = frozenset({"leastconn"})
"""What decides for clients without a cookie, where nginx sets cookies by itself."""
_OF_METHODS = (HashBy, LeastConnections, LeastTime)


def balanced(
    action: Action,
    wishes: Iterable[RouteFeature | RouteWish],
    features: Iterable[RouteFeature],
    granting: Granting,
) -> Action:
    """Return an action whose upstream chooses endpoints as a Route requests it, if one does.

    Others that use the same Service keep their own way.
    """
    wish = next((item for item in wishes if isinstance(item, BalanceWish)), None)
    if wish is None or not isinstance(action, Proxy) or granting.options.echo:
        return action
    chosen = _METHODS[wish.method]
    if any(isinstance(item, Affinity) for item in features):
        target = parse_version(granting.options.nginx_version)
        if chosen and not (wish.method in _BESIDE_COOKIES and target >= STICKY):
            newer = wish.method in _BESIDE_COOKIES
            fix = f"compile for nginx {format_version(STICKY)}, " if newer else ""
            finding = RouteBalanceBesideCookie(method=wish.method, newer=fix)
            granting.sink.report(finding, wish.origin)
            return action
        if not chosen:
            return action
    base = granting.upstreams.made(action.upstream)
    others = tuple(item for item in base.features if not isinstance(item, _OF_METHODS))
    if (*others, *chosen) == base.features:
        return action
    varied = dataclasses.replace(
        base, name=f"{base.name}_{wish.method}", features=(*others, *chosen)
    )
    return Proxy(granting.upstreams.add(varied))
