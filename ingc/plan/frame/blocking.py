"""Clients that are refused everywhere, whatever a route allows."""

from __future__ import annotations

from ingc.ir import Settings
from ingc.plan.layout import Directive, Map, Value, directive
from ingc.plan.rooms import map_key
from ingc.syntax.text import Variable

_NETWORK = Variable("ingc_blocked_network")
_AGENT = Variable("ingc_blocked_agent")
_REFERER = Variable("ingc_blocked_referer")


def block_maps(settings: Settings) -> tuple[Map, ...]:
    """Return the maps from a client to whether it is refused: 1, else 0."""
    blocked = settings.policies.blocked
    made: list[Map] = []
    if blocked.networks:
        made.append(Map(None, _NETWORK, (("default", "0"), *_keys(blocked.networks)), "geo"))
    if blocked.agents:
        made.append(_map("http_user_agent", _AGENT, blocked.agents))
    if blocked.referers:
        made.append(_map("http_referer", _REFERER, blocked.referers))
    return tuple(made)


def refusals(settings: Settings) -> tuple[Directive, ...]:
    """Return what each server begins with."""
    blocked = settings.policies.blocked
    checks = (
        (_NETWORK, blocked.networks),
        (_AGENT, blocked.agents),
        (_REFERER, blocked.referers),
    )
    refuse = (directive("return", 403),)
    return tuple(Directive("if", (variable,), block=refuse) for variable, some in checks if some)


def _map(source: str, variable: Variable, keys: tuple[str, ...]) -> Map:
    return Map(Variable(source), variable, (*_keys(keys), ("default", "0")))


def _keys(keys: tuple[str, ...]) -> tuple[tuple[Value, Value], ...]:
    return tuple((map_key(key), "1") for key in keys)
