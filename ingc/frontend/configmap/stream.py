"""Plain TCP and UDP: how long they may take."""

from __future__ import annotations

import dataclasses
import re

from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues
from ingc.frontend.configmap.headers import PROXIES
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.grammars import BOOL, TIME, integer
from ingc.ir.stream import StreamPolicy

_UNITS = {"y": 31536000, "M": 2592000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}
_LONGEST = 365 * 24 * 3600


def _time(tokens: tuple[str, ...]) -> str:
    """Read a time that nginx takes: units from large to small, and nothing that overflows."""
    parts = re.findall(r"([0-9]+)(ms|[smhdwMy]?)", tokens[0])
    order = [[*_UNITS, "ms"].index(unit) for _, unit in parts]
    if order != sorted(set(order)):
        raise BadValue("its units must go from the largest to the smallest, each once")
    if sum(int(number) * _UNITS.get(unit, 0.001) for number, unit in parts) > _LONGEST:
        raise BadValue("it is longer than a year")
    return tokens[0]


_TIME = dataclasses.replace(
    TIME, make=_time, wrong=(*TIME.wrong, "1s1h", "1s1s", "2y", "999999999h")
)
TIMEOUT = Key(
    "proxy-stream-timeout",
    "How long a connection may be silent.",
    _TIME,
    default="600s",
    see="proxy_timeout",
)
NEXT = Key(
    "proxy-stream-next-upstream",
    "Try another endpoint where one takes no connection.",
    BOOL,
    default="true",
    see="proxy_next_upstream",
)
NEXT_TIMEOUT = Key(
    "proxy-stream-next-upstream-timeout",
    "For how long another endpoint is tried; 0 for ever.",
    _TIME,
    default="600s",
    see="proxy_next_upstream_timeout",
)
NEXT_TRIES = Key(
    "proxy-stream-next-upstream-tries",
    "How many endpoints are tried; 0 for all.",
    integer(),
    default="3",
    see="proxy_next_upstream_tries",
)
RESPONSES = Key(
    "proxy-stream-responses",
    "How many datagrams answer one of a client's, over UDP.",
    integer(),
    default="1",
    see="proxy_responses",
)

GROUP = KeyGroup("TCP and UDP", (TIMEOUT, NEXT, NEXT_TIMEOUT, NEXT_TRIES, RESPONSES))


def policy(values: KeyValues) -> StreamPolicy:
    """Return how long connections and datagrams may take."""
    return StreamPolicy(
        timeout=values.value(TIMEOUT),
        next_upstream=values.value(NEXT),
        next_upstream_timeout=values.value(NEXT_TIMEOUT),
        next_upstream_tries=values.value(NEXT_TRIES),
        responses=values.value(RESPONSES),
        proxies=tuple(str(item) for item in values.value(PROXIES)),
    )
