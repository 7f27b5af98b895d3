"""The rules of a firewall: those that a snippet holds, and the operator's files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.modules import FirewallFileMissing
from ingc.frontend.declarations.declare import Supported
from ingc.frontend.declarations.seclang import Directives, Snippet
from ingc.frontend.declarations.values import GivenValues
from ingc.ir.modules import RulesFile, RulesText
from ingc.options import Options


def placed(
    snippet: Snippet, values: GivenValues, options: Options, declared: Supported[Any]
) -> Iterator[RulesFile | RulesText]:
    """Yield a snippet's rules, with the operator's files where they are included."""
    for item in snippet:
        if isinstance(item, Directives):
            yield RulesText(item.text)
        else:
            yield from rules_file(item.what, values, options, declared)


def rules_file(
    what: str, values: GivenValues, options: Options, declared: Supported[Any]
) -> Iterator[RulesFile]:
    """Yield the file of ``modsecurity`` or ``owasp``; that no option names it is reported."""
    path = options.modsecurity_rules if what == "modsecurity" else options.owasp_rules
    if path is None:
        values.report(FirewallFileMissing(what=declared.name, option=f"--{what}-rules"), declared)
    else:
        yield RulesFile(path)
