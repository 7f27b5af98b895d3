"""Annotations that the ConfigMap forbids, whatever kind of object has them."""

from __future__ import annotations

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.configmap import AnnotationForbidden
from ingc.frontend.annotations.declare import Declaration, Risk
from ingc.frontend.declarations.values import Defaults

RISK_LEVEL = "annotations-risk-level"
BLOCKED_WORDS = "annotation-value-word-blocklist"
"""Keys of the ConfigMap that forbid annotations."""
_RANKS = {risk.value: rank for rank, risk in enumerate(Risk)}


def why_forbidden(
    defaults: Defaults, name: str, text: str, declared: Declaration | None
) -> Entry | None:
    """Return why the ConfigMap forbids an annotation; ``None`` where it may be there."""
    level = defaults.get(RISK_LEVEL)
    if level is not None and declared is not None and _RANKS[declared.risk.value] > _RANKS[level]:
        why = f"its risk is {declared.risk.value}, and {level} is allowed"
        return AnnotationForbidden(annotation=name, why=why, key=RISK_LEVEL)
    found = next((word for word in defaults.get(BLOCKED_WORDS, ()) if word in text), None)
    if found is not None:
        why = f'its value holds the word "{found}"'
        return AnnotationForbidden(annotation=name, why=why, key=BLOCKED_WORDS)
    return None
