"""ModSecurity for everybody, where nginx has its module."""

from __future__ import annotations

from dataclasses import replace

from ingc.frontend.configmap.declare import Key, KeyValues
from ingc.frontend.declarations.firewall import placed, rules_file
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.declarations.modules import MODSECURITY
from ingc.frontend.declarations.seclang import OPERATORS_RULES
from ingc.ir.modules import FirewallRules, RulesFile, RulesText
from ingc.options import Options

_SWITCHED = replace(MODSECURITY, switch="enable-modsecurity")

ENABLE = Key(
    "enable-modsecurity",
    "Hold requests and answers against the rules of --modsecurity-rules, or of the snippet.",
    BOOL,
    default="false",
    rejects=True,
    annotation="enable-modsecurity",
    see="modsecurity",
    module=MODSECURITY,
    harmless=("false",),
)
SNIPPET = Key(
    "modsecurity-snippet",
    "Rules in place of those of --modsecurity-rules.",
    OPERATORS_RULES,
    rejects=True,
    under_own_name=True,
    needs="enable-modsecurity",
    see="modsecurity_rules",
    module=_SWITCHED,
)
OWASP = Key(
    "enable-owasp-modsecurity-crs",
    "Hold them against the rules of --owasp-rules too.",
    BOOL,
    default="false",
    rejects=True,
    under_own_name=True,
    needs="enable-modsecurity",
    see="modsecurity_rules_file",
    module=_SWITCHED,
    harmless=("false",),
)
KEYS = (ENABLE, SNIPPET, OWASP)


def firewall_rules(values: KeyValues, options: Options) -> FirewallRules:
    """Return the rules that hold wherever the firewall is on."""
    if not values.value(ENABLE):
        return ()
    rules: list[RulesFile | RulesText] = []
    snippet = values.get(SNIPPET)
    if snippet is None:
        rules += rules_file("modsecurity", values, options, ENABLE)
    rules += placed(snippet or (), values, options, SNIPPET)
    if values.value(OWASP):
        rules += rules_file("owasp", values, options, OWASP)
    return tuple(rules)
