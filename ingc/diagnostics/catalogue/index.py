"""All codes, and the ways to look one up. Loads every area of the catalogue."""

# No "from __future__ import annotations": its name is also the name of an area.

import difflib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ingc.diagnostics.catalogue import (
    annotations,
    annotations_access,
    annotations_balance,
    annotations_extauth,
    annotations_headers,
    annotations_protocols,
    annotations_proxy,
    backends,
    configmap,
    departures,
    foreign,
    hosts_paths,
    internal,
    modules,
    objects,
    reading,
    routetest,
    snippets,
    stream,
    tenancy,
    tls,
    ways,
)
from ingc.diagnostics.model import Entry

AREAS = (
    reading,
    foreign,
    objects,
    hosts_paths,
    tenancy,
    backends,
    ways,
    stream,
    annotations,
    snippets,
    annotations_proxy,
    annotations_protocols,
    annotations_headers,
    annotations_access,
    annotations_extauth,
    annotations_balance,
    configmap,
    modules,
    tls,
    routetest,
    departures,
    internal,
)
"""The modules that declare entries, in the order of their codes."""

_LONGEST_QUESTION = 80


def _declared() -> Iterator[type[Entry]]:
    for area in AREAS:
        for value in vars(area).values():
            if isinstance(value, type) and issubclass(value, Entry) and value is not Entry:
                yield value


ENTRIES: Mapping[str, type[Entry]] = MappingProxyType(
    {entry.code: entry for entry in sorted(_declared(), key=lambda entry: entry.code)}
)
"""Code → entry, in the order of the codes."""

_BY_NAME = {entry.name: entry for entry in ENTRIES.values()}


def find(code_or_name: str) -> type[Entry] | None:
    """Return the entry with this code (``ING205``, ``ing205``) or name; ``None`` if unknown."""
    wanted = code_or_name.strip()
    return ENTRIES.get(wanted.upper()) or _BY_NAME.get(wanted.lower())


def suggest(text: str) -> str | None:
    """Return the code or name that was probably meant; ``None`` if nothing is close."""
    wanted = text.strip()[:_LONGEST_QUESTION]
    number = re.search(r"\d{3}", wanted)
    if number and f"ING{number[0]}" in ENTRIES:
        return f"ING{number[0]}"
    # Codes differ in so little that only one wrong character makes a likely mistake.
    codes = difflib.get_close_matches(wanted.upper(), ENTRIES, 1, cutoff=0.8)
    names = difflib.get_close_matches(wanted.lower(), _BY_NAME, 1, cutoff=0.6)
    return next(iter(codes + names), None)
