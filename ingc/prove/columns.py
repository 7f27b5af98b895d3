"""The functions of the proof that stand in the columns of features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingc.ir.features.card import PROVING, Proved, collect
from ingc.ir.features.table import FEATURES


def functions(way: Proved) -> Mapping[type, Callable[..., Any]]:
    """Return the function of each feature that is proved in a way, which takes one function."""
    (verb,) = PROVING[way]
    proved = (kind for kind in FEATURES if isinstance(kind.card.proved, Proved))
    kinds = (kind for kind in proved if way in kind.card.proved)  # type: ignore[operator]
    return collect("ingc.prove.features", verb, kinds)
