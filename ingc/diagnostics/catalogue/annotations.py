"""ING4xx: annotations and global settings."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING401", name="annotation-ignored", severity=WARNING, strict=True)
class AnnotationIgnored(Entry):
    """An annotation of ingress-nginx is not supported yet; the routes work without it.

    Fix: check that the application does not depend on it.
    """

    annotation: str
    summary = "annotation {annotation} is not supported yet and was ignored"
    label = "has no effect"
    help = "check that the application works without it"


@code("ING402", name="protection-ignored", severity=ERROR)
class ProtectionIgnored(Entry):
    """An annotation that keeps somebody out is not supported yet.

    To ignore it could open what was closed (authentication, allow and deny lists, limits,
    snippets), so nothing is compiled until the operator says that this is acceptable.

    Fix: protect the route by other means, then pass `--accept-ignored NAME`.
    """

    annotation: str
    summary = "annotation {annotation} is not supported yet, and ignoring it could open access"
    label = "would have no effect"
    help = "protect the route otherwise and pass --accept-ignored {annotation}"
