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


def report_duplicates(region: Region, sink: Sink) -> list[FieldPath]:
    """Report the keys that come twice in their mapping; return the paths of the later ones."""
    repeated = (found for found in walk(region.nodes()) if found.earlier)
    found_paths = []
    for found in islice(repeated, MOST_FAULTS):
        report_duplicate(found, region, sink)
        found_paths.append(found.path)
    return found_paths


def report_duplicate(found: FoundNode, region: Region, sink: Sink) -> None:
    """Report a key that comes twice, with the place of the first."""
    file = region.positions.file
    key, earlier = found.key or found.node, found.earlier or found.node
    first = Origin(None, found.path, file.place(earlier.start, earlier.end), key=True)
    second = Origin(None, found.path, file.place(key.start, key.end), key=True)
    entry = DuplicateKey(shortened(key.text or ""))
    sink.report(entry, second, [Related(first, "first given here")])
