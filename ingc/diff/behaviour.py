"""What a route and a host do, without how they are named and where they were written."""

from __future__ import annotations

import dataclasses

from ingc.diff.feature_values import Meaning
from ingc.explain.compiled.api import CompiledAsker
from ingc.ir import Config, Host, Proxy, Route
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.rewrite import Rewrite

Behaviour = tuple[object, dict[str, object]]
"""Where the requests go, and what happens to them by name."""

Key = tuple[str, str, str]
"""Host, path and pathType: what makes a rule the same rule."""


class Side:
    """One of the two configurations."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.hosts = {host.name: host for host in config.hosts}
        self.asker = CompiledAsker(config)
        self.meaning = Meaning(config)
        self._upstreams = {upstream.name: upstream for upstream in config.upstreams}
        self.keys = {
            key_of(host.name, route) for host in config.hosts for route in _all_routes(host)
        }
        self._behaviours: dict[int, Behaviour] = {}

    def behaviour(self, route: Route) -> Behaviour:
        """Return what a route does."""
        found = self._behaviours.get(id(route))
        if found is None:
            found = self._behaviours.setdefault(id(route), self._behaviour(route))
        return found

    def _behaviour(self, route: Route) -> Behaviour:
        does = self.meaning.of(route.features) if route.features else {}
        rewrite = route.feature(Rewrite) if route.features else None
        if rewrite is not None:
            does["rewrite"] = dataclasses.replace(rewrite, pattern=rewrite.pattern or route.path)
        action = route.action
        if not isinstance(action, Proxy):
            return action, does
        upstream = self._upstreams[action.upstream]
        if upstream.features:
            does.update(self.meaning.of(upstream.features))
        if upstream.shares:
            does["weights"] = ", ".join(map(str, upstream.shares))
        outside = upstream.outside_name
        if outside is not None:
            does["external name"] = outside
        return (upstream.service.name, str(upstream.service.port), outside), does

    def print_of(self, host: Host) -> object:
        """Return all that a host does; two equal ones answer every request alike."""
        https = host.https
        return (
            [(route.match, self.behaviour(route)) for route in host.routes],
            self.behaviour(host.default),
            bool(host.default.origin.name),
            host.regex,
            (https.redirect, host.answers_https) if https else None,
            self.meaning.of(host.features),
        )

    def host_does(self, host: Host) -> dict[str, object]:
        """Return what a whole host does that its paths don't show."""
        return self.meaning.of(item for item in host.features if not isinstance(item, Passthrough))


def _all_routes(host: Host) -> tuple[Route, ...]:
    return (*host.routes, host.default) if host.default.origin.name else host.routes


def key_of(host: str, route: Route) -> Key:
    """Return what identifies a rule on both sides."""
    return host, route.path, route.path_type
