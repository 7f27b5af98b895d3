"""How much one client may request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.limits import ADDRESS, LONGEST_KEY, Limits, SentKey
from ingc.plan.features.affinity import cookie_value
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of, named
from ingc.syntax.text import Text, Variable

_ROOM = "5m"
"""Of each zone: about 40000 clients (80000 for connections), fewer where keys are long."""
_TOO_LONG = Literal(f"~^.{{{LONGEST_KEY + 1}}}")


def plan_limits(feature: Limits, _place: RoutePlace) -> Iterator[Piece]:
    """Zones in ``http``, named after the Ingress and all that makes them differ."""
    http: list[Directive] = []
    inner: list[Directive] = []
    maps: dict[Map, None] = {}
    # By address first: a request that is refused there gets no count in another zone.
    for client, made in _clients(feature.by):
        key, more = _counted(client, feature.exempt)
        maps.update(dict.fromkeys((*made, *more)))
        # nginx reloads no zone whose key is another than before.
        named_by = () if client == Variable(ADDRESS) else (client.name,)
        zones, uses = _zones(feature, key, named_by)
        http += zones
        inner += uses
    yield Piece(Phase.LIMIT, tuple(inner), http=tuple(http), maps=tuple(maps))


def _zones(
    feature: Limits, key: Variable, named_by: tuple[str, ...]
) -> tuple[list[Directive], list[Directive]]:
    """Return the zones that count by a key, and the directives that use them."""
    http, inner = [], []
    for kind, unit, rate in (("rps", "s", feature.per_second), ("rpm", "m", feature.per_minute)):
        if rate:
            zone = f"{named(kind, feature.owner, rate, feature.exempt, *named_by)}_{feature.owner}"
            limited = (key, f"zone={zone}:{_ROOM}", f"rate={rate}r/{unit}")
            http.append(directive("limit_req_zone", *limited))
            burst = f"burst={rate * feature.burst}"
            inner.append(directive("limit_req", f"zone={zone}", burst, "nodelay"))
    if feature.connections:
        zone = f"{named('conn', feature.owner, feature.exempt, *named_by)}_{feature.owner}"
        http.append(directive("limit_conn_zone", key, f"zone={zone}:{_ROOM}"))
        inner.append(directive("limit_conn", zone, feature.connections))
    return http, inner


def _clients(by: str | SentKey) -> Iterator[tuple[Variable, tuple[Map, ...]]]:
    """Yield the variables that distinguish clients, each with what defines it."""
    if isinstance(by, str):
        yield Variable(by), ()
        return
    if by.address:
        yield Variable(ADDRESS), ()
    value, maps = _sent(by)
    # The letters keep a value from being somebody's address.
    address, own = Text(("a", Variable(ADDRESS))), Text(("v", value))
    entries = (("", address), (_TOO_LONG, address), ("default", own))
    client, by_value = map_of("limit_by", value, *entries)
    yield client, (*maps, by_value)


def _sent(by: SentKey) -> tuple[Variable, tuple[Map, ...]]:
    if by.sent_as == "cookie":
        return cookie_value(by.name)
    return Variable(f"http_{by.name.lower().replace('-', '_')}"), ()


def _counted(client: Variable, exempt: tuple[str, ...]) -> tuple[Variable, tuple[Map, ...]]:
    """Return the variable by which nginx counts; where it is empty nginx does not."""
    if not exempt:
        return client, ()
    limited = Variable(named("limited", exempt))
    entries: tuple[tuple[Value, Value], ...] = (
        ("default", 1),
        *((network, 0) for network in exempt),
    )
    key, by_key = map_of("limit_key", limited, ("0", ""), ("default", client))
    return key, (Map(None, limited, entries, "geo"), by_key)
