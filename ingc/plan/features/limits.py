"""How much one client may request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.limits import ADDRESS, Limits
from ingc.plan.layout import Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of, named
from ingc.syntax.text import Variable

_ROOM = "5m"
"""Of each zone: about 40000 clients (80000 for connections)."""


def plan_limits(feature: Limits, _place: RoutePlace) -> Iterator[Piece]:
    """Zones in ``http``, named after the Ingress and all that makes them differ."""
    key, maps = _key(feature)
    # nginx reloads no zone whose key is another than before.
    named_by = () if feature.by == ADDRESS else (feature.by,)
    http, inner = [], []
    for kind, unit, rate in (("rps", "s", feature.per_second), ("rpm", "m", feature.per_minute)):
        if rate:
            zone = f"{named(kind, feature.owner, rate, feature.exempt, *named_by)}_{feature.owner}"
            limited = (key, f"zone={zone}:{_ROOM}", f"rate={rate}r/{unit}")
            http.append(directive("limit_req_zone", *limited))
            burst = f"burst={feature.at_once or rate * feature.burst}"
            inner.append(directive("limit_req", f"zone={zone}", burst, "nodelay"))
    if feature.connections:
        zone = f"{named('conn', feature.owner, feature.exempt, *named_by)}_{feature.owner}"
        http.append(directive("limit_conn_zone", key, f"zone={zone}:{_ROOM}"))
        inner.append(directive("limit_conn", zone, feature.connections))
    yield Piece(Phase.LIMIT, tuple(inner), http=tuple(http), maps=maps)


def _key(feature: Limits) -> tuple[Variable, tuple[Map, ...]]:
    """Return the variable that distinguishes clients; nginx does not count where it is empty."""
    client = Variable(feature.by)
    if not feature.exempt:
        return client, ()
    limited = Variable(named("limited", feature.exempt))
    entries: tuple[tuple[Value, Value], ...] = (
        ("default", 1),
        *((network, 0) for network in feature.exempt),
    )
    key, by_key = map_of("limit_key", limited, ("0", ""), ("default", client))
    return key, (Map(None, limited, entries, "geo"), by_key)
