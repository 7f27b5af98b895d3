"""Canaries: an Ingress whose Services take a part of the requests of another's routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.annotations_balance import (
    AnnotationsOfCanaryIgnored,
    CanaryWeightRounded,
)
from ingc.frontend.annotations.affinity import COOKIE_NAME
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar, as_written
from ingc.frontend.declarations.grammars import BOOL, HEADER, integer, one_of
from ingc.frontend.wishes import Ask, CanaryWish
from ingc.ir.features.canary import HeaderRule
from ingc.syntax.regex.reading import BadRegex, captures, slow_part

BASIC = as_written(
    name="plain text",
    rule="basic",
    words="letters, digits and -._~/:",
    examples=("beta", "v1.2"),
    wrong=("", "a b", "a;b", "$x", '"a"'),
)


def _pattern(tokens: tuple[str, ...]) -> str:
    pattern = tokens[0]
    try:
        found = captures(pattern)
        slow = slow_part(pattern)
    except BadRegex as error:
        raise BadValue(f"it is no regex: {error.why}") from error
    if found.names:
        raise BadValue("a regex may have no named groups: they would set nginx's variables")
    if slow is not None:
        raise BadValue(f'"{slow}" can take very long to match')
    return pattern


PATTERN = Grammar(
    name="regex",
    rule="pattern",
    words="a regex of letters, digits and -._~/:^$[](){}*+?|&=\\,!@#% and spaces",
    examples=("^beta[0-9]+$", "DE|FR"),
    wrong=("", "(", "a;b", '"a"', "(?<host>a)", "(a+)+$"),
    make=_pattern,
    write=str,
)

CANARY = Annotation(
    "canary",
    "The Services take a part of the requests of rules with the same host and path; of several "
    "the oldest counts.",
    BOOL,
    default="false",
    see="split_clients",
)
CANARY_BY_HEADER = Annotation(
    "canary-by-header",
    "A header that sends a request to the canary (always) or keeps it from it (never).",
    HEADER,
    risk=Risk.MEDIUM,
    needs="canary",
    see="map",
)
CANARY_BY_HEADER_VALUE = Annotation(
    "canary-by-header-value",
    "The value of the header that sends a request to the canary, instead of always and never.",
    BASIC,
    risk=Risk.MEDIUM,
    needs="canary-by-header",
    see="map",
)
CANARY_BY_HEADER_PATTERN = Annotation(
    "canary-by-header-pattern",
    "A regex for the value of the header that sends a request to the canary.",
    PATTERN,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="canary-by-header",
    see="map",
)
CANARY_BY_COOKIE = Annotation(
    "canary-by-cookie",
    "A cookie that sends a request to the canary (always) or keeps it from it (never).",
    COOKIE_NAME,
    risk=Risk.MEDIUM,
    needs="canary",
    see="map",
)
CANARY_WEIGHT = Annotation(
    "canary-weight",
    "The share of the other requests that the canary takes, of canary-weight-total.",
    integer(),
    default="0",
    needs="canary",
    see="split_clients",
)
CANARY_WEIGHT_TOTAL = Annotation(
    "canary-weight-total",
    "What canary-weight is a share of; 100 or less is 100.",
    integer(),
    default="100",
    needs="canary-weight",
)
AFFINITY_CANARY_BEHAVIOR = Annotation(
    "affinity-canary-behavior",
    "With affinity: clients stay with the canary (sticky), or are drawn anew (legacy).",
    one_of("sticky", "legacy"),
    default="sticky",
    needs="canary",
)

_LEAST_TOTAL = 100
_LEAST_SHARE = 0.01
"""Percent, in nginx's ``split_clients``."""
_ALL: tuple[Annotation[Any], ...] = (
    CANARY,
    CANARY_BY_HEADER,
    CANARY_BY_HEADER_VALUE,
    CANARY_BY_HEADER_PATTERN,
    CANARY_BY_COOKIE,
    CANARY_WEIGHT,
    CANARY_WEIGHT_TOTAL,
    AFFINITY_CANARY_BEHAVIOR,
)
_OWN = frozenset(
    {
        *(item.name for item in _ALL),
        "load-balance",
        "upstream-hash-by",
        "upstream-hash-by-subset",
        "upstream-hash-by-subset-size",
        "service-upstream",
    }
)
"""What a canary sets for itself; all else is the primary's."""


def own_of_canary(texts: Mapping[str, str], place: Origin, sink: Sink) -> Mapping[str, str]:
    """Return the annotations of an Ingress that count: of a canary not all do.

    The others are reported once, at ``place``.
    """
    try:
        canary = CANARY.grammar.read(texts.get(CANARY.name, "false"))
    except BadValue:
        return texts
    ignored = tuple(name for name in texts if name not in _OWN)
    if not canary or not ignored:
        return texts
    sink.report(AnnotationsOfCanaryIgnored(annotations=ignored), place)
    return {name: text for name, text in texts.items() if name in _OWN}


def build(values: Values) -> Iterator[Ask]:
    """Request a part of others' requests."""
    if not values.own(CANARY):
        return
    header = values.own(CANARY_BY_HEADER)
    rule = None
    if header is not None:
        value = values.own(CANARY_BY_HEADER_VALUE)
        pattern = values.own(CANARY_BY_HEADER_PATTERN) if value is None else None
        rule = HeaderRule(header, value, pattern)
    weight = values.own(CANARY_WEIGHT)
    total = max(_LEAST_TOTAL, values.own(CANARY_WEIGHT_TOTAL) or 0)
    cookie = values.own(CANARY_BY_COOKIE) or ""
    percent = _percent(weight or 0, total)
    if weight is not None and _is_far(percent, min(100.0, 100 * weight / total)):
        rounded = CanaryWeightRounded(weight=weight, total=total, percent=f"{percent:g}")
        values.report(rounded, CANARY_WEIGHT)
    yield CanaryWish(
        origin=values.place(CANARY),
        header=rule,
        cookie=cookie,
        percent=percent,
        sticky=values.own(AFFINITY_CANARY_BEHAVIOR) != "legacy",
        decides=rule is not None or bool(cookie) or weight is not None,
    )


def _percent(weight: int, total: int) -> float:
    """Return a share as nginx can split requests, which is neither none nor all unless it is."""
    if not 0 < weight < total:
        return 100.0 if weight else 0.0
    return min(max(round(100 * weight / total, 2), _LEAST_SHARE), 100 - _LEAST_SHARE)


def _is_far(percent: float, wanted: float) -> bool:
    """Return whether either side gets a tenth more or less of its requests than it should."""
    return abs(percent - wanted) > min(wanted, 100 - wanted) / 10 + 1e-9


FAMILY = Family("Canary", _ALL, build)
