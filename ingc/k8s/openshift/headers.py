"""``spec.httpHeaders.actions`` of a Route: headers that are set or deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.objects import FieldMissing
from ingc.diagnostics.catalogue.openshift import (
    RouteFieldExcluded,
    RouteTooManyItems,
    RouteValueInvalid,
)
from ingc.k8s.fields import Fields
from ingc.k8s.openshift.tls import PASSTHROUGH, RouteTls

_MOST = 20
_LONGEST_NAME, _LONGEST_VALUE = 255, 16384
_NAME = re.compile(r"[-!#$%&'*+.0-9A-Z^_`a-z|~]+").fullmatch
_KEPT = frozenset({"strict-transport-security", "proxy", "cookie", "set-cookie"})
"""Headers that the API lets nobody change."""
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class HeaderAction:
    """One header of requests or answers."""

    name: str
    value: str | None
    """As written, with HAProxy's ``%``; ``None``: the header is deleted."""
    origin: Origin


_Actions = tuple[HeaderAction, ...]


def read_actions(spec: Fields, tls: RouteTls | None) -> tuple[_Actions, _Actions]:
    """Return the actions on requests and on answers."""
    headers = spec.mapping("httpHeaders")
    actions = headers.mapping("actions") if headers else None
    if actions is None:
        return (), ()
    found = (
        tuple(_read_side(actions, "request", "req")),
        tuple(_read_side(actions, "response", "res")),
    )
    if any(found) and tls is not None and tls.termination == PASSTHROUGH:
        why = "nginx sees no header where it opens no TLS"
        spec.report(RouteFieldExcluded(field_name="httpHeaders", why=why), "httpHeaders", key=True)
    return found


def _read_side(actions: Fields, side: str, fetch: str) -> Iterator[HeaderAction]:
    given = actions.value.get(side)
    if isinstance(given, list | tuple) and len(given) > _MOST:
        actions.report(RouteTooManyItems(field_name=side, most=_MOST), side)
        return
    seen: set[str] = set()
    for item in actions.mappings(side):
        name = item.text("name")
        if _is_good_name(item, name, seen):
            seen.add(name)
            found = _read_action(item, name, fetch)
            if found is not None:
                yield found


def _is_good_name(item: Fields, name: str, seen: set[str]) -> bool:
    why = ""
    if not name:
        if item.lacks("name"):
            item.report(FieldMissing(field_name="name"), "name")
        return False
    if name in seen:
        why = "another action has the same header"
    elif len(name) > _LONGEST_NAME:
        why = f"it is longer than {_LONGEST_NAME} characters"
    elif name.lower() in _KEPT:
        why = "this header may not be changed so"
    elif _NAME(name) is None:
        why = "it is no name of a header (RFC 9110, 5.1)"
    if why:
        item.report(RouteValueInvalid(field_name="name", value=name[:_SHOWN], why=why), "name")
    return not why


def _read_action(item: Fields, name: str, fetch: str) -> HeaderAction | None:
    action = item.mapping("action")
    if action is None:
        if item.value.get("action") is None:
            item.report(FieldMissing(field_name="action"), "action")
        return None
    kind, given = action.text("type"), action.mapping("set")
    if kind not in ("Set", "Delete"):
        if kind or action.lacks("type"):
            why = "it is neither Set nor Delete"
            action.report(RouteValueInvalid(field_name="type", value=kind, why=why), "type")
        return None
    if kind == "Delete":
        if given is not None:
            action.report(RouteFieldExcluded(field_name="set", why="the type is Delete"), "set")
        return HeaderAction(name, None, item.origin)
    if given is None:
        if action.value.get("set") is None:
            action.report(FieldMissing(field_name="set"), "set")
        return None
    value = given.required("value")
    why = _why_bad(value, fetch)
    if value and why:
        entry = RouteValueInvalid(field_name="value", value=value[:_SHOWN], why=why)
        given.report(entry, "value")
    return HeaderAction(name, value, item.origin) if value and not why else None


def _why_bad(value: str, fetch: str) -> str:
    if len(value) > _LONGEST_VALUE:
        return f"it is longer than {_LONGEST_VALUE} characters"
    good = _VALUES[fetch].fullmatch(value)
    return "" if good else f"after % must stand % or [{fetch}.hdr(NAME)], and no control character"


def _values(fetch: str) -> re.Pattern[str]:
    """Return what the API takes for values: text, and what HAProxy fetches of a message."""
    flags = r"(?:\{[-+]?[QXE](?:,[-+]?[QXE])*\})?"
    fetched = rf"\[(?:{fetch}\.hdr\([0-9A-Za-z-]+\)|ssl_c_der)(?:,(?:lower|base64))*\]"
    return re.compile(rf"(?:%(?:%|{flags}{fetched})|[^%\x00-\x1f\x7f])+")


_VALUES = {fetch: _values(fetch) for fetch in ("req", "res")}
