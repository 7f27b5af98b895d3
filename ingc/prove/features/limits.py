"""How much one client may request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingc.ir.features.limits import Limits
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect, Written
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_number

_RATE = re.compile(r"([0-9]+)r/([sm])").fullmatch
_ROOM = "5m"
"""Of each zone."""
_OWNER = re.compile(r"[a-z]+_[a-z]+_[0-9a-f]+_(.+)").fullmatch
_NOBODY = Limits("", burst=0)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Whose requests a zone counts together."""

    owner: str
    by: str
    exempt: tuple[str, ...]


def read_limits(place: InEffect) -> Limits | None:
    """Return the limits in effect; ``None``: there is none."""
    found = _NOBODY
    counted: set[_Counted] = set()
    bursts: set[tuple[int, int]] = set()
    for item in place.all("limit_req"):
        given = dict(arg.partition("=")[::2] for arg in item.args)
        zone = place.written.zones.get(("limit_req", given.get("zone", "")))
        rate = _RATE(_rate_of(zone)) if zone is not None else None
        if zone is None or rate is None:
            raise NoValue("per_second", "a limit without a rate")
        number = int(rate[1])
        if rate[2] == "s":
            found = replace(found, per_second=number)
        else:
            found = replace(found, per_minute=number)
        if "nodelay" not in item.args:
            raise NoValue("burst", "a burst that is delayed")
        bursts.add(_burst(read_number(given.get("burst", "0"), "burst"), number))
        counted.add(_counted(place.written, given["zone"], zone))
    for item in place.all("limit_conn"):
        zone = place.written.zones.get(("limit_conn", item.args[0]))
        if zone is None:
            raise NoValue("connections", "a limit without a zone")
        found = replace(found, connections=read_number(item.args[1], "connections"))
        counted.add(_counted(place.written, item.args[0], zone))
    if not counted:
        return None
    if len(counted) > 1 or len(bursts) > 1:
        raise NoValue("by", "limits that count clients in different ways")
    (whose,) = counted
    burst, at_once = next(iter(bursts), (0, 0))
    found = replace(found, burst=burst, at_once=at_once)
    return replace(found, owner=whose.owner, by=whose.by, exempt=whose.exempt)


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
    if by_key is None:
        return _Counted(named, key.removeprefix("$"), ())
    listed = written.blocks.get(by_key.source.removeprefix("$"))
    entries = dict(by_key.entries)
    if listed is None or listed.statement.name != "geo" or entries.get("0") != "":
        raise NoValue("exempt", "a key that leaves nobody out")
    if dict(listed.entries).get("default") != "1" or set(entries) != {"0", "default"}:
        raise NoValue("exempt", "a key that counts nobody")
    networks = sorted(key for key, value in listed.entries if value == "0")
    return _Counted(named, entries["default"].removeprefix("$"), tuple(networks))


def seen_limits(expected: ExpectedRoute) -> Limits | None:
    """Return what can be seen of a route's limits."""
    own = expected.route.feature(Limits)
    if own is None or not (own.per_second or own.per_minute or own.connections):
        return None
    rate = own.per_second or own.per_minute
    burst, at_once = _burst(own.at_once or rate * own.burst, rate) if rate else (0, 0)
    return replace(own, exempt=tuple(sorted(own.exempt)), burst=burst, at_once=at_once)


def check_limits(feature: Limits) -> Iterator[tuple[str, ...]]:
    """Yield each limit with its burst."""
    for rate, unit in ((feature.per_second, "s"), (feature.per_minute, "m")):
        if rate:
            yield "limit_req", f"{rate}r/{unit}", str(feature.at_once or rate * feature.burst)
    if feature.connections:
        yield "limit_conn", str(feature.connections)
