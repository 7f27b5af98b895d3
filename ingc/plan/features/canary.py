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
    is_secure,
    side_of,
)
from ingc.plan.features.session_names import attribute_words, cookie_word
from ingc.plan.layout import Literal, Map, Value
from ingc.plan.pieces import Piece, RoutePlace, map_of, named, word_of
from ingc.plan.upstreams import STICKY_INFIX
from ingc.syntax.naming import Words, dashed_word, is_one_word, word
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
    side, maps = _rule(canary, place.room)
    cookies = own.cookies
    if affinity is not None:
        pin = _to_its_side if canary.sticky else _to_the_primary
        side, more, cookies = pin(affinity, side, cookies, place)
        maps = (*maps, *more)
    chosen = {CANARY: other, PRIMARY: own}.get(side) if isinstance(side, str) else None
    if chosen is not None and chosen.by_name:
        return chosen
    entries = ((CANARY, other.where), ("default", own.where))
    words = (_place_word(own.where), _place_word(other.where), _side_word(side))
    where, up = map_of("upstream", side, *entries, words=words, room=place.room)
    # A map's regex makes nginx forget the captures of a rewrite, so it has to be evaluated before.
    first = place.route.feature(Rewrite) is not None
    return Balanced(
        where=UPSTREAM if first else where,
        maps=tuple(dict.fromkeys((*own.maps, *other.maps, *maps, up))),
        clones=tuple(dict.fromkeys((*own.clones, *other.clones))),
        cookies=cookies,
        fixed=where if first else None,
    )


def _rule(canary: Canary, room: int) -> tuple[Value, tuple[Map, ...]]:
    """Return which side a request is on, from the last question to the first."""
    side, maps = _share(canary.percent)
    if canary.cookie:
        given, more = cookie_value(canary.cookie)
        words = (word(given.name), *_else_words(side))
        entries = ((_ALWAYS, CANARY), (_NEVER, PRIMARY), ("default", side))
        side, by_side = map_of("by", given, *entries, words=words, room=room)
        maps = (*maps, *more, by_side)
    if canary.header:
        header = Variable("http_" + canary.header.name.lower().replace("-", "_"))
        words = (word(header.name), *_header_words(canary.header), *_else_words(side))
        chosen = _header_entries(canary.header)
        side, by_side = map_of("by", header, *chosen, ("default", side), words=words, room=room)
        maps = (*maps, by_side)
    return side, maps


def _share(percent: float) -> tuple[Value, tuple[Map, ...]]:
    if percent <= 0:
        return PRIMARY, ()
    if percent >= 100:
        return CANARY, ()
    share = f"{percent:.2f}".rstrip("0").rstrip(".")
    variable = Variable(named("share", share, words=(share.replace(".", "_"),)))
    entries: tuple[tuple[Value, Value], ...] = ((f"{share}%", CANARY), ("*", PRIMARY))
    return variable, (Map(Text((_REQUEST_ID,)), variable, entries, "split_clients"),)


def _side_word(side: Value) -> str | None:
    """Return the last word of a name for what decides on a side."""
    return side if isinstance(side, str) else word_of(side)


def _else_words(side: Value) -> Words:
    """Return the last words of a name, about whom nothing before has decided on."""
    return () if side == PRIMARY else ("else", _side_word(side))


def _header_words(header: HeaderRule) -> Words:
    if header.value is not None:
        return ("is", word(header.value))
    return () if header.pattern is None else (None,)


def _place_word(where: Value) -> str | None:
    """Return a word, of several, for an upstream or a form of it with sessions."""
    if not isinstance(where, str):
        found = word_of(where)
    else:
        name, infix, session = where.partition(STICKY_INFIX)
        base = dashed_word(name)
        found = f"{base}_sticky_{session}" if infix and base else base
    return found if found is not None and is_one_word(found) else None


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
    words = (word(given.name), *_else_words(rule))
    side, by_side = map_of("side", given, *known, ("default", rule), words=words, room=place.room)
    attributes, more = attributes_of(affinity, place)
    fresh = Text((f"{name}=", *((rule,) if isinstance(rule, str | Variable) else ()), *attributes))
    keys = tuple((key, "") for key, _ in known)
    words = (
        cookie_word(affinity.name),
        *attribute_words(affinity, secure=is_secure(affinity, place)),
        "else",
        _side_word(rule),
    )
    cookie, setting = map_of(
        "set_side", given, *keys, ("default", fresh), words=words, room=place.room
    )
    return side, (*maps, by_side, *more, setting), (*cookies, cookie)


def _to_the_primary(
    affinity: Affinity, rule: Value, cookies: tuple[Value, ...], place: RoutePlace
) -> _Pinned:
    """The canary sets no cookie, so whoever has one belongs to the primary."""
    given, maps = cookie_value(affinity.name)
    words = (word(given.name), _side_word(rule))
    side, by_side = map_of(
        "first_side", given, ("", rule), ("default", PRIMARY), words=words, room=place.room
    )
    made = [
        map_of(
            "primary_cookie",
            side,
            (PRIMARY, value),
            ("default", ""),
            words=_pair(value, side),
            room=place.room,
        )
        for value in cookies
    ]
    kept = tuple(variable for variable, _ in made)
    return side, (*maps, by_side, *(made_map for _, made_map in made)), kept


def _pair(cookie: Value, side: Value) -> Words:
    """Return words for a cookie that one side sets."""
    value = word_of(cookie, "set_cookie")
    return (
        value if value is not None and is_one_word(value) else None,
        word_of(side, "first_side"),
    )


def plan_canary(_feature: Canary, place: RoutePlace) -> Iterator[Piece]:
    """The maps, the cookies, and the upstreams with sessions; of affinity too."""
    made = balanced(place)
    if made is not None:
        yield from balancing(made, place)
