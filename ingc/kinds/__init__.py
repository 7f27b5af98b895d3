"""The kinds of objects with rules, each with its card; what stages ask where kinds differ."""

from ingc.kinds.card import NOT_FOUND, Brought, Floor, Miss, RuleKind, TlsOf, function_of_kind
from ingc.kinds.table import KINDS, OTHERS, USUAL, kind_named

__all__ = [
    "KINDS",
    "NOT_FOUND",
    "OTHERS",
    "USUAL",
    "Brought",
    "Floor",
    "Miss",
    "RuleKind",
    "TlsOf",
    "function_of_kind",
    "kind_named",
]
