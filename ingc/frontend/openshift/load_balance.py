"""How an endpoint of a Route's Services is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.openshift.annotations import BALANCE
from ingc.frontend.openshift.values import RouteValues
from ingc.frontend.wishes import BalanceWish


def chosen_by(values: RouteValues) -> Iterator[BalanceWish]:
    """Yield the method that a Route requests, if it requests one."""
    method = values.get(BALANCE)
    if method is not None:
        yield BalanceWish(method, values.place(BALANCE))
