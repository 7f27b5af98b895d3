"""A web application firewall, at each location that has one."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.ir.features.modsecurity import Firewall
from ingc.ir.modules import FirewallRules, RulesFile, RulesText
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import NoValue, read_text

_RULES = ("modsecurity_rules", "modsecurity_rules_file")
_NAMES = ("modsecurity", "modsecurity_transaction_id", *_RULES)


def read_firewall(place: InEffect) -> Firewall | None:
    """Return the firewall of a location and its own rules.

    Nothing but rules stands around locations: what nginx inherits would be on at every location.
    """
    for scope in place.scopes[:-1]:
        allowed = _RULES if scope is place.written.http else ()
        names = (name for name in _NAMES if name not in allowed)
        found = next(filter(None, map(scope.first, names)), None)
        if found is not None:
            raise NoValue("rules", f"{found.name} around the location")
    own = lines_of(place.here)
    if not own:
        return None
    if [item.args for item in own if item.name == "modsecurity"] != [("on",)]:
        raise NoValue("rules", "rules at a location where the firewall is not on")
    called = place.here.first("modsecurity_transaction_id")
    return Firewall(rules_in(own), read_text(called.args[0]) if called is not None else None)


def lines_of(scope: Statement) -> tuple[Statement, ...]:
    """Return the firewall's directives of a block."""
    if not any(map(scope.all, _NAMES)):
        return ()
    return tuple([item for item in scope.block or () if item.name in _NAMES])


def rules_in(lines: Iterable[Statement]) -> FirewallRules:
    """Return the rules that directives give, in their order."""
    return tuple(
        RulesText(item.args[0]) if item.name == _RULES[0] else RulesFile(item.args[0])
        for item in lines
        if item.name in _RULES
    )


def seen_firewall(expected: ExpectedRoute) -> Firewall | None:
    """Return what can be seen of a route's firewall."""
    return expected.route.feature(Firewall)
