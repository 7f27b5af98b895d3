"""Databases in MaxMind's form in which every address has one record.

https://maxmind.github.io/MaxMind-DB/
"""

from __future__ import annotations

from collections.abc import Mapping

from ingc.serve.empty_database import MARK, UINT32, DatabaseNumber, Field, empty_database, encoded


def database_of(kind: str, record: Mapping[str, object]) -> bytes:
    """Return the bytes of a database whose only record is that of all addresses."""
    _, _, about = empty_database(kind).partition(MARK)
    # A record above the number of nodes, which is 1, points behind the 16 bytes of nothing.
    to_record = (1 + 16).to_bytes(3, "big")
    return 2 * to_record + bytes(16) + encoded(_typed(record)) + MARK + about


def _typed(value: object) -> Field:
    if isinstance(value, Mapping):
        return {key: _typed(item) for key, item in value.items()}
    return DatabaseNumber(value, UINT32) if isinstance(value, int) else str(value)
