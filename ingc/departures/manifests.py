"""The manifests as the kinds read them: objects, IR and findings, indexed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from ingc.departures.departure import Departure, DepartureKind, SampleRequest
from ingc.diagnostics import Diagnostic, FieldPath, ObjectRef, Origin, Sink
from ingc.frontend import select_ingresses
from ingc.ir import Config, Host, Route
from ingc.ir.features.redirects import AppRoot
from ingc.k8s.ingress import Ingress
from ingc.k8s.store import Store
from ingc.kinds import USUAL
from ingc.match import Match, Oracle
from ingc.options import Options

_UNNAMED = "unnamed.example"
"""A name that no rule has."""
UNMATCHED = ("/no-such-path", "/~none", "/0", "/")
"""Paths that rules hardly take."""


class RoutedAt(NamedTuple):
    """A route that serves, and its host."""

    host: Host
    route: Route


class Manifests:
    """A compiled input, with what is looked up in it."""

    def __init__(
        self,
        store: Store,
        config: Config,
        findings: Iterable[Diagnostic],
        options: Options,
    ) -> None:
        self.store = store
        self.config = config
        self.findings = tuple(findings)
        self.options = options

    @cached_property
    def ingresses(self) -> tuple[Ingress, ...]:
        """Those of our classes, as ingress-nginx orders them: the older first, then the last by
        name.
        """
        selected = select_ingresses(self.store, Sink(), self.options)
        by_name = sorted(selected, key=lambda item: item.meta.namespaced, reverse=True)
        return tuple(sorted(by_name, key=lambda item: (not item.meta.created, item.meta.created)))

    @cached_property
    def routed(self) -> tuple[RoutedAt, ...]:
        """All routes of Ingresses that take requests, default backends too."""
        return tuple(
            RoutedAt(host, route)
            for host in self.config.hosts
            for route in (*host.routes, host.default)
            if route.origin.name and route.origin.kind is USUAL
        )

    @cached_property
    def _by_host(self) -> Mapping[str, tuple[Ingress, ...]]:
        found: dict[str, list[Ingress]] = defaultdict(list)
        for item in self.ingresses:
            if self.annotation(item, "canary") != "true":
                for name in dict.fromkeys(rule.host for rule in item.rules):
                    found[name].append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def _oracle(self) -> Oracle:
        return Oracle(self.config)

    def naming(self, host: str) -> tuple[Ingress, ...]:
        """Return the Ingresses, canaries left out, whose rules name a host, in their order."""
        return self._by_host.get(host, ())

    def annotation(self, ingress: Ingress, name: str) -> str | None:
        """Return the text of an annotation of ingress-nginx; ``None`` where there is none."""
        return ingress.meta.annotations.get(f"{self.options.annotations_prefix}/{name}")

    def place_of(self, ingress: Ingress, name: str) -> Origin:
        """Return the place of an annotation."""
        key = f"{self.options.annotations_prefix}/{name}"
        return ingress.origin.at("metadata", "annotations", key, key=True)

    def unmatched(self, host: Host) -> str | None:
        """Return a path that no route of a host takes; ``None`` where none is found."""
        name = name_of(host.name)
        for path in UNMATCHED:
            found = self.answer(name, path, secure=host.answers_https)
            to_root = path == "/" and host.feature(AppRoot) is not None
            if found.host is host and not to_root and found.route in (None, host.default):
                return path if not host.default.origin.name else None
        return None

    def answer(self, host: str, path: str, *, secure: bool = False) -> Match:
        """Return what becomes of a GET for a path of a host."""
        return self._oracle.match(host, path, scheme="https" if secure else "http")


def place_of(route: Route, *field: str) -> Origin:
    """Return the place of a route in its Ingress, or of a field below it."""
    origin = route.origin
    path: FieldPath = (*origin.path, *field)
    return Origin(ObjectRef("Ingress", origin.namespace, origin.name), path, origin.source)


def met_by(
    route: Route,
    kind: DepartureKind,
    request: SampleRequest,
    theirs: str,
    ours: str,
    why: str,
    *field: str,
    general: bool = False,
) -> Departure:
    """Return what a route meets, at its place, or at a field below it."""
    origin = place_of(route, *field)
    return Departure(kind, origin, route.origin.ingress, request, theirs, ours, why, general)


def name_of(host: str) -> str:
    """Return a name that the host of a rule serves."""
    if not host:
        return _UNNAMED
    return f"some{host[1:]}" if host.startswith("*") else host


def request_for(
    host: Host,
    path: str,
    *headers: tuple[str, str],
    scheme: str = "http",
    method: str = "GET",
) -> SampleRequest:
    """Return a request for a path of a host."""
    return SampleRequest(method, f"{scheme}://{name_of(host.name)}{path}", headers)


def scheme_of(placed: RoutedAt) -> str:
    """Return the scheme with which a request gets as far as the route's own answer."""
    return "https" if placed.host.answers_https else "http"


def sample_path(route: Route) -> str:
    """Return a path for a route, as near to its rule as a reader expects; regexes as they are."""
    return route.path or "/"
