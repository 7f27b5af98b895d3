"""How much one client may request."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Values
from ingc.frontend.declarations.grammar import Grammar
from ingc.frontend.declarations.grammars import NETWORKS, addresses, integer
from ingc.frontend.wishes import Ask
from ingc.ir.features.limits import ADDRESS, Limits

_MOST_REQUESTS = 1_000_000
_MOST_CONNECTIONS = 65_535
"""More nginx does not take."""


def _up_to(most: int) -> Grammar[int]:
    return Grammar(
        name="limit",
        rule="signed",
        words=f"a whole number up to {most}; 0 sets no limit",
        examples=("10", "0"),
        wrong=("", "1.5", "ten", "5r/s", str(most + 1)),
        make=integer(-(2**31), most).make,
        write=str,
    )


LIMIT_CONNECTIONS = Annotation(
    "limit-connections",
    "Requests of one client at the same time, over all paths of the Ingress.",
    _up_to(_MOST_CONNECTIONS),
    default="0",
    rejects=True,
    see="limit_conn",
)
LIMIT_RPS = Annotation(
    "limit-rps",
    "Requests of one client in a second, over all paths of the Ingress.",
    _up_to(_MOST_REQUESTS),
    default="0",
    rejects=True,
    see="limit_req",
)
LIMIT_RPM = Annotation(
    "limit-rpm",
    "Requests of one client in a minute, over all paths of the Ingress.",
    _up_to(_MOST_REQUESTS),
    default="0",
    rejects=True,
    see="limit_req",
)
LIMIT_BURST_MULTIPLIER = Annotation(
    "limit-burst-multiplier",
    "How many times the rate of limit-rps or limit-rpm may come at once.",
    integer(1, 1000),
    default="5",
    see="limit_req",
)
LIMIT_ALLOWLIST = Annotation(
    "limit-allowlist",
    "Clients that have no limits.",
    NETWORKS,
    aliases=("limit-whitelist",),
    rejects=True,
    see="geo",
)
LIMIT_KEY = "limit-conn-zone-variable"
"""The ConfigMap's key for what distinguishes clients."""
_RATES = (LIMIT_RPS, LIMIT_RPM, LIMIT_CONNECTIONS)


def build(values: Values) -> Iterator[Ask]:
    """Request limits."""
    rps, rpm, connections = (max(values.get(rate) or 0, 0) for rate in _RATES)
    if not (rps or rpm or connections):
        return
    exempt = values.get(LIMIT_ALLOWLIST)
    yield Limits(
        f"{values.namespace}_{values.ingress}",
        per_second=rps,
        per_minute=rpm,
        connections=connections,
        burst=values.get(LIMIT_BURST_MULTIPLIER) or 5,
        exempt=addresses(exempt or ()),
        by=values.defaults.get(LIMIT_KEY, ADDRESS),
    )


FAMILY = Family("Limits", (*_RATES, LIMIT_BURST_MULTIPLIER, LIMIT_ALLOWLIST), build)
