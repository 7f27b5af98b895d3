"""Behaviour of ingress-nginx that other controllers do not have, which applications may rely on.

All of it stays as it is; whoever goes on to another controller later has to know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ingc.departures import place_of
from ingc.diagnostics import ObjectRef, Origin
from ingc.ir import Config, Host, Prefix, Regex, StatusAnswer
from ingc.ir.config import RegexCause, Route
from ingc.k8s.ingress import Ingress
from ingc.migrate.concerns import Met
from ingc.migrate.migration import ConcernSpot, spot_of
from ingc.migrate.weighing import Topic, Weight

_ANY_TYPE = "ImplementationSpecific"


def quirks(config: Config, ingresses: Iterable[Ingress]) -> Iterator[Met]:
    """Yield the quirks that Ingresses rely on, each with its place."""
    names = {item.meta.namespaced for item in ingresses}
    for host in config.hosts:
        for cause in host.regex_causes:
            yield _regex(host, cause)
        yield from _shared(host)
        yield from _unmatched(host, names)
        yield from _path_types(host)


_REGEX_TITLES: Mapping[str, str] = {
    "use-regex": "Paths are caseless regexes by use-regex, anchored at their start alone",
    "rewrite-target": "Paths are caseless regexes by rewrite-target, with use-regex or without",
}


def _regex(host: Host, cause: RegexCause) -> Met:
    origin = cause.origin
    at = Origin(
        ObjectRef("Ingress", origin.namespace, origin.name), origin.path, origin.source, key=True
    )
    others = {route.origin.ingress for route in host.routes if isinstance(route.match, Regex)}
    others.discard(origin.ingress)
    told = f"on {host.name or 'rules without a host'}"
    if others:
        told += f", for the paths of {', '.join(sorted(others)[:3])} too"
        told += f" and {len(others) - 3} more" if len(others) > 3 else ""
    title = _REGEX_TITLES.get(cause.annotation, f"Paths are regexes by {cause.annotation}")
    return _met(
        Topic.REGEX,
        title,
        "The whole host is switched: /app takes /APP and /application too, and the paths of other "
        "Ingresses of the namespace are regexes as well. It is so here too.",
        "before you leave nginx for another controller, end paths with $ or (/|$), and write the "
        "case that clients use",
        ConcernSpot(spot_of(at), told, ""),
        origin.ingress,
    )


def _shared(host: Host) -> Iterator[Met]:
    """Yield the guests of a host of another namespace, where they lose nothing."""
    tenancy = host.tenancy
    if tenancy is None or tenancy.ignored:
        return
    seen: set[str] = set()
    for route in host.routes:
        name = route.origin.ingress
        if route.origin.namespace in tenancy.others and name not in seen:
            seen.add(name)
            shared = f"{host.name or 'rules without a host'}: of namespace {tenancy.owner}"
            yield _met(
                Topic.SHARED,
                "Paths on a host of another namespace",
                "A host belongs to the namespace of its oldest Ingress, which alone may ask for "
                "what holds for all of it. Nothing that is there now changes by that.",
                "let both namespaces know; --host-owner gives the host to another one",
                ConcernSpot(spot_of(place_of(route)), shared, ""),
                name,
            )


def _unmatched(host: Host, ingresses: set[str]) -> Iterator[Met]:
    """Yield the Ingresses of a host that answers 404 for what none of its paths takes."""
    answer = host.default.action
    if not host.name or not isinstance(answer, StatusAnswer) or answer.status != 404:
        return
    if not host.routes or any(map(_takes_all, host.routes)):
        return
    seen: set[str] = set()
    for route in host.routes:
        name = route.origin.ingress
        if name in ingresses and name not in seen:
            seen.add(name)
            yield _met(
                Topic.ANSWERS,
                "Paths that no rule takes answer 404",
                "A host without a rule for / has a 404 of nginx for all else, not an answer of the "
                "application. It is so here too.",
                "add a rule for / or a defaultBackend where the application should answer",
                ConcernSpot(spot_of(place_of(route)), f"on {host.name}", ""),
                name,
            )


def _takes_all(route: Route) -> bool:
    """Return whether a route takes every path; of a regex only what is plain to see."""
    if isinstance(route.match, Regex):
        return route.path in ("/", "/(.*)", "/.*", "/()(.*)")
    return isinstance(route.match, Prefix) and route.match.path == "/"


def _path_types(host: Host) -> Iterator[Met]:
    if host.regex:
        return
    seen: set[str] = set()
    for route in host.routes:
        name = route.origin.ingress
        if route.path_type == _ANY_TYPE and route.path != "/" and name not in seen:
            seen.add(name)
            yield _met(
                Topic.REGEX,
                "ImplementationSpecific paths are taken as Prefix",
                "Kubernetes leaves their meaning to the controller; ingress-nginx and ingc take "
                "them by whole elements, other controllers otherwise.",
                "write pathType: Prefix, which says the same to everybody",
                ConcernSpot(spot_of(place_of(route, "pathType")), f"path {route.path}", ""),
                name,
            )


def _met(topic: Topic, title: str, reason: str, change: str, at: ConcernSpot, ingress: str) -> Met:
    return Met(topic, Weight.KEPT, "", title, title, reason, change, at, ingress)
