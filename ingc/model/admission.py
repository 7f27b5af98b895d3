"""Whom a place lets in, in nginx's order: limits, addresses, passwords, services.

What is not known of a client refuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingc.model.machine import State
from ingc.model.scopes import guarded, inherited, setting
from ingc.model.tree import Statement
from ingc.model.values import Variables
from ingc.syntax.address import read_client, read_network
from ingc.syntax.request import Request

_AUTHS = ("auth_basic", "auth_request")
_GUARDS = (*_AUTHS, "limit_req", "limit_conn")
_UNAVAILABLE = "503"
Scopes = tuple[Statement, ...]
"""From ``http`` to the location."""
Keys = Mapping[str, str]


def keys_of(http: Statement) -> dict[str, str]:
    """Return by what each zone of limits distinguishes clients, by the zone's name."""
    return {
        arg[5:].partition(":")[0]: item.args[0]
        for kind in ("limit_req_zone", "limit_conn_zone")
        for item in http.all(kind)
        for arg in item.args
        if arg.startswith("zone=")
    }


def admitted(
    scopes: Scopes, request: Request, state: State, variables: Variables, keys: Keys
) -> tuple[str, ...] | int:
    """Return what may still refuse the request; or the status, where it is refused here.

    ``keys`` are those of `keys_of`.
    """
    limited = _over_limit(scopes, request, state, variables, keys)
    return _accessible(scopes, request) if limited is None else limited


def _over_limit(
    scopes: Scopes, request: Request, state: State, variables: Variables, keys: Keys
) -> int | None:
    """Return the status for a client that requests too much; ``None``: nothing limits it."""
    for item in inherited(scopes, "limit_req") if request.recent else ():
        given = dict(arg.partition("=")[::2] for arg in item.args)
        most = int(given.get("burst", "0"))
        key = keys.get(given.get("zone", ""), "")
        if (request.recent or 0) > most and variables.expand(key, state, item.line):
            return int((setting(scopes, "limit_req_status") or (_UNAVAILABLE,))[0])
    for item in inherited(scopes, "limit_conn") if request.parallel else ():
        key = keys.get(item.args[0], "")
        most = int(item.args[1])
        if (request.parallel or 0) >= most and variables.expand(key, state, item.line):
            return int((setting(scopes, "limit_conn_status") or (_UNAVAILABLE,))[0])
    return None


def _accessible(scopes: Scopes, request: Request) -> tuple[str, ...] | int:
    guards = tuple(name for name in _GUARDS if guarded(scopes, name))
    auths = [name for name in guards if name in _AUTHS]
    ruled = ruling(scopes, request.address) if request.address is not None else None
    statuses = {
        "auth_basic": {None: None, True: 200, False: 401}[request.password],
        "auth_request": _decided(request.verdict),
    }
    known = {name: found for name in auths if (found := statuses[name]) is not None}
    passed = [name for name, found in known.items() if found == 200]
    refused = [found for found in known.values() if found != 200]
    if ruled == "deny":
        refused.insert(0, 403)
    if not auths or setting(scopes, "satisfy") != ("any",):
        return refused[0] if refused else _left(guards, passed)
    if ruled == "allow" or passed:
        return _left(guards, auths)
    listed = any(scope.all("allow") or scope.all("deny") for scope in scopes)
    if len(known) < len(auths) or not refused or (listed and request.address is None):
        return guards
    if refused[-1] not in (401, 403):
        return refused[-1]
    return 401 if 401 in refused else refused[0]


def _decided(verdict: int | None) -> int | None:
    """Return what the answer of an auth service means: 200, or the status of the refusal."""
    if verdict is None or verdict in (401, 403):
        return verdict
    return 200 if 200 <= verdict < 300 else 500


def _left(guards: tuple[str, ...], passed: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in guards if name not in passed)


def ruling(scopes: Scopes, client: str) -> str | None:
    """Return ``allow`` or ``deny``, by the innermost scope that has such rules; or neither."""
    address = read_client(client)
    for scope in reversed(scopes):
        if not (scope.all("allow") or scope.all("deny")):
            continue
        rules = [item for item in scope.block or () if item.name in ("allow", "deny")]
        for rule in rules:
            text = rule.args[0]
            if text == "unix:":
                continue
            if text == "all" or address in read_network(text):
                return rule.name
        if rules:
            return None
    return None
