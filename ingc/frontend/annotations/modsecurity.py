"""A web application firewall: ModSecurity, where nginx has its module."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics.catalogue.modules import FirewallIdTaken
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.firewall import placed, rules_file
from ingc.frontend.declarations.grammars import BOOL, TEMPLATE
from ingc.frontend.declarations.modules import MODSECURITY
from ingc.frontend.declarations.seclang import RULES, Snippet, ids_of
from ingc.frontend.wishes import Ask
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.modules import RulesFile, RulesText

ENABLE = Annotation(
    "enable-modsecurity",
    "Hold requests and answers against the rules of --modsecurity-rules, or of the snippet.",
    BOOL,
    default="false",
    rejects=True,
    see="modsecurity",
    module=MODSECURITY,
)
OWASP = Annotation(
    "enable-owasp-core-rules",
    "Hold them against the rules of --owasp-rules too.",
    BOOL,
    default="false",
    rejects=True,
    needs="enable-modsecurity",
    see="modsecurity_rules_file",
    module=MODSECURITY,
)
TRANSACTION = Annotation(
    "modsecurity-transaction-id",
    "What a transaction is called in ModSecurity's logs.",
    TEMPLATE,
    risk=Risk.HIGH,
    rejects=True,
    needs="enable-modsecurity",
    see="modsecurity_transaction_id",
    module=MODSECURITY,
)
SNIPPET = Annotation(
    "modsecurity-snippet",
    "Rules in place of those of --modsecurity-rules.",
    RULES,
    risk=Risk.CRITICAL,
    rejects=True,
    needs="enable-modsecurity",
    see="modsecurity_rules",
    module=MODSECURITY,
)
OWASP_KEY = "enable-owasp-modsecurity-crs"
RULES_KEY = "modsecurity-snippet"
"""Keys of the ConfigMap: the core rules and more rules for everybody."""


def build(values: Values) -> Iterator[Ask]:
    """Request a firewall; its rules come in ingress-nginx's order."""
    if not values.get(ENABLE):
        return
    everywhere = bool(values.defaults.get(ENABLE.name))
    snippet = values.own(SNIPPET)
    rules: list[RulesFile | RulesText] = []
    if snippet is not None:
        _check_ids(snippet, values, everywhere=everywhere)
        rules += placed(snippet, values, values.options, SNIPPET)
    elif not everywhere and not values.given(SNIPPET):
        rules += rules_file("modsecurity", values, values.options, ENABLE)
    shared = everywhere and values.defaults.get(OWASP_KEY)
    if values.own(OWASP) and not shared:
        rules += rules_file("owasp", values, values.options, OWASP)
    yield Firewall(tuple(rules), values.own(TRANSACTION))


def _check_ids(snippet: Snippet, values: Values, *, everywhere: bool) -> None:
    """nginx does not start with two rules of one id at a location."""
    shared = values.defaults.get(RULES_KEY, ()) if everywhere else ()
    taken = ids_of(snippet) & ids_of(shared)
    if taken:
        values.report(FirewallIdTaken(id=min(taken)), SNIPPET)


FAMILY = Family(
    "Firewall", (ENABLE, OWASP, TRANSACTION, SNIPPET), build, keys=(OWASP_KEY, RULES_KEY)
)
