"""The headers that a ConfigMap lists for answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.annotations_headers import (
    CustomHeaderNotAllowed,
    CustomHeadersMapElsewhere,
    CustomHeadersMapMissing,
    CustomHeaderUnusable,
)
from ingc.frontend.declarations.namespaces import may_read
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import CustomHeadersWish
from ingc.ir.features.headers import CustomHeaders
from ingc.k8s.config_map import ConfigMap
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.text import most_bytes
from ingc.syntax.token import MAX_TOKEN_BYTES

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting

_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}").fullmatch
_VALUE = re.compile(r"[ -~]*").fullmatch
_NGINX_WRITES = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "server",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that nginx or the framing of the answer decides."""
_ROUTE = "x-ingc-route"


def grant_custom_headers(
    wish: CustomHeadersWish, intent: IntentRoute, granting: Granting
) -> CustomHeaders | None:
    """Return the headers of a ConfigMap of the Ingress's namespace; one bad header refuses all."""
    namespace = wish.namespace or intent.namespace
    name = f"{namespace}/{wish.name}"
    if not may_read(namespace, intent.namespace, granting.settings.defaults):
        elsewhere = CustomHeadersMapElsewhere(
            config_map=name, namespace=intent.namespace, wanted=f"{intent.namespace}/{wish.name}"
        )
        granting.sink.report(elsewhere, wish.place)
        return None
    found = granting.store.config_maps.get((namespace, wish.name))
    if found is None or found.broken:
        granting.sink.report(CustomHeadersMapMissing(config_map=name), wish.place)
        return None
    ours = (_ROUTE,) if granting.options.debug_header else ()
    faults = [(key, _fault(key, found, wish.allowed, ours)) for key in found.data]
    for key, fault in faults:
        if fault is not None:
            granting.sink.report(fault, found.place_of(key))
    if any(fault for _, fault in faults):
        return None
    return CustomHeaders(tuple(sorted(found.data.items())))


def _fault(
    header: str, found: ConfigMap, allowed: tuple[str, ...], ours: tuple[str, ...]
) -> Entry | None:
    if _NAME(header) is None:
        return CustomHeaderUnusable(header=header, why="this is no name of a header")
    if len(header) > LONGEST_NAME:
        why = f"its name is longer than the {LONGEST_NAME} characters that nginx takes"
        return CustomHeaderUnusable(header=header, why=why)
    if header.lower() in _NGINX_WRITES:
        return CustomHeaderUnusable(header=header, why="nginx writes this header itself")
    if header.lower() in ours:
        return CustomHeaderUnusable(header=header, why="--debug-header answers with this header")
    if any(header != other and header.lower() == other.lower() for other in found.data):
        return CustomHeaderUnusable(header=header, why="the same header stands here twice")
    if header.lower() not in {name.lower() for name in allowed}:
        return CustomHeaderNotAllowed(
            header=header,
            config_map=f"{found.namespace}/{found.name}",
            allowed=", ".join(allowed) or "none",
        )
    value = found.data[header]
    if _VALUE(value) is None:
        return CustomHeaderUnusable(
            header=header, why="its value is not one line of printable ASCII"
        )
    if most_bytes(value) > MAX_TOKEN_BYTES:
        return CustomHeaderUnusable(header=header, why="its value is longer than nginx reads")
    return None
