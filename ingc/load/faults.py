"""Limits of what is read, and the fault that YAML and JSON have in common."""

from __future__ import annotations

from itertools import islice

from ingc.diagnostics import FieldPath, Origin, Related, Sink
from ingc.diagnostics.catalogue.reading import DuplicateKey
from ingc.load.nodes import FoundNode, walk
from ingc.load.spans import Region
from ingc.load.text import shortened

DEEPEST = 200
"""Levels of mappings and lists that a document may have."""
MOST_FAULTS = 100
"""Faults after which a file is not read on."""

_BEGINNING = ("apiVersion",)
"""The key that stands twice where two objects lack the line between them."""
_MERGE = "merge the two, or remove one"
_SEPARATE = "write a line --- between two objects"


def report_duplicates(region: Region, sink: Sink) -> list[FieldPath]:
    """Report the keys that come twice in their mapping; return the paths of the later ones.

    Of two objects without ``---`` between them the first key alone is reported.
    """
    all_repeated = (found for found in walk(region.nodes()) if found.earlier)
    repeated = list(islice(all_repeated, MOST_FAULTS))
    two_objects = any(found.path == _BEGINNING for found in repeated)
    for found in repeated:
        if not two_objects or len(found.path) > 1:
            report_duplicate(found, region, sink)
        elif found.path == _BEGINNING:
            report_duplicate(found, region, sink, fix=_SEPARATE)
    return [found.path for found in repeated]


def report_duplicate(found: FoundNode, region: Region, sink: Sink, fix: str = _MERGE) -> None:
    """Report a key that comes twice, with the place of the first."""
    file = region.positions.file
    key, earlier = found.key or found.node, found.earlier or found.node
    first = Origin(None, found.path, file.place(earlier.start, earlier.end), key=True)
    second = Origin(None, found.path, file.place(key.start, key.end), key=True)
    entry = DuplicateKey(shortened(key.text or ""), fix)
    sink.report(entry, second, [Related(first, "first given here")])
