"""All kinds of objects with rules."""

from ingc.kinds.card import RuleKind
from ingc.kinds.ingress import INGRESS
from ingc.kinds.openshift import ROUTE

KINDS: tuple[RuleKind, ...] = (INGRESS, ROUTE)
"""In the order in which they are read."""
USUAL = INGRESS
OTHERS: tuple[RuleKind, ...] = tuple(kind for kind in KINDS if kind is not USUAL)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> RuleKind:
    """Return a kind by ``kind`` of its objects. Raises `KeyError` for any other."""
    return _BY_NAME[name]
