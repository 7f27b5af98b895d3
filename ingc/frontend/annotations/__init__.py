"""Annotations: a module a column of features, its declarations and what they request.

`declare` defines what an annotation has beyond `ingc.frontend.declarations`. Columns are named like
the features in `ingc.ir.features` that they request; `logs`, `proxy` and `proxy_buffers` are simple
directives of a location, of the column ``tuning``. `unsupported` holds what is never acted on.
"""

from ingc.frontend.annotations.reading import read_annotations

__all__ = ["read_annotations"]
