"""ModSecurity: on, with the location's own rules."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.modsecurity import Firewall
from ingc.ir.modules import FirewallRules, RulesFile
from ingc.plan.layout import Directive, Literal, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, maps_of


def plan_firewall(feature: Firewall, _place: RoutePlace) -> Iterator[Piece]:
    """Switch it on where requests are passed on, and nowhere else.

    nginx would inherit it into locations of our own, such as that of an auth service.
    """
    called = feature.transaction
    transaction = () if called is None else (directive("modsecurity_transaction_id", called),)
    yield Piece(
        Phase.ACCESS,
        (directive("modsecurity", "on"), *transaction, *rules_directives(feature.rules)),
        maps=() if called is None else maps_of(called),
    )


def rules_directives(rules: FirewallRules) -> Iterator[Directive]:
    """Yield a directive for each file, and for each rule or chain of rules."""
    for item in rules:
        if isinstance(item, RulesFile):
            yield directive("modsecurity_rules_file", Literal(item.path))
        else:
            # nginx expands nothing in it.
            yield directive("modsecurity_rules", Literal(item.text))
