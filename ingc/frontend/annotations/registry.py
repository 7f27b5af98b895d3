"""All declarations, by name."""

from __future__ import annotations

from ingc.frontend.annotations.families import FAMILIES
from ingc.frontend.declarations.declare import Declaration

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
