"""Annotations: declared once each, read by one reader.

`declare` says what an annotation has beyond `ingc.frontend.declarations`; a module holds the
annotations of one column, named like the features that they ask for in `ingc.ir.features`, and the
function from their values to features and wishes; `reading` reads an Ingress's.
"""

from ingc.frontend.annotations.reading import read_annotations

__all__ = ["read_annotations"]
