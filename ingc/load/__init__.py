"""Reads YAML and JSON: bytes to plain objects, with their positions on demand.

From files, folders, patterns and standard input to `Document`, one for each Kubernetes object.
What the objects hold is not looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingc.load.document import Document

if TYPE_CHECKING:
    from ingc.load.reader import Loaded, read, read_text
    from ingc.load.sources import Unreadable
else:
    from ingc.lazy import lazy_names

    # Objects can be compiled without reading YAML or JSON.
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "Loaded": "ingc.load.reader",
            "Unreadable": "ingc.load.sources",
            "read": "ingc.load.reader",
            "read_text": "ingc.load.reader",
        },
    )

__all__ = ["Document", "Loaded", "Unreadable", "read", "read_text"]
