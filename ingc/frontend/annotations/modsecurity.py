"""A web application firewall: ModSecurity, where nginx has its module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.modules import FirewallFileMissing, FirewallIdTaken
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammars import BOOL, TEMPLATE
from ingc.frontend.declarations.modules import MODSECURITY
from ingc.frontend.declarations.seclang import RULES, Directives, Snippet, ids_of
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
        rules += placed(snippet, values)
    elif not everywhere and not values.given(SNIPPET):
        rules += _file(values, ENABLE, "modsecurity")
    shared = everywhere and values.defaults.get(OWASP_KEY)
    if values.own(OWASP) and not shared:
        rules += _file(values, OWASP, "owasp")
    yield Firewall(tuple(rules), values.own(TRANSACTION))


def placed(snippet: Snippet, values: Values) -> Iterator[RulesFile | RulesText]:
    """Yield a snippet's rules, with the operator's files where they are included."""
    for item in snippet:
        if isinstance(item, Directives):
            yield RulesText(item.text)
        else:
            yield from _file(values, SNIPPET, item.what)


def _file(values: Values, declared: Annotation[Any], what: str) -> Iterator[RulesFile]:
    options = values.options
    path = options.modsecurity_rules if what == "modsecurity" else options.owasp_rules
    if path is None:
        values.report(FirewallFileMissing(what=declared.name, option=f"--{what}-rules"), declared)
    else:
        yield RulesFile(path)


def _check_ids(snippet: Snippet, values: Values, *, everywhere: bool) -> None:
    """nginx does not start with two rules of one id at a location."""
    shared = values.defaults.get(RULES_KEY, ()) if everywhere else ()
    taken = ids_of(snippet) & ids_of(shared)
    if taken:
        values.report(FirewallIdTaken(id=min(taken)), SNIPPET)


FAMILY = Family(
    "Firewall", (ENABLE, OWASP, TRANSACTION, SNIPPET), build, keys=(OWASP_KEY, RULES_KEY)
)
