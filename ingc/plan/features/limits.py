"""How much one client may request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.limits import ADDRESS, LONGEST_KEY, Limits, SentKey
from ingc.plan.features.affinity import cookie_value
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of, named, word_of
from ingc.syntax.naming import network_word, word
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
        zones, uses = _zones(feature, key)
        http += zones
        inner += uses
    yield Piece(Phase.LIMIT, tuple(inner), http=tuple(http), maps=tuple(maps))


def _zones(feature: Limits, key: Variable) -> tuple[list[Directive], list[Directive]]:
    """Return the zones that count by a key, and the directives that use them."""
    http, inner = [], []
    for kind, unit, rate in (("rps", "s", feature.per_second), ("rpm", "m", feature.per_minute)):
        if rate:
            zone = _zone_name(f"{kind}_{rate}", feature, key)
            limited = (key, f"zone={zone}:{_ROOM}", f"rate={rate}r/{unit}")
            http.append(directive("limit_req_zone", *limited))
            burst = f"burst={feature.at_once or rate * feature.burst}"
            inner.append(directive("limit_req", f"zone={zone}", burst, "nodelay"))
    if feature.connections:
        zone = _zone_name("conn", feature, key)
        http.append(directive("limit_conn_zone", key, f"zone={zone}:{_ROOM}"))
        inner.append(directive("limit_conn", zone, feature.connections))
    return http, inner


def _zone_name(kind: str, feature: Limits, key: Variable) -> str:
    """Return the name of a zone: the Ingress's, with the key's where that is not the address.

    nginx reloads no zone whose key is another than before.
    """
    name = f"ingc_{kind}_{feature.owner}"
    return name if key == Variable(ADDRESS) else f"{name}___{word_of(key, 'limit') or key.name}"


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
    client, by_value = map_of("limit_by", value, *entries, words=(word(value.name),))
    yield client, (*maps, by_value)


def _sent(by: SentKey) -> tuple[Variable, tuple[Map, ...]]:
    if by.sent_as == "cookie":
        return cookie_value(by.name)
    return Variable(f"http_{by.name.lower().replace('-', '_')}"), ()


def _counted(client: Variable, exempt: tuple[str, ...]) -> tuple[Variable, tuple[Map, ...]]:
    """Return the variable by which nginx counts; where it is empty nginx does not."""
    if not exempt:
        return client, ()
    limited = Variable(named("limited", exempt, words=tuple(map(network_word, exempt))))
    entries: tuple[tuple[Value, Value], ...] = (
        ("default", 1),
        *((network, 0) for network in exempt),
    )
    sent = () if client == Variable(ADDRESS) else (word_of(client, "limit_by"),)
    words = (*sent, word_of(limited, "limited"))
    key, by_key = map_of("limit_key", limited, ("0", ""), ("default", client), words=words)
    return key, (Map(None, limited, entries, "geo"), by_key)
