"""The order of Ingresses, and the precedence of routes, both as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingc.frontend.intent import Intent, IntentRoute
from ingc.ir import Exact


class Age(NamedTuple):
    """Orders Ingresses: the older first, those without a timestamp last, then by name."""

    undated: bool
    created: str
    name: str


class Precedence(NamedTuple):
    """Orders the routes of a host: the first that matches takes the request.

    Exact before Prefix, longer before shorter; the text only makes the order total.
    """

    prefix: bool
    shortness: int
    path: str


def age(intent: Intent) -> Age:
    """Return an Intent's place among Ingresses."""
    return Age(not intent.created, intent.created, intent.name)


def in_order(intents: Iterable[Intent]) -> list[Intent]:
    """Sort Intents, the one that wins conflicts first."""
    return sorted(intents, key=age)


def precedence(route: IntentRoute) -> Precedence:
    """Return a route's place among those of its host."""
    path = route.match.path
    return Precedence(not isinstance(route.match, Exact), -len(path.encode()), path)
