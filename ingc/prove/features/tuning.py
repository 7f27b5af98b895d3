"""Simple directives of locations and servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from ingc.ir import Redirect
from ingc.ir.features.card import Argument
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.snippets import ServerProgram
from ingc.ir.features.tuning import REPEATED, ServerTuning, Tuning
from ingc.model.tree import REWRITES, Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.settings import Setting, Usual, setting, usual, wanted
from ingc.prove.written import Found
from ingc.target import DIRECTIVES

_READ_ELSEWHERE = """
    add_header allow auth_basic auth_basic_user_file auth_request auth_request_set deny error_page
    fastcgi_index fastcgi_param http2 internal limit_conn limit_req listen location mirror
    mirror_request_body modsecurity modsecurity_rules modsecurity_rules_file
    modsecurity_transaction_id otel_span_name otel_trace otel_trace_context proxy_cache_path
    proxy_headers_hash_bucket_size proxy_headers_hash_max_size real_ip_header real_ip_recursive
    resolver satisfy server_name set_real_ip_from
"""
_OF_OTHERS = REWRITES | frozenset(_READ_ELSEWHERE.split())
"""What other features are read from, and what the proof of routing is about."""
_ENDINGS = ("_pass", "_set_header", "_hide_header", "_temp_path")
_NOT_TERMS = """
    ssl_certificate ssl_certificate_key ssl_client_certificate ssl_crl ssl_reject_handshake
    ssl_verify_client ssl_verify_depth
"""
_OF_CLIENTS = frozenset(_NOT_TERMS.split())
"""What `ClientCertificates` and the host's own certificate are read from."""
_OF_BODIES = "client_body_buffer_size"
"""Where no request is passed on, no body is read either."""
_MODULES = ("proxy_", "grpc_", "fastcgi_")
_DEFAULTS: Mapping[str, tuple[Argument, ...]] = {
    "client_body_buffer_size": ("8k",),
    "proxy_buffer_size": ("4k",),
    "proxy_buffering": ("off",),
    "proxy_buffers": (4, "4k"),
    "proxy_connect_timeout": ("5s",),
    "proxy_http_version": ("1.1",),
    "proxy_next_upstream_tries": (3,),
    "proxy_redirect": ("off",),
}
"""What holds for every location that passes requests on: ingress-nginx's defaults."""
_TLS_DEFAULTS: Mapping[str, tuple[Argument, ...]] = {
    "ssl_ciphers": (
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305",
    ),
    "ssl_prefer_server_ciphers": ("on",),
    "ssl_protocols": ("TLSv1.2", "TLSv1.3"),
    "ssl_session_cache": ("shared:ingc:10m",),
    "ssl_session_tickets": ("off",),
    "ssl_session_timeout": ("10m",),
}
"""The same for servers of https: Mozilla's intermediate configuration."""
_NOT_OF_FASTCGI = frozenset({"http_502", "http_504"})
"""Reasons to try another endpoint that ``fastcgi_next_upstream`` has not."""


def read_tuning(place: InEffect) -> tuple[Setting, ...]:
    """Return the directives that are in effect at a location, in the words of ``proxy_…``.

    Where no request is passed on, those of the location alone: what is inherited does not act
    there. Of ``http``, whose other directives are the frame's, only what decides how requests are
    passed on.
    """
    found = dict(_around(place)) if place.module else {}
    for scope in place.scopes[2:]:
        found.update(_of_scope(scope, place.module))
    return tuple([read for known, items in found.values() for read in _settings(known, items)])


def _settings(known: str, items: tuple[Statement, ...]) -> Iterator[Setting]:
    """Yield directives of one name; of `REPEATED` all are one setting, in their order."""
    if known in REPEATED:
        yield setting(known, tuple(arg for item in items for arg in item.args))
    else:
        yield from (setting(known, item.args) for item in items)


def _around(place: InEffect) -> Found:
    """Return what all locations of a server that speak to their backends alike inherit."""
    kept, module = place.written.around, place.module
    of_http, of_server = (id(place.scopes[0]), module), (id(place.server), module)
    if of_http not in kept:
        outer = _of_scope(place.scopes[0], module).items()
        kept[of_http] = {name: setting for name, setting in outer if _is_passed_down(setting[0])}
    if of_server not in kept:
        kept[of_server] = {**kept[of_http], **_of_scope(place.server, module)}
        # A fragment's log is that of the whole http; routes turn it off each for itself.
        kept[of_server].pop("access_log", None)
    return kept[of_server]


def _of_scope(scope: Statement, module: str) -> dict[str, tuple[str, tuple[Statement, ...]]]:
    found = {}
    for name, items in scope.by_name.items():
        known = _in_words_of_proxy(name, module)
        if known is not None:
            found[name] = known, items
    return found


def _is_passed_down(name: str) -> bool:
    return name.startswith(("proxy_", "client_body_buffer_size", "client_max_body_size"))


@lru_cache(maxsize=1 << 10)
def _in_words_of_proxy(name: str, module: str) -> str | None:
    """Return what a directive is called in a feature; ``None``: no `Tuning` is read from it."""
    if name in _OF_OTHERS or name.endswith(_ENDINGS) or "ssl_" in name:
        return None
    if name == _OF_BODIES and not module:
        return None
    if not name.startswith(_MODULES):
        return name
    own, _, word = name.partition("_")
    return f"proxy_{word}" if own == module else None


def _has(module: str, name: str) -> bool:
    """Return whether an nginx module has a directive of ``proxy_…``."""
    return f"{module}_{name.removeprefix('proxy_')}" in DIRECTIVES


def read_server_tuning(place: InEffect) -> tuple[Setting, ...]:
    """Return the terms of TLS that are in effect at a server; on plain http there are none."""
    if place.scheme != "https":
        return ()
    found = {**place.scopes[0].by_name, **place.server.by_name}
    return tuple(
        setting(name, item.args)
        for name, items in found.items()
        if name.startswith("ssl_") and name not in _OF_CLIENTS
        for item in items
    )


def usual_tunings(expected: ExpectedRoute) -> Usual:
    """Return what holds for locations that speak to their backends alike."""
    found = {**_DEFAULTS, **_of_everybody(expected)}
    translated = dict(_translated(name, args, expected.module) for name, args in found.items())
    return usual(translated, _required(expected))


def _of_everybody(expected: ExpectedRoute) -> dict[str, tuple[Argument, ...]]:
    """Return the ConfigMap's directives that act at a route, in the words of ``proxy_…``."""
    found, of_module = dict[str, tuple[Argument, ...]](), dict[str, tuple[Argument, ...]]()
    for name, args in expected.settings.tunings:
        if not name.startswith(_MODULES[1:]):
            found[name] = args
        elif expected.module and name.startswith(f"{expected.module}_"):
            of_module[f"proxy_{name.partition('_')[2]}"] = args
    return {**found, **of_module}


def _required(expected: ExpectedRoute) -> frozenset[str]:
    """Return the names of those usual directives that have to be in effect at a location."""
    module = expected.module
    found = {*_DEFAULTS, *_of_everybody(expected)} - _OF_OTHERS
    if module != "proxy" and expected.settings.fragment:
        # It stands in the group that decides how requests are passed on by HTTP.
        found.discard("client_body_buffer_size")
    return frozenset(name for name in found if module and _acts(name, module))


def _acts(name: str, module: str) -> bool:
    return _has(module, name) if name.startswith("proxy_") else _is_passed_down(name)


def usual_server_tunings(expected: ExpectedRoute) -> Usual:
    """Return what holds for servers of https."""
    settings = expected.settings
    own = {name: args for name, args in settings.tunings if name.startswith("ssl_")}
    policies = settings.policies
    files = {"ssl_dhparam": policies.dh_param, "ssl_session_ticket_key": policies.ticket_key}
    named = {name: (path,) for name, path in files.items() if path is not None}
    wanted = {**_TLS_DEFAULTS, **named, **own}
    return usual(wanted, wanted if expected.scheme == "https" else ())


def seen_tuning(expected: ExpectedRoute) -> tuple[Setting, ...]:
    """Return what can be seen of a route's directives."""
    return tuple([wanted(name, args) for name, args in _seen(expected)])


def _seen(expected: ExpectedRoute) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    module, features = expected.module, expected.route.features
    own = {item.directive: item.args for item in _of_program(expected) if module}
    own.update({item.directive: item.args for item in features if isinstance(item, Tuning)})
    errors = expected.route.feature(CustomErrors)
    if errors is not None and errors.intercept:
        own["proxy_intercept_errors"] = ("on",)
    if "port_in_redirect" in own and expected.settings.inner_ports is not None:
        # The port that nginx knows is one of the loopback.
        own["port_in_redirect"] = ("off",)
    action = expected.route.action
    if isinstance(action, Redirect) and str(action.location).startswith("/"):
        own.setdefault("port_in_redirect", ("off",))
    for name, args in own.items():
        if name == _OF_BODIES and not module:
            continue
        if not name.startswith("proxy_") or _has(module, name):
            yield _translated(name, args, module)


def _of_program(expected: ExpectedRoute) -> tuple[Tuning, ...]:
    """Return what a server holds for the answers of its program, which locations inherit."""
    host = expected.host
    program = host.feature(ServerProgram) if host.features else None
    return () if program is None else program.tunings


def _translated(
    name: str, args: tuple[Argument, ...], module: str
) -> tuple[str, tuple[Argument, ...]]:
    """Return a directive of HTTP as a module has it, still in the words of ``proxy_…``."""
    if name != "proxy_next_upstream" or module != "fastcgi":
        return name, args
    return name, tuple(arg for arg in args if arg not in _NOT_OF_FASTCGI) or ("off",)


def seen_server_tuning(expected: ExpectedRoute) -> tuple[Setting, ...]:
    """Return what can be seen of a host's terms of TLS."""
    if expected.scheme != "https":
        return ()
    own = (item for item in expected.host.features if isinstance(item, ServerTuning))
    return tuple([wanted(item.directive, item.args) for item in own])
