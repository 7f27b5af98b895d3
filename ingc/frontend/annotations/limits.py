"""How much one client may request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect
from ingc.frontend.annotations.declare import OWN_PREFIX, Annotation, Family, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import HEADER, NETWORKS, addresses, integer
from ingc.frontend.wishes import Ask
from ingc.ir.features.limits import ADDRESS, Limits, SentKey

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
_IP: Literal["ip"] = "ip"


def _limited_by(tokens: tuple[str, ...]) -> SentKey | Literal["ip"]:
    if tokens == (_IP,):
        return _IP
    kind, name, *more = tokens
    if kind == "cookie:":
        return SentKey("cookie", name, bool(more))
    try:
        return SentKey("header", HEADER.read(name), bool(more))
    except BadValue:
        raise BadValue(f'"{name}" is no name of a header') from None


def _written(value: SentKey | Literal["ip"]) -> str:
    if isinstance(value, str):
        return value
    return f"{value.sent_as}:{value.name}{'+ip' if value.address else ''}"


LIMIT_BY = Annotation(
    f"{OWN_PREFIX}limit-by",
    "What has the limits: an address, or a value of a header or cookie (without it the "
    "address), or both.",
    Grammar(
        name="key of limits",
        rule="limited_by",
        words='ip, or header:NAME or cookie:NAME, with "+ip" after it for the address too',
        examples=("header:X-Api-Key", "cookie:session", "header:X-Api-Key+ip", _IP),
        wrong=("", "X-Api-Key", "header:", "header:A B", "header:a.b", "ip+header:a", "$host"),
        make=_limited_by,
        write=_written,
    ),
    default=_IP,
    rejects=True,
    see="limit_req_zone",
)
LIMIT_KEY = "limit-conn-zone-variable"
"""The ConfigMap's key for what distinguishes clients."""
_RATES = (LIMIT_RPS, LIMIT_RPM, LIMIT_CONNECTIONS)


def build(values: Values) -> Iterator[Ask]:
    """Request limits."""
    rps, rpm, connections = (max(values.get(rate) or 0, 0) for rate in _RATES)
    if not (rps or rpm or connections):
        if values.given(LIMIT_BY) and not values.wrong.intersection(item.name for item in _RATES):
            needs = ", ".join(item.name for item in _RATES[:-1]) + f" or {_RATES[-1].name}"
            values.report(AnnotationWithoutEffect(LIMIT_BY.name, needs), LIMIT_BY)
        return
    exempt, by = values.get(LIMIT_ALLOWLIST), values.own(LIMIT_BY)
    if by is None:
        by = values.defaults.get(LIMIT_KEY, ADDRESS)
    yield Limits(
        f"{values.namespace}_{values.ingress}",
        per_second=rps,
        per_minute=rpm,
        connections=connections,
        burst=values.get(LIMIT_BURST_MULTIPLIER) or 5,
        exempt=addresses(exempt or ()),
        by=ADDRESS if by == _IP else by,
    )


FAMILY = Family("Limits", (*_RATES, LIMIT_BURST_MULTIPLIER, LIMIT_ALLOWLIST, LIMIT_BY), build)
