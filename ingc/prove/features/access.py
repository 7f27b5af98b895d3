"""Whether one of several checks is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.match.addresses import admits
from ingc.prove.asked import AskedRoute
from ingc.prove.effective import InEffect
from ingc.prove.witness import MOST, OTHERS, OUTSIDERS, Witness, first_of
from ingc.syntax.address import read_network
from ingc.syntax.request import Request


def read_satisfy_any(place: InEffect) -> SatisfyAny | None:
    """Return it where whoever passes one check comes in."""
    return SatisfyAny() if place.args("satisfy") == ("any",) else None


def seen_satisfy_any(asked: AskedRoute) -> SatisfyAny | None:
    """Return it where a route asks for it."""
    return asked.route.feature(SatisfyAny)


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
