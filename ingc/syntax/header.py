"""Names of headers, as far as nginx's hashes take them."""

from __future__ import annotations

LONGEST_NAME = 46
"""Characters: what fits into a bucket of 64 bytes of nginx's hashes. It does not start on a longer
name, and only for http backends is there a directive that makes the buckets larger."""
