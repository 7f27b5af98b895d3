"""All declarations, by name."""

from __future__ import annotations

from typing import Any

from ingc.frontend.annotations.families import FAMILIES
from ingc.frontend.configmap import (
    access,
    admission,
    auth,
    client,
    headers,
    logs,
    modules,
    stream,
    tls,
    upstream,
    workers,
)
from ingc.frontend.configmap.declare import Key, KeyDeclaration, KeyGroup, UnsupportedKey
from ingc.frontend.declarations.declare import Annotation, Declaration, Support, support_of
from ingc.frontend.declarations.grammar import Grammar

GROUPS: tuple[KeyGroup, ...] = (
    admission.GROUP,
    headers.GROUP,
    logs.GROUP,
    modules.GROUP,
    client.GROUP,
    workers.GROUP,
    tls.GROUP,
    upstream.GROUP,
    access.GROUP,
    auth.AUTH,
    auth.SNIPPETS,
    stream.GROUP,
)

KEYS: dict[str, KeyDeclaration] = {
    declared.name: declared for group in GROUPS for declared in group.declarations
}
"""Every key that is known, supported or not."""


def support_of_key(declared: KeyDeclaration) -> Support:
    """Return whether a key is acted on; one that needs an annotation's family as that one is."""
    if isinstance(declared, UnsupportedKey):
        return declared.support
    if declared.stands_alone:
        return Support.SUPPORTED
    return support_of(DECLARATIONS[declared.annotation])


def annotation_of(name: str) -> Annotation[object] | None:
    """Return a supported annotation by its name."""
    declared = DECLARATIONS.get(name)
    return declared if isinstance(declared, Annotation) else None


def grammar_of(key: Key[Any]) -> Grammar[Any]:
    """Return what a key's value may be: what its annotation's may, where the value is for that."""
    name = key.reads_as or ("" if key.under_own_name else key.annotation)
    annotation = annotation_of(name)
    return key.grammar if annotation is None or key.stands_alone else annotation.grammar


DECLARATIONS: dict[str, Declaration] = {
    declared.name: declared for family in FAMILIES for declared in family.declarations
}
"""Every annotation that is known, supported or not."""

ALIASES: dict[str, str] = {
    alias: declared.name for declared in DECLARATIONS.values() for alias in declared.aliases
}
"""Older names, each with the name of its annotation."""

FAMILY_OF: dict[str, str] = {
    name: family.name
    for family in FAMILIES
    for name in (*family.keys, *(declared.name for declared in family.declarations))
}
