"""Whether a location belongs to a route, and an upstream to a host."""

from __future__ import annotations

from ingc.ir import Host, Redirect, Route, StatusAnswer
from ingc.ir.features.redirects import AppRoot
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect


def is_of(route: Route, location: Statement, apart: tuple[Statement, ...]) -> bool:
    """Return whether a location does what a route expects, and does not answer by itself before.

    ``apart`` is what a snippet has it do.
    """
    answer = next((item for item in location.all("return") if item not in apart), None)
    if answer is None:
        return True
    action = route.action
    if isinstance(action, StatusAnswer | Redirect):
        return answer.args[0] == str(action.status)
    return False


def is_app_root(host: Host, location: Statement) -> bool:
    """Return whether a location is a host's redirect from its root."""
    return bool(host.features) and host.feature(AppRoot) is not None and location.args == ("=", "/")


def uses(host: Host, upstream: str) -> bool:
    """Return whether a route of a host may send requests to an upstream."""
    return any(upstream in route.upstreams for route in (*host.routes, host.default))


def own_rewrites(place: InEffect, name: str) -> tuple[Statement, ...]:
    """Return a location's directives of a name that are not of a snippet's program."""
    found = place.here.all(name)
    return tuple([item for item in found if item not in place.apart]) if place.apart else found
