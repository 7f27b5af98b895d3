"""How much one client may request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingc.ir.features.limits import ADDRESS, Limits, SentKey
from ingc.model.tree import Statement
from ingc.prove.cookies import cookie_of, seen_cookie
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_number
from ingc.prove.written import Written

_RATE = re.compile(r"([0-9]+)r/([sm])").fullmatch
_ROOM = "5m"
"""Of each zone."""
_OWNER = re.compile(r"ingc_(?:conn|rp[sm]_[0-9]+)_(.+?)(?:___.+)?").fullmatch
"""A name of a zone, which holds the Ingress's."""
_HEADER = "$http_"
_LONGEST = 1900
"""Bytes of a value that is counted."""
_NOT_SENT = (("", "a$binary_remote_addr"), (f"~^.{{{_LONGEST + 1}}}", "a$binary_remote_addr"))
"""How the address counts where a value is missing or too long."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """Whose requests a zone counts together."""

    owner: str
    by: str | SentKey
    exempt: tuple[str, ...]


_Found = tuple[str, int, tuple[int, int] | None, _Counted]
"""The field of a limit, its number, its burst if it has one, and whom it counts."""


def read_limits(place: InEffect) -> Limits | None:
    """Return the limits in effect; ``None``: there is none."""
    numbers: dict[str, set[int]] = {}
    counted: dict[str, list[_Counted]] = {}
    bursts: set[tuple[int, int]] = set()
    for name, number, burst, whose in (*_rates(place), *_connections(place)):
        numbers.setdefault(name, set()).add(number)
        counted.setdefault(name, []).append(whose)
        bursts.update(() if burst is None else (burst,))
    if not counted:
        return None
    several = next((name for name, found in numbers.items() if len(found) > 1), None)
    if several is not None:
        raise NoValue(several, "several numbers")
    ways = set(map(tuple, counted.values()))
    if len(ways) > 1 or len(bursts) > 1:
        raise NoValue("by", "limits that count clients in different ways")
    whose = _joined(*ways)
    given = {name: found for name, (found,) in numbers.items()}
    times, at_once = next(iter(bursts), (0, 0))
    return Limits(
        whose.owner,
        per_second=given.get("per_second", 0),
        per_minute=given.get("per_minute", 0),
        connections=given.get("connections", 0),
        burst=times,
        exempt=whose.exempt,
        by=whose.by,
        at_once=at_once,
    )


def _rates(place: InEffect) -> Iterator[_Found]:
    """Yield the field of each limit of requests, its number, the burst, and whom it counts."""
    for item in place.all("limit_req"):
        given = dict(arg.partition("=")[::2] for arg in item.args)
        zone = place.written.zones.get(("limit_req", given.get("zone", "")))
        rate = _RATE(_rate_of(zone)) if zone is not None else None
        if zone is None or rate is None:
            raise NoValue("per_second", "a limit without a rate")
        number = int(rate[1])
        if "nodelay" not in item.args:
            raise NoValue("burst", "a burst that is delayed")
        burst = _burst(read_number(given.get("burst", "0"), "burst"), number)
        name = "per_second" if rate[2] == "s" else "per_minute"
        yield name, number, burst, _counted(place.written, given["zone"], zone)


def _connections(place: InEffect) -> Iterator[_Found]:
    for item in place.all("limit_conn"):
        zone = place.written.zones.get(("limit_conn", item.args[0]))
        if zone is None:
            raise NoValue("connections", "a limit without a zone")
        number = read_number(item.args[1], "connections")
        yield "connections", number, None, _counted(place.written, item.args[0], zone)


def _joined(way: tuple[_Counted, ...]) -> _Counted:
    """Return whom limits count together: one way, or by address first and by what is sent then."""
    first, last = way[0], way[-1]
    if len(way) == 1:
        return first
    if len(way) > 2 or replace(first, by=last.by) != last or first.by != ADDRESS:
        raise NoValue("by", "limits that count clients in different ways")
    if not isinstance(last.by, SentKey):
        raise NoValue("by", "two counts of the same clients")
    return replace(last, by=replace(last.by, address=True))


def _burst(requests: int, rate: int) -> tuple[int, int]:
    """Return how many times the rate a burst is, and 0; or 0 and its number of requests."""
    times, rest = divmod(requests, rate)
    return (0, requests) if rest else (times, 0)


def _rate_of(zone: Statement) -> str:
    return next((arg[5:] for arg in zone.args if arg.startswith("rate=")), "")


def _counted(written: Written, zone: str, made: Statement) -> _Counted:
    key, owner = made.args[0], _OWNER(zone)
    named = owner[1] if owner else zone
    if f"zone={zone}:{_ROOM}" not in made.args:
        raise NoValue("owner", f"a zone that has not {_ROOM}")
    by_key = written.blocks.get(key.removeprefix("$"))
    listed = written.blocks.get(by_key.source.removeprefix("$")) if by_key is not None else None
    if by_key is None or listed is None or listed.statement.name != "geo":
        return _Counted(named, _by(written, key), ())
    entries = dict(by_key.entries)
    if entries.get("0") != "":
        raise NoValue("exempt", "a key that leaves nobody out")
    if dict(listed.entries).get("default") != "1" or set(entries) != {"0", "default"}:
        raise NoValue("exempt", "a key that counts nobody")
    networks = sorted(key for key, value in listed.entries if value == "0")
    return _Counted(named, _by(written, entries["default"]), tuple(networks))


def _by(written: Written, key: str) -> str | SentKey:
    """Return what a key distinguishes clients by."""
    block = written.blocks.get(key.removeprefix("$"))
    if block is None:
        return key.removeprefix("$")
    value = block.source
    if block.statement.name != "map" or block.entries != (*_NOT_SENT, ("default", f"v{value}")):
        raise NoValue("by", f"what {key} distinguishes")
    cookie = cookie_of(value, written.blocks)
    if cookie:
        return SentKey("cookie", cookie)
    if not value.startswith(_HEADER):
        raise NoValue("by", f"what {key} distinguishes")
    return SentKey("header", value.removeprefix(_HEADER))


def seen_limits(expected: ExpectedRoute) -> Limits | None:
    """Return what can be seen of a route's limits; names of headers as variables have them."""
    own = expected.route.feature(Limits)
    if own is None or not (own.per_second or own.per_minute or own.connections):
        return None
    rate, by = own.per_second or own.per_minute, own.by
    burst, at_once = _burst(own.at_once or rate * own.burst, rate) if rate else (0, 0)
    if isinstance(by, SentKey):
        is_cookie = by.sent_as == "cookie"
        name = seen_cookie(by.name) if is_cookie else by.name.lower().replace("-", "_")
        by = replace(by, name=name)
    exempt = tuple(sorted(own.exempt))
    return replace(own, exempt=exempt, burst=burst, at_once=at_once, by=by)


def check_limits(feature: Limits) -> Iterator[tuple[str, ...]]:
    """Yield each limit with its burst, twice where there are two counts."""
    for _ in range(1 + (isinstance(feature.by, SentKey) and feature.by.address)):
        for rate, unit in ((feature.per_second, "s"), (feature.per_minute, "m")):
            if rate:
                yield "limit_req", f"{rate}r/{unit}", str(feature.at_once or rate * feature.burst)
        if feature.connections:
            yield "limit_conn", str(feature.connections)
