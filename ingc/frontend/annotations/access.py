"""Which clients may reach a path, by their address."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammars import NETWORKS, addresses, one_of
from ingc.frontend.wishes import Ask
from ingc.ir.features.access import AccessList, SatisfyAny

ALLOWLIST_SOURCE_RANGE = Annotation(
    "allowlist-source-range",
    "Let only these clients pass; others get a 403.",
    NETWORKS,
    aliases=("whitelist-source-range",),
    risk=Risk.MEDIUM,
    rejects=True,
    empty_rejects=True,
    see="allow",
)
DENYLIST_SOURCE_RANGE = Annotation(
    "denylist-source-range",
    "Refuse these clients with a 403, also those that allowlist-source-range names.",
    NETWORKS,
    risk=Risk.MEDIUM,
    rejects=True,
    empty_rejects=True,
    see="deny",
)
SATISFY = Annotation(
    "satisfy",
    "Whether a client must pass all of address, password and auth service, or any one.",
    one_of("all", "any"),
    default="all",
    see="satisfy",
)


def build(values: Values) -> Iterator[Ask]:
    """Request lists of addresses, and for one check of several."""
    deny, allow = values.get(DENYLIST_SOURCE_RANGE), values.get(ALLOWLIST_SOURCE_RANGE)
    if deny or allow:
        yield AccessList(addresses(deny or ()), addresses(allow or ()))
    if values.get(SATISFY) == "any":
        yield SatisfyAny()


FAMILY = Family(
    "Access by address", (ALLOWLIST_SOURCE_RANGE, DENYLIST_SOURCE_RANGE, SATISFY), build
)
