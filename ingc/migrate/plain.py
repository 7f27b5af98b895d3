"""Reading plain objects of which nothing is known: what has another form counts as absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingc.diagnostics import FieldPath

_NOTHING: Mapping[str, Any] = {}


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping as it is, and an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else _NOTHING


def items(value: object) -> Sequence[Any]:
    """Return a list as it is, and an empty one in place of anything else."""
    return value if isinstance(value, list | tuple) else ()


def text(value: object) -> str:
    """Return a scalar as Kubernetes and Go write it; empty for collections and for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def inner(value: object, path: FieldPath) -> object:
    """Return what stands at a path of keys, or ``None``."""
    for part in path:
        value = mapping(value).get(part) if isinstance(part, str) else None
    return value
