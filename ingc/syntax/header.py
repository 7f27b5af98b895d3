"""Names of headers, as far as nginx's hashes take them."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.syntax.hash_table import element

LONGEST_NAME = 46
"""Characters: what fits into a bucket of 64 bytes of nginx's hashes. It does not start on a longer
name, and only for http backends is there a directive that makes the buckets larger."""
MOST_BYTES = 1 << 14
"""What the names of one list may take in a table of nginx: some 300 to 700 names, more than any
server reads in a request. Several lists make one table, and one bucket of it holds 64 KB, so that
nginx starts even where somebody made all names for one bucket."""


def too_many(names: Iterable[str]) -> bool:
    """Return whether names of headers take more than `MOST_BYTES`."""
    return sum(map(element, names)) > MOST_BYTES
