"""How requests are spread over the endpoints of a Service."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics.catalogue.annotations_balance import (
    LoadBalanceIsNearest,
    LoadBalanceNamesNoMethod,
)
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Scope, Values
from ingc.frontend.declarations.grammar import Grammar
from ingc.frontend.declarations.grammars import BOOL, integer, one_of, read_variables
from ingc.frontend.wishes import Ask, UpstreamSetting
from ingc.ir import UpstreamFeature
from ingc.ir.features.load_balance import HashBy, LeastTime, ServiceAddress
from ingc.syntax.text import Text
from ingc.target import LEAST_TIME, parse_version


def _hash_key(tokens: tuple[str, ...]) -> Text:
    # No header is made of it, so a line break in a value does no harm.
    return read_variables(tokens[0], decoded=True)


HASH_KEY = Grammar(
    name="hash key",
    rule="hash_key",
    words="letters, digits, - and _, in which $name is one of the variables that tell of the "
    "request",
    examples=("$request_uri", "$host$uri", "${remote_addr}x"),
    wrong=("", "$document_root", "$", "$a;", "a b", "/x"),
    make=_hash_key,
    write=str,
)

LOAD_BALANCE = Annotation(
    "load-balance",
    "How requests are spread: in turn (round_robin), or by response times (ewma: the nearest).",
    one_of("round_robin", "ewma", "chash", "chashsubset", "sticky_balanced", "sticky_persistent"),
    scope=Scope.UPSTREAM,
    default="round_robin",
    rejects=True,
    see="least_time",
)
UPSTREAM_HASH_BY = Annotation(
    "upstream-hash-by",
    "Requests for which this text is the same go to the same endpoint.",
    HASH_KEY,
    scope=Scope.UPSTREAM,
    risk=Risk.HIGH,
    rejects=True,
    see="hash",
)
SERVICE_UPSTREAM = Annotation(
    "service-upstream",
    "Pass requests to the Service's own address, where it has one, instead of its endpoints.",
    BOOL,
    scope=Scope.UPSTREAM,
    default="false",
    see="server",
)
UPSTREAM_HASH_BY_SUBSET = Annotation(
    "upstream-hash-by-subset",
    "Requests for which the text is the same go to the same few endpoints.",
    BOOL,
    scope=Scope.UPSTREAM,
    default="false",
    needs="upstream-hash-by",
    differs="takes one endpoint for a key, not a group of them",
    see="hash",
)
UPSTREAM_HASH_BY_SUBSET_SIZE = Annotation(
    "upstream-hash-by-subset-size",
    "How many endpoints one text may go to.",
    integer(1),
    scope=Scope.UPSTREAM,
    default="3",
    needs="upstream-hash-by-subset",
    differs="changes nothing, as one endpoint is taken for a key",
)

_DECIDED_BY = {"chash": "upstream-hash-by", "chashsubset": "upstream-hash-by"}


def build(values: Values) -> Iterator[Ask]:
    """Request a method, a hash, or the Service's address."""
    method = values.get(LOAD_BALANCE)
    if method is not None:
        yield from _method(method, values)
    key = values.get(UPSTREAM_HASH_BY)
    if key is not None:
        yield _setting(UPSTREAM_HASH_BY, HashBy(key), values)
    # A wrong value is "false", whatever the ConfigMap sets.
    given = values.given(SERVICE_UPSTREAM)
    by_service = values.own(SERVICE_UPSTREAM) if given else values.get(SERVICE_UPSTREAM)
    if by_service is not None:
        yield _setting(SERVICE_UPSTREAM, ServiceAddress() if by_service else None, values)


def _method(method: str, values: Values) -> Iterator[Ask]:
    if method == "ewma":
        new = parse_version(values.options.nginx_version) >= LEAST_TIME
        entry = LoadBalanceIsNearest(
            method="least_time header" if new else "random two least_conn",
            difference="the average of response times does not forget as fast"
            if new
            else "open requests decide, not response times",
        )
        if values.own(LOAD_BALANCE):
            values.report(entry, LOAD_BALANCE)
        yield _setting(LOAD_BALANCE, LeastTime(), values)
        return
    if method != "round_robin":
        instead = _DECIDED_BY.get(method, "affinity")
        if instead not in values.origins:
            entry_none = LoadBalanceNamesNoMethod(value=method, instead=instead)
            values.report(entry_none, LOAD_BALANCE)
    yield _setting(LOAD_BALANCE, None, values)


def _setting(
    annotation: Annotation[object] | Annotation[str] | Annotation[Text] | Annotation[bool],
    feature: UpstreamFeature | None,
    values: Values,
) -> UpstreamSetting:
    return UpstreamSetting(annotation.name, feature, values.place(annotation))


FAMILY = Family(
    "Load balancing",
    (
        LOAD_BALANCE,
        UPSTREAM_HASH_BY,
        UPSTREAM_HASH_BY_SUBSET,
        UPSTREAM_HASH_BY_SUBSET_SIZE,
        SERVICE_UPSTREAM,
    ),
    build,
)
