"""All keys, by name."""

from __future__ import annotations

from ingc.frontend.annotations.declare import Annotation, Support, support_of
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.configmap import (
    access,
    admission,
    auth,
    client,
    headers,
    logs,
    modules,
    stream,
    tls,
    upstream,
    workers,
)
from ingc.frontend.configmap.declare import Group, KeyDeclaration, UnsupportedKey

GROUPS: tuple[Group, ...] = (
    admission.GROUP,
    headers.GROUP,
    logs.GROUP,
    modules.GROUP,
    client.GROUP,
    workers.GROUP,
    tls.GROUP,
    upstream.GROUP,
    access.GROUP,
    auth.AUTH,
    auth.SNIPPETS,
    stream.GROUP,
)
KEYS: dict[str, KeyDeclaration] = {
    declared.name: declared for group in GROUPS for declared in group.declarations
}
"""Every key that is known, supported or not."""


def support_of_key(declared: KeyDeclaration) -> Support:
    """Return whether a key is acted on; one that needs an annotation's family as that one is."""
    if isinstance(declared, UnsupportedKey):
        return declared.support
    if declared.stands_alone:
        return Support.SUPPORTED
    return support_of(DECLARATIONS[declared.annotation])


def annotation_of(name: str) -> Annotation[object] | None:
    """Return a supported annotation by its name."""
    declared = DECLARATIONS.get(name)
    return declared if isinstance(declared, Annotation) else None
