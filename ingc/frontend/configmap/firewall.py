"""ModSecurity for everybody, where nginx has its module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ingc.diagnostics.catalogue.modules import FirewallFileMissing
from ingc.frontend.configmap.declare import Key, KeyValues
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.declarations.modules import MODSECURITY
from ingc.frontend.declarations.seclang import OPERATORS_RULES, Directives
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
        rules += _file(values, options, ENABLE, "modsecurity")
    for item in snippet or ():
        if isinstance(item, Directives):
            rules.append(RulesText(item.text))
        else:
            rules += _file(values, options, SNIPPET, item.what)
    if values.value(OWASP):
        rules += _file(values, options, OWASP, "owasp")
    return tuple(rules)


def _file(values: KeyValues, options: Options, key: Key[Any], what: str) -> Iterator[RulesFile]:
    path = options.modsecurity_rules if what == "modsecurity" else options.owasp_rules
    if path is None:
        values.report(FirewallFileMissing(what=key.name, option=f"--{what}-rules"), key)
    else:
        yield RulesFile(path)
