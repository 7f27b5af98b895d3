"""Annotations: a module a column of features, its declarations and what they ask for.

What a declaration is, and how values are read, is that of `ingc.frontend.declarations`; `logs`,
`proxy` and `proxy_buffers` are simple directives of a location, of the column ``tuning``.
"""

from ingc.frontend.annotations.reading import read_annotations

__all__ = ["read_annotations"]
