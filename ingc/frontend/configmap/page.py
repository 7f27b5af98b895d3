"""The declarations of ConfigMap keys as a page of the documentation."""

from __future__ import annotations

from collections import Counter

from ingc.frontend.configmap.declare import NOT_YET, Key, KeyDeclaration, KeyGroup, UnsupportedKey
from ingc.frontend.declarations.declare import Support
from ingc.frontend.registry import GROUPS, KEYS, grammar_of, support_of_key

_LONGEST_DEFAULT = 60

_PAGE = """\
# ConfigMap keys

Every key of ingress-nginx's ConfigMap, and what becomes of it here. A ConfigMap is read only when
`--configmap NAMESPACE/NAME` names it; it has to be in the input. This page is generated from the
declarations.

{counts}

A wrong value is a warning, and the default holds; where the default could open something it is an
error (**!**). A key that is not supported is a warning, or an error (**!**) where ignoring it could
open something; `--accept-ignored KEY` makes a warning of that. A key that can't matter here is a
note. Values that ask for nothing, such as `enable-modsecurity: "false"`, are passed over without a
word.

A key beside an annotation gives that annotation its default: what an Ingress says comes first.
"""


def keys_as_markdown() -> str:
    """Return the page."""
    return "\n".join([_PAGE.format(counts=counts()), *map(_group, GROUPS)])


def counts() -> str:
    """Say how many keys are supported, and how many are not."""
    found = Counter(support_of_key(declared) for declared in KEYS.values())
    parts = [f"{found[Support.SUPPORTED]} of {len(KEYS)} keys are supported"]
    parts += [
        f"{found[kind]} {kind.value}"
        for kind in (
            Support.NOT_YET,
            Support.NEEDS_MODULE,
            Support.REFUSED,
            Support.MEANINGLESS,
        )
        if found[kind]
    ]
    return ", ".join(parts) + "."


def _group(group: KeyGroup) -> str:
    lines = [f"## {group.name}", ""]
    supported = [item for item in group.declarations if _is_supported(item)]
    others = [item for item in group.declarations if not _is_supported(item)]
    if supported:
        lines += ["| key | what it does | value | default | nginx directive | annotation |"]
        lines += ["|---|---|---|---|---|---|", *map(_supported_row, supported), ""]
    if others:
        lines += ["| key | | why | instead |", "|---|---|---|---|"]
        lines += [*map(_other_row, others), ""]
    return "\n".join(lines)


def _is_supported(declared: KeyDeclaration) -> bool:
    return support_of_key(declared) is Support.SUPPORTED


def _supported_row(declared: KeyDeclaration) -> str:
    if not isinstance(declared, Key):
        return ""
    default = declared.default
    if len(default) > _LONGEST_DEFAULT:
        default = default[:_LONGEST_DEFAULT] + "…"
    return _row(
        f"`{declared.name}`",
        declared.doc,
        grammar_of(declared).words + (" **!**" if declared.rejects else ""),
        f"`{default}`" if default else "",
        f"`{declared.sets or declared.see}`" if declared.sets or declared.see else "",
        f"`{declared.annotation}`" if declared.annotation else "",
    )


def _other_row(declared: KeyDeclaration) -> str:
    support = support_of_key(declared).value
    if not isinstance(declared, UnsupportedKey):
        return _row(f"`{declared.name}`", support, NOT_YET, "")
    mark = " **!**" if declared.protects else ""
    return _row(f"`{declared.name}`", support + mark, declared.doc, declared.instead)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
