"""Reads YAML and JSON: bytes to plain objects, with their positions on demand.

From files, folders, patterns and standard input to `Document`, one for each Kubernetes object.
What the objects say is not looked at here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingc.load.document import Document

if TYPE_CHECKING:
    from ingc.load.reader import Loaded, read, read_text
    from ingc.load.sources import Unreadable

__all__ = ["Document", "Loaded", "Unreadable", "read", "read_text"]


def __getattr__(name: str) -> Any:
    """Import the readers when they are used: objects can be compiled without YAML or JSON."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("ingc.load.reader"), name)
