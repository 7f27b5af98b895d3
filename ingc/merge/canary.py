"""Canary Ingresses → the routes that they take requests from."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.annotations_balance import CanaryNotUsed, CanarySplitsFewerRoutes
from ingc.frontend.intent import Intent, IntentRoute
from ingc.frontend.wishes import CanaryWish, RedirectWish
from ingc.ir.features.rewrite import Rewrite
from ingc.merge.canary_services import Attached, Service, report_served_otherwise, service_of
from ingc.merge.regexes import raw_path

Routes = tuple[IntentRoute, ...]
_Raw = tuple[bool, str]
_Path = tuple[str, _Raw]
"""A host, and a path as it is written."""
_Key = tuple[*_Path, str]
"""And the namespace: a path may stand twice on a host, where one of the two is a regex."""
_Numbered = tuple[int, IntentRoute]
_Taken = Mapping[_Key, tuple[Intent, IntentRoute]]
_ALIKE = "give it the host, path and pathType of a rule of another Ingress"
_REMOVE = "remove one of the two"
_SHOWN = 3


def attach(
    primaries: Mapping[str, Routes], canaries: Iterable[Intent], sink: Sink
) -> dict[str, Routes]:
    """Return the live routes of each host, those with a canary knowing it.

    ``canaries`` come in order: the first of a route counts, also where it takes nothing. What can't
    be attached is reported.
    """
    rules = _Rules.of(primaries)
    taken: dict[_Key, tuple[Intent, IntentRoute]] = {}
    attached: list[Attached] = []
    for intent in canaries:
        wish = intent.canary
        if wish is None:
            continue
        _report_idle(intent, wish, sink)
        found = _keys_of(intent, rules, taken, sink)
        taken.update((key, (intent, route)) for key, route in found.items())
        split = tuple((rules.known[key], route) for key, route in found.items())
        takes = any(_takes_some(route) for _, route in split)
        attached.append(Attached(intent, wish, split, rules.missed(intent), takes))
    canary = {key: route for key, (_, route) in taken.items() if _takes_some(route)}
    whole = _by_service({key: r for key, r in rules.known.items() if key not in canary})
    for item in attached:
        if item.takes:
            services = dict.fromkeys(filter(None, (service_of(route) for route, _ in item.split)))
            _report_others(item.wish, [whole.get(service, ()) for service in services], sink)
    report_served_otherwise(attached, rules.known.values(), sink)
    return {
        host: tuple(
            dataclasses.replace(route, canary=canary.get((host, raw_path(route), route.namespace)))
            for route in routes
        )
        for host, routes in primaries.items()
    }


def _takes_some(route: IntentRoute) -> bool:
    wish = route.asks(CanaryWish)
    return wish is not None and wish.decides and not route.broken


def _key(route: IntentRoute) -> _Key:
    return route.host, raw_path(route), route.namespace


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a canary can't have a rule, and what to do about it."""

    why: str
    fix: str
    meant: IntentRoute | None = None
    first: IntentRoute | None = None
    """The canary's rule that has it."""

    def also(self) -> Iterator[Related]:
        """Yield the other places that matter."""
        if self.first is not None:
            yield Related(self.first.origin, "the canary that counts")
        if self.meant is not None:
            yield Related(self.meant.origin, "the rule that is meant")


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules that canaries can belong to."""

    known: Mapping[_Key, IntentRoute]
    on_hosts: Mapping[_Path, IntentRoute]
    """Whatever their namespace."""
    by_path: Mapping[_Raw, IntentRoute]
    """The first of a host with a name, for each path."""
    hosts: Collection[str]

    @classmethod
    def of(cls, primaries: Mapping[str, Routes]) -> _Rules:
        """Return the rules of all hosts."""
        routes = [(host, route) for host, found in primaries.items() for route in found]
        return cls(
            {(host, raw_path(route), route.namespace): route for host, route in routes},
            {(host, raw_path(route)): route for host, route in routes},
            {raw_path(route): route for host, route in reversed(routes) if host},
            primaries.keys(),
        )

    def meant(self, route: IntentRoute) -> IntentRoute | None:
        """Return the rule that a canary's rule names, of its own namespace where there is one."""
        key = _key(route)
        return self.known.get(key) or self.on_hosts.get(key[:2])

    def missed(self, intent: Intent) -> Routes:
        """Return the rules of a canary that name no other rule, on hosts that others name."""
        found = (route for route in intent.routes if route.host in self.hosts)
        return tuple(route for route in found if self.meant(route) is None)

    def why_missed(self, route: IntentRoute) -> _Refusal:
        """Return why a canary's rule names none, and which may be meant."""
        is_exact, path = raw_path(route)
        other = self.on_hosts.get((route.host, (not is_exact, path)))
        if other is not None:
            kind = "Prefix" if is_exact else "Exact"
            why = f"the rule with this path has pathType {kind}"
            return _Refusal(why, f"write pathType: {kind}", other)
        everywhere = self.on_hosts.get(("", (is_exact, path)))
        if everywhere is not None:
            why = "the rule with this path names no host, and the canary does"
            fix = "leave the host out, or give the rule that is meant a host too"
            return _Refusal(why, fix, everywhere)
        named = self.by_path.get((is_exact, path)) if not route.host else None
        if named is not None:
            why = "it names no host, and the rule with this path does"
            return _Refusal(why, f"name the host: {named.host}", named)
        return _Refusal("no other Ingress has this host, path and pathType", _ALIKE)


def _report_idle(intent: Intent, wish: CanaryWish, sink: Sink) -> None:
    if intent.default is not None:
        why = "a canary's default backend takes nothing"
        fix = "write a rule with host, path and pathType of the rule that is meant"
        sink.report(CanaryNotUsed(canary=intent.name, why=why, fix=fix), intent.default.origin)
    if not wish.decides and not intent.asked.broken:
        why = "nothing says which requests are meant for it"
        fix = "add canary-weight, canary-by-header or canary-by-cookie"
        sink.report(CanaryNotUsed(canary=intent.name, why=why, fix=fix), wish.origin)


def _keys_of(intent: Intent, rules: _Rules, taken: _Taken, sink: Sink) -> dict[_Key, IntentRoute]:
    """Return the rules that a canary has, each by the one that it names.

    One with errors keeps its place, so that its requests go to no other canary.
    """
    found: dict[_Key, IntentRoute] = {}
    for route in intent.routes:
        key = _key(route)
        own = (intent, found[key]) if key in found else None
        refused = _refused(intent, route, rules, taken.get(key) or own)
        if refused is None:
            found[key] = route
        if refused is None or route.broken:
            continue
        entry = CanaryNotUsed(canary=intent.name, why=refused.why, fix=refused.fix)
        sink.report(entry, route.origin, refused.also())
    return found


def _refused(
    intent: Intent, route: IntentRoute, rules: _Rules, first: tuple[Intent, IntentRoute] | None
) -> _Refusal | None:
    """Return why a canary can't have a rule; ``None``: it can."""
    primary = rules.meant(route)
    if primary is None:
        return rules.why_missed(route)
    if primary.namespace != route.namespace:
        # Else whoever may write an Ingress could take a part of anybody's requests.
        why = f"the rule belongs to another namespace, {primary.namespace}"
        return _Refusal(why, _ALIKE, primary)
    if first is not None:
        return _Refusal(*_after(first[0], intent), primary, first[1])
    if service_of(primary) == service_of(route):
        why = "it has the same Service as the rule itself"
        return _Refusal(why, "name the other Service", primary)
    return None


def _after(first: Intent, other: Intent) -> tuple[str, str]:
    """Return why another canary has a rule, and what to do."""
    if first is other:
        return "it has this rule already", _REMOVE
    taken = f"{first.name} is the canary of this rule already"
    if not (first.created and other.created):
        return taken, f"{_REMOVE}; in ingress-nginx the older one counts"
    if first.created == other.created:
        return f"{taken}, as it comes first by name", f"{_REMOVE}; ingress-nginx takes the last"
    return f"{taken}, as it is older", f"{_REMOVE}; in ingress-nginx the older one counts too"


def _redirects(route: IntentRoute) -> bool:
    rewrite = route.asks(Rewrite)
    return route.asks(RedirectWish) is not None or (rewrite is not None and rewrite.redirects)


def _by_service(known: Mapping[_Key, IntentRoute]) -> dict[Service, list[_Numbered]]:
    """Return the routes that send requests to a Service, by that."""
    found: dict[Service, list[_Numbered]] = {}
    for number, route in enumerate(known.values()):
        service = service_of(route)
        if service is not None and not _redirects(route):
            found.setdefault(service, []).append((number, route))
    return found


def _report_others(wish: CanaryWish, alike: Iterable[Sequence[_Numbered]], sink: Sink) -> None:
    """Report the routes that ingress-nginx would split too: those of the same Services."""
    in_order = heapq.merge(*alike, key=lambda item: item[0])
    others = [route for _, route in islice(in_order, _SHOWN + 1)]
    if others:
        first = service_of(others[0])
        named = [f"{route.host}{route.path}" for route in others[:_SHOWN]]
        named += ["…"] if len(others) > _SHOWN else []
        service = f"{first[0]}/{first[1]}" if first else ""
        sink.report(CanarySplitsFewerRoutes(service=service, others=tuple(named)), wish.origin)
