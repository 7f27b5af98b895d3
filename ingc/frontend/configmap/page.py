"""The declarations of ConfigMap keys as a page of the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ingc.frontend.configmap.declare import Key, KeyGroup, UnsupportedKey
from ingc.frontend.declarations.declare import Support, module_of, support_of

_LONGEST_DEFAULT = 60

_PAGE = """\
# ConfigMap keys

Every key of ingress-nginx's ConfigMap, and what becomes of it here. A ConfigMap is read only when
`--configmap NAMESPACE/NAME` names it; it has to be in the input. This page is generated from the
declarations.

{counts}

A wrong value is a warning, and the default holds; where the default could open something it is an
error (**!**). A key that is not supported is a warning, or an error (**!**) where ignoring it could
open something; `--accept-ignored KEY` makes a warning of that. So is one that
[a module](modules.md) is named for, unless `--with-module` says that nginx has it. A key that can't
matter here is a note. Values that ask for nothing, such as `enable-modsecurity: "false"`, are
passed over without a word.

A key beside an annotation gives that annotation its default: what an Ingress says comes first.
"""


def keys_as_markdown(groups: Sequence[KeyGroup]) -> str:
    """Return the page."""
    return "\n".join([_PAGE.format(counts=counts(groups)), *map(_group, groups)])


def counts(groups: Sequence[KeyGroup]) -> str:
    """Return how many keys are supported, and how many are not."""
    found = Counter(support_of(declared) for group in groups for declared in group.declarations)
    parts = [f"{found[Support.SUPPORTED]} of {found.total()} keys are supported"]
    parts += [
        f"{found[kind]} {kind.of_many}"
        for kind in (Support.NEEDS_MODULE, Support.REFUSED, Support.MEANINGLESS)
        if found[kind]
    ]
    return ", ".join(parts) + "."


def _group(group: KeyGroup) -> str:
    lines = [f"## {group.name}", ""]
    supported = [item for item in group.declarations if isinstance(item, Key)]
    others = [item for item in group.declarations if isinstance(item, UnsupportedKey)]
    if supported:
        lines += ["| key | what it does | value | default | nginx directive | annotation |"]
        lines += ["|---|---|---|---|---|---|", *map(_supported_row, supported), ""]
    if others:
        lines += ["| key | | why | instead |", "|---|---|---|---|"]
        lines += [*map(_unsupported_row, others), ""]
    return "\n".join(lines)


def _supported_row(declared: Key[Any]) -> str:
    default = declared.default
    if len(default) > _LONGEST_DEFAULT:
        default = default[:_LONGEST_DEFAULT] + "…"
    return _row(
        f"`{declared.name}`{module_of(declared)}",
        declared.doc,
        declared.grammar.words + (" **!**" if declared.rejects else ""),
        f"`{default}`" if default else "",
        f"`{declared.sets or declared.see}`" if declared.sets or declared.see else "",
        f"`{declared.annotation}`" if declared.annotation else "",
    )


def _unsupported_row(declared: UnsupportedKey) -> str:
    mark = " **!**" if declared.protects else ""
    if declared.option:
        mark += f"; read with `{declared.option}` ([snippets.md](snippets.md))"
    return _row(f"`{declared.name}`", declared.support.value + mark, declared.doc, declared.instead)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
