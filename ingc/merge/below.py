"""Routes whose path ends with a slash: OpenShift's router sends them only what is below it.

Its regex of ``/api/`` begins so, and does not match ``/api``, which goes to the next shorter path.
A Prefix of an Ingress takes both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from ingc.frontend.intent import IntentRoute
from ingc.ir import Exact, Prefix
from ingc.merge.order import precedence


def is_below_alone(route: IntentRoute) -> bool:
    """Return whether a route takes what is below its path, and not the path without its slash."""
    path = route.match.path
    return route.kind.slash_below and path != "/" and path.endswith("/")


def with_own_paths(routes: Iterable[IntentRoute]) -> list[IntentRoute]:
    """Return the routes of a host by precedence, with who takes the paths without their slash."""
    found = sorted(routes, key=precedence)
    below = [route for route in found if is_below_alone(route)]
    if not below:
        return found
    exact = {route.match.path for route in found if isinstance(route.match, Exact)}
    made = [_taker(route, found) for route in below if route.match.path[:-1] not in exact]
    paths = {route.match.path for route in made}
    # A Prefix without the slash has nothing left but its own path.
    others = (r for r in found if not (isinstance(r.match, Prefix) and r.match.path in paths))
    return sorted((*others, *made), key=precedence)


def _taker(route: IntentRoute, routes: Iterable[IntentRoute]) -> IntentRoute:
    """Return the route that takes exactly the path without its slash; 503 where none would."""
    path = route.match.path[:-1]
    winner = next(_prefixes_of(path, routes), None)
    if winner is None:
        winner = dataclasses.replace(route, backend=None, weighted=())
    own = winner.path if winner.match.path == path else route.path[:-1]
    return dataclasses.replace(winner, match=Exact(path), path=own, path_type="Exact")


def _prefixes_of(path: str, routes: Iterable[IntentRoute]) -> Iterator[IntentRoute]:
    """Yield the routes that take a path as a prefix, the longest first."""
    for route in routes:
        prefix = route.match.path
        if isinstance(route.match, Exact) or (is_below_alone(route) and prefix[:-1] == path):
            continue
        if path == prefix or path.startswith(prefix.removesuffix("/") + "/"):
            yield route
