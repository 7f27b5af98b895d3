"""Canary Ingresses → the routes that they take requests from."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.annotations_balance import CanaryNotUsed, CanarySplitsFewerRoutes
from ingc.frontend.intent import Intent, IntentRoute
from ingc.frontend.wishes import CanaryWish, RedirectWish
from ingc.ir.features.rewrite import Rewrite
from ingc.k8s.backend import ServiceBackend
from ingc.merge.regexes import raw_path

Routes = tuple[IntentRoute, ...]
_Path = tuple[str, tuple[bool, str]]
"""A host, and a path as it is written."""
_Key = tuple[*_Path, str]
"""And the namespace: a path may stand twice on a host, where one of the two is a regex."""
_Service = tuple[str, str, int | str]
_Numbered = tuple[int, _Key, IntentRoute]
_ALIKE = "give it the host, path and pathType of a rule of another Ingress"
_SHOWN = 3


def attach(
    primaries: Mapping[str, Routes], canaries: Iterable[Intent], sink: Sink
) -> dict[str, Routes]:
    """Return the live routes of each host, those with a canary knowing it.

    ``canaries`` come in order: the first of a route counts. What can't be attached is reported.
    """
    known = {
        (host, raw_path(r), r.namespace): r for host, found in primaries.items() for r in found
    }
    others = {(host, path): route for (host, path, _), route in known.items()}
    attached: dict[_Key, IntentRoute] = {}
    by_service = _by_service(known)
    for intent in canaries:
        wish = intent.canary
        if wish is not None and _can_take_any(intent, wish, sink):
            found = _keys_of(intent, known, others, attached, sink)
            attached.update(found)
            services = dict.fromkeys(filter(None, (_service(known[key]) for key in found)))
            alike = [by_service.get(service, ()) for service in services]
            _report_others(intent, found.keys(), alike, sink)
    return {
        host: tuple(
            dataclasses.replace(
                route, canary=attached.get((host, raw_path(route), route.namespace))
            )
            for route in routes
        )
        for host, routes in primaries.items()
    }


def _can_take_any(intent: Intent, wish: CanaryWish, sink: Sink) -> bool:
    if intent.default is not None:
        why = "a canary's default backend takes nothing"
        fix = "write a rule with host, path and pathType of the rule that is meant"
        sink.report(CanaryNotUsed(canary=intent.name, why=why, fix=fix), intent.default.origin)
    if not wish.decides and not intent.asked.broken:
        why = "nothing says which requests are meant for it"
        fix = "add canary-weight, canary-by-header or canary-by-cookie"
        sink.report(CanaryNotUsed(canary=intent.name, why=why, fix=fix), wish.origin)
    return wish.decides and not intent.asked.broken


def _keys_of(
    intent: Intent,
    known: Mapping[_Key, IntentRoute],
    others: Mapping[_Path, IntentRoute],
    attached: Mapping[_Key, IntentRoute],
    sink: Sink,
) -> dict[_Key, IntentRoute]:
    found: dict[_Key, IntentRoute] = {}
    for route in intent.routes:
        if route.broken:
            continue
        path = route.host, raw_path(route)
        key = (*path, route.namespace)
        primary = known.get(key) or others.get(path)
        first = attached.get(key) or found.get(key)
        refused = _refused(route, primary, first)
        if refused is None:
            found[key] = route
            continue
        why, fix = refused
        meant = first or primary
        also = [Related(meant.origin, "the rule that is meant")] if meant else []
        sink.report(CanaryNotUsed(canary=intent.name, why=why, fix=fix), route.origin, also)
    return found


def _refused(
    route: IntentRoute, primary: IntentRoute | None, first: IntentRoute | None
) -> tuple[str, str] | None:
    """Return why a canary can't have a rule, and what to do about it."""
    if primary is None:
        return "no other Ingress has this host, path and pathType", _ALIKE
    if primary.namespace != route.namespace:
        # Else whoever may write an Ingress could take a part of anybody's requests.
        return f"the rule belongs to another namespace, {primary.namespace}", _ALIKE
    if first is not None:
        return f"{first.name} is the canary of this rule already", "remove one of the two"
    if _service(primary) == _service(route):
        return "it has the same Service as the rule itself", "name the other Service"
    return None


def _service(route: IntentRoute) -> _Service | None:
    backend = route.backend
    if not isinstance(backend, ServiceBackend):
        return None
    return route.namespace, backend.name, backend.port


def _redirects(route: IntentRoute) -> bool:
    rewrite = route.asks(Rewrite)
    return route.asks(RedirectWish) is not None or (rewrite is not None and rewrite.redirects)


def _by_service(known: Mapping[_Key, IntentRoute]) -> dict[_Service, list[_Numbered]]:
    """Return the routes that send requests to a Service, by that."""
    found: dict[_Service, list[_Numbered]] = {}
    for number, (key, route) in enumerate(known.items()):
        service = _service(route)
        if service is not None and not _redirects(route):
            found.setdefault(service, []).append((number, key, route))
    return found


def _report_others(
    intent: Intent, split: Collection[_Key], alike: Iterable[Sequence[_Numbered]], sink: Sink
) -> None:
    """Report the routes that ingress-nginx would split too: those of the same Services."""
    in_order = heapq.merge(*alike, key=lambda item: item[0])
    left = (route for _, key, route in in_order if key not in split)
    others = list(islice(left, _SHOWN + 1))
    wish = intent.canary
    if others and wish is not None:
        first = _service(others[0])
        named = [f"{route.host}{route.path}" for route in others[:_SHOWN]]
        named += ["…"] if len(others) > _SHOWN else []
        service = f"{first[0]}/{first[1]}" if first else ""
        sink.report(CanarySplitsFewerRoutes(service=service, others=tuple(named)), wish.origin)
