"""The files that come with the program: grammars and templates."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """Return the folder of ``grammar`` or ``templates``.

    In an installed wheel it is inside the package; in a checkout at its top level.
    """
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
