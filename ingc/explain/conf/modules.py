"""Directives of modules that are not nginx's own: those that choose no location are passed over.

What may answer a request in place of its location is kept aside and named with each answer; what
makes the answer itself, such as ``content_by_lua_block``, stays, and the model does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingc.model.tree import ASIDE, Statement

Item = Mapping[str, Any]

_PHASES = """
    init init_worker exit_worker header_filter body_filter log balancer
    ssl_certificate ssl_client_hello ssl_session_fetch ssl_session_store
    proxy_ssl_certificate proxy_ssl_verify set
"""
_BY_LUA = tuple(
    f"{phase}_by_lua{form}" for phase in _PHASES.split() for form in ("", "_block", "_file")
)
_BEGINNINGS = (
    *("lua_", "opentelemetry", "opentracing", "modsecurity_", "geoip2", "geoip_", "zipkin_"),
    *("jaeger_", "datadog_", "otel_", "vhost_traffic_status", "http2_push", "auth_digest_"),
    *("ssl_dyn_rec_", "more_set_input_headers", "more_clear_input_headers", "influxdb"),
    *("set_escape_uri", "set_unescape_uri", "ssl_ct", "plugin_", "testcookie_"),
)
_ASKING = (
    *(f"{phase}_by_lua" for phase in ("rewrite", "access", "server_rewrite", "precontent")),
    *("modsecurity", "auth_digest", "auth_pam", "auth_jwt", "auth_ldap"),
)
_OF_KEYS = ("map", "geo", "split_clients", "types")
_RULES_OF = ("modsecurity_", "auth_digest_", "auth_pam_", "auth_ldap_")


def may_answer(name: str) -> bool:
    """Return whether a directive of another module may answer a request."""
    if name.startswith(_RULES_OF):
        return False
    return name in _ASKING or name.removesuffix("_block").removesuffix("_file") in _ASKING


def chooses_nothing(name: str) -> bool:
    """Return whether a directive of another module has no say in where a request goes."""
    return name in _BY_LUA or name.startswith(_BEGINNINGS)


def passed_over(items: Iterable[Item], *, known: bool) -> Iterator[Item]:
    """Yield the statements of other modules that `without_modules` leaves out or keeps aside."""
    for item in items:
        name, block = item["directive"], item.get("block")
        aside = may_answer(name) and (known or "_by_lua" not in name)
        if chooses_nothing(name) or aside:
            yield item
        elif block is not None and name not in _OF_KEYS:
            yield from passed_over(block, known=known)


def without_modules(items: Iterable[Item], *, known: bool) -> Iterator[dict[str, Any]]:
    """Yield crossplane's statements without those of other modules.

    What may answer a request is kept as `ASIDE`; but Lua only where its author is ``known``: of
    anybody's it may do anything.
    """
    for item in items:
        name, block = item["directive"], item.get("block")
        if chooses_nothing(name):
            continue
        if may_answer(name) and block is None and (known or "_by_lua" not in name):
            yield {**item, "directive": ASIDE, "args": [name, *item["args"]]}
        elif block is None or name in _OF_KEYS:
            yield dict(item)
        else:
            yield {**item, "block": list(without_modules(block, known=known))}


def asides(scopes: Iterable[Statement]) -> Iterator[Statement]:
    """Yield what may answer a request in a place: of each kind the innermost that is not off.

    ``scopes`` are the blocks around it, the outermost first.
    """
    found: dict[str, Statement] = {}
    for scope in scopes:
        for item in scope.all(ASIDE):
            found[item.args[0].removesuffix("_block").removesuffix("_file")] = item
    yield from (item for item in found.values() if item.args[1:2] != ("off",))
