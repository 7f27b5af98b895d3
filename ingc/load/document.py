"""What reading yields: plain objects, each with the place it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingc.diagnostics import Source


@dataclass(frozen=True, slots=True)
class Document:
    """One Kubernetes object as plain dicts, lists and scalars; an item of a List is one too."""

    value: Mapping[str, Any]
    source: Source | None = None
    """``None`` for objects that were handed in by a caller of the library."""
