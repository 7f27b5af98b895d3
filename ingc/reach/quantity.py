"""Quantities of resources, as Kubernetes writes them."""

from __future__ import annotations

import re

_FORM = re.compile(
    r"(\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(m|k|Ki|[MGTPE]i?|[eE][+-]?\d{1,3})?"
).fullmatch
_FACTORS = {"": 1.0, "m": 0.001, "k": 1e3, "Ki": 2.0**10} | {
    letter + suffix: (2.0**10 if suffix else 1e3) ** power
    for power, letter in enumerate("MGTPE", start=2)
    for suffix in ("", "i")
}


def quantity(text: str) -> float | None:
    """Return a quantity such as ``500m``, ``1.5Gi`` or ``1e3``; ``None`` for what is none.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    found = _FORM(text) if len(text) < 70 else None
    if found is None:
        return None
    suffix = found[2] or ""
    if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix != "Ei":
        return float(found[1] + suffix)
    return float(found[1]) * _FACTORS[suffix]
