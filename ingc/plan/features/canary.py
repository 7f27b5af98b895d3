"""Which upstream gets a request of a route: one, or what maps choose for each request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Proxy, Upstream
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.canary import Canary, HeaderRule, side_cookie
from ingc.ir.features.rewrite import Rewrite
from ingc.plan.features.affinity import (
    UPSTREAM,
    Balanced,
    alone,
    attributes_of,
    balancing,
    cookie_value,
    side_of,
)
from ingc.plan.layout import Literal, Map, Value
from ingc.plan.pieces import Piece, RoutePlace, map_of, named
from ingc.syntax.text import Text, Variable

CANARY = "canary"
PRIMARY = "primary"
_REQUEST_ID = Variable("request_id")
_ALWAYS, _NEVER = Literal("~^always$"), Literal("~^never$")


def balanced(place: RoutePlace) -> Balanced | None:
    """Return how a route chooses its upstream; ``None``: it has one, as it is."""
    route = place.route
    canary = route.feature(Canary)
    if canary is None:
        return alone(place)
    if not isinstance(route.action, Proxy):
        return None
    own = place.upstreams[route.action.upstream]
    return _split(canary, route.feature(Affinity), own, place)


def plain_upstreams(host: Host) -> Iterator[str]:
    """Yield the names of the upstreams that some route of a host uses as they are."""
    for route in (*host.routes, host.default):
        if not route.features or route.feature(Affinity) is None:
            yield from route.upstreams
            continue
        for item in route.features:
            if not isinstance(item, Canary) or not item.sticky:
                yield from item.upstreams


def _split(
    canary: Canary, affinity: Affinity | None, upstream: Upstream, place: RoutePlace
) -> Balanced:
    own = side_of(upstream, affinity, place)
    other = side_of(place.upstreams[canary.upstream], affinity if canary.sticky else None, place)
    side, maps = _rule(canary)
    cookies = own.cookies
    if affinity is not None:
        pin = _to_its_side if canary.sticky else _to_the_primary
        side, more, cookies = pin(affinity, side, cookies, place)
        maps = (*maps, *more)
    chosen = {CANARY: other, PRIMARY: own}.get(side) if isinstance(side, str) else None
    if chosen is not None and chosen.by_name:
        return chosen
    where, up = map_of("upstream", side, (CANARY, other.where), ("default", own.where))
    # A map's regex makes nginx forget the captures of a rewrite, so it has to be evaluated before.
    first = place.route.feature(Rewrite) is not None
    return Balanced(
        where=UPSTREAM if first else where,
        maps=tuple(dict.fromkeys((*own.maps, *other.maps, *maps, up))),
        clones=tuple(dict.fromkeys((*own.clones, *other.clones))),
        cookies=cookies,
        fixed=where if first else None,
    )


def _rule(canary: Canary) -> tuple[Value, tuple[Map, ...]]:
    """Return which side a request is on, from the last question to the first."""
    side, maps = _share(canary.percent)
    if canary.cookie:
        given, more = cookie_value(canary.cookie)
        side, by_side = map_of(
            "by_cookie", given, (_ALWAYS, CANARY), (_NEVER, PRIMARY), ("default", side)
        )
        maps = (*maps, *more, by_side)
    if canary.header:
        entries = (*_header_entries(canary.header), ("default", side))
        name = canary.header.name.lower().replace("-", "_")
        side, by_side = map_of("by_header", Variable(f"http_{name}"), *entries)
        maps = (*maps, by_side)
    return side, maps


def _share(percent: float) -> tuple[Value, tuple[Map, ...]]:
    if percent <= 0:
        return PRIMARY, ()
    if percent >= 100:
        return CANARY, ()
    share = f"{percent:.2f}".rstrip("0").rstrip(".") + "%"
    variable = Variable(named("share", share))
    entries: tuple[tuple[Value, Value], ...] = ((share, CANARY), ("*", PRIMARY))
    return variable, (Map(Text((_REQUEST_ID,)), variable, entries, "split_clients"),)


def _header_entries(header: HeaderRule) -> tuple[tuple[Value, Value], ...]:
    if header.value is not None:
        # A plain key would match whatever the case.
        return ((Literal(f"~^{header.value.replace('.', '[.]')}$"), CANARY),)
    if header.pattern is not None:
        return ((Literal(f"~{header.pattern}"), CANARY),)
    return ((_ALWAYS, CANARY), (_NEVER, PRIMARY))


_Pinned = tuple[Value, tuple[Map, ...], tuple[Value, ...]]
"""The side that a request is on, the maps that it needs, and values of Set-Cookie."""


def _to_its_side(
    affinity: Affinity, rule: Value, cookies: tuple[Value, ...], place: RoutePlace
) -> _Pinned:
    """A cookie beside that of the session keeps a client on the side of its first answer."""
    name = side_cookie(affinity.name)
    given, maps = cookie_value(name)
    known = (Literal(f"~^{CANARY}$"), CANARY), (Literal(f"~^{PRIMARY}$"), PRIMARY)
    side, by_side = map_of("side", given, *known, ("default", rule))
    attributes, more = attributes_of(affinity, place)
    fresh = Text((f"{name}=", *((rule,) if isinstance(rule, str | Variable) else ()), *attributes))
    keys = tuple((key, "") for key, _ in known)
    cookie, setting = map_of("set_side", given, *keys, ("default", fresh))
    return side, (*maps, by_side, *more, setting), (*cookies, cookie)


def _to_the_primary(
    affinity: Affinity, rule: Value, cookies: tuple[Value, ...], _place: RoutePlace
) -> _Pinned:
    """The canary sets no cookie, so whoever has one belongs to the primary."""
    given, maps = cookie_value(affinity.name)
    side, by_side = map_of("side", given, ("", rule), ("default", PRIMARY))
    made = [map_of("set_cookie", side, (PRIMARY, value), ("default", "")) for value in cookies]
    kept = tuple(variable for variable, _ in made)
    return side, (*maps, by_side, *(made_map for _, made_map in made)), kept


def plan_canary(_feature: Canary, place: RoutePlace) -> Iterator[Piece]:
    """The maps, the cookies, and the upstreams with sessions; of affinity too."""
    made = balanced(place)
    if made is not None:
        yield from balancing(made, place)
