"""Annotations: declared once each, read by one reader.

`declare` says what a declaration is, `grammars` what values may be, `reading` reads an Ingress's
annotations by the declarations. A dialect is a folder here: a prefix and a tuple of families.
"""

from ingc.frontend.annotations.reading import read_annotations

__all__ = ["read_annotations"]
