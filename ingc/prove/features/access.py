"""Lists of addresses, and whether one check is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile

from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.match.addresses import admits
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue
from ingc.prove.witness import MOST, OTHERS, OUTSIDERS, Witness, first_of
from ingc.syntax.address import read_network
from ingc.syntax.request import Request

_RULES = frozenset({"allow", "deny"})


def read_satisfy_any(place: InEffect) -> SatisfyAny | None:
    """Return it where whoever passes one check comes in."""
    return SatisfyAny() if place.args("satisfy") == ("any",) else None


def seen_satisfy_any(expected: ExpectedRoute) -> SatisfyAny | None:
    """Return it where a route has it."""
    return expected.route.feature(SatisfyAny)


def read_access_list(place: InEffect) -> AccessList | None:
    """Return whose addresses are refused and let in; ``None``: everybody's are.

    The first line that fits decides, so that whoever is denied has to stand first.
    """
    rules = next(filter(None, map(_rules, reversed(place.scopes))), [])
    if not rules:
        return None
    denied = list(takewhile(lambda rule: rule[0] == "deny" and rule[1] != "all", rules))
    rest = rules[len(denied) :]
    allowed = [network for name, network in rest if name == "allow"]
    if rest != [*(("allow", network) for network in allowed), *([("deny", "all")] if rest else ())]:
        raise NoValue("allow", "rules of which a later one is not reached, or nobody is kept out")
    return AccessList(tuple(network for _, network in denied), tuple(allowed))


def _rules(scope: Statement) -> list[tuple[str, str]]:
    if not (scope.all("allow") or scope.all("deny")):
        return []
    return [(item.name, item.args[0]) for item in scope.block or () if item.name in _RULES]


def seen_access_list(expected: ExpectedRoute) -> AccessList | None:
    """Return the list that a route has."""
    own = expected.route.feature(AccessList)
    return own if own is not None and (own.allow or own.deny) else None


def admit_access_list(
    listed: AccessList, plain: Request, refused: Callable[[str], bool]
) -> Request:
    """Return the request from an address that is let in. ``refused``: who is refused anyway."""
    named = map(first_of, listed.allow)
    let_in = (
        item for item in (*named, *OUTSIDERS, *OTHERS) if admits(listed, item) and not refused(item)
    )
    return plain._replace(address=next(let_in, OUTSIDERS[0]))


def vary_access_list(listed: AccessList, plain: Request) -> Iterator[Witness]:
    """Yield a request from the first and the last address of each network, and from outside."""
    for address in _addresses(listed):
        yield Witness(plain._replace(address=address), f"the address {address}")


def _addresses(listed: AccessList) -> Iterator[str]:
    for network in (*listed.deny[:MOST], *listed.allow[:MOST]):
        yield first_of(network)
        yield str(read_network(network).broadcast_address)
    yield from OUTSIDERS
