"""The frame around the servers: what holds for all of them, written once.

The numbers are ingress-nginx's defaults where they differ from nginx's own, or where nginx's
own differ between versions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ingc.ir import Config, Settings
from ingc.ir.features.card import Argument
from ingc.ir.module_use import is_traced, loaded_files, shared_rules
from ingc.ir.policies import VariableMap
from ingc.plan.features.modsecurity import rules_directives
from ingc.plan.frame.blocking import block_maps
from ingc.plan.frame.client_identity import (
    forwarded_headers,
    host_map,
    more_maps,
    port_map,
    real_ip,
    twin_maps,
)
from ingc.plan.frame.debugging import HEADER, answered, debug_maps
from ingc.plan.frame.logs import ROUTE, access_log, log_format, log_maps, logs_route
from ingc.plan.frame.modules import tracing
from ingc.plan.frame.tunings import more, tuned
from ingc.plan.layout import Comment, Directive, Group, Literal, Map, Value, directive
from ingc.plan.rooms import labels_of, power_of_two, room_for_keys
from ingc.syntax.hash_table import Size, roomy
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.text import Text, Variable
from ingc.target import KEEPALIVE_MIN_TIMEOUT

__all__ = ["ROUTE", "access_log", "directive"]

HSTS = ("Strict-Transport-Security", Variable("ingc_hsts"))

_REQUEST_HEADERS: tuple[tuple[str, str | Variable], ...] = (
    ("Host", Variable("ingc_host")),
    ("Upgrade", Variable("http_upgrade")),
    ("Connection", Variable("ingc_connection")),
    ("X-Request-ID", Variable("ingc_request_id")),
    ("X-Real-IP", Variable("remote_addr")),
    ("X-Forwarded-For", Variable("remote_addr")),
    ("X-Forwarded-Host", Variable("ingc_host")),
    ("X-Forwarded-Port", Variable("ingc_forwarded_port")),
    ("X-Forwarded-Proto", Variable("scheme")),
    ("X-Forwarded-Scheme", Variable("scheme")),
    ("X-Scheme", Variable("scheme")),
    ("X-Original-Forwarded-For", Variable("http_x_forwarded_for")),
    ("X-Original-Forwarded-Host", Variable("http_x_forwarded_host")),
    ("Proxy", ""),
)
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
_FEW_NAMES = 32
_FEW_VARIABLES = 12
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _group(title: str, *directives: Directive) -> Group:
    return Group(Comment(title), directives)


def wants_route(settings: Settings) -> bool:
    """Return whether anything reads the name of the route."""
    return logs_route(settings) or settings.echo or bool(settings.debug_header)


def main_directives(config: Config) -> tuple[Directive, ...]:
    """What stands outside of ``http``; files are relative to nginx's prefix."""
    settings, file = config.settings, config.stream.module
    # nginx takes modules only before anything that could use them.
    files = (*((file,) if file and config.needs_stream else ()), *loaded_files(config))
    modules = (directive("load_module", Literal(item)) for item in files)
    defaults = (
        directive("worker_processes", "auto"),
        # A proxied connection takes two descriptors of each worker's limit.
        directive("worker_rlimit_nofile", 65536),
        directive("worker_shutdown_timeout", "240s"),
        directive("pid", "nginx.pid"),
        directive("error_log", "error.log", "notice"),
    )
    return (*modules, *_with_more(settings, "main", defaults))


def events_directives(settings: Settings) -> tuple[Directive, ...]:
    """What stands in ``events``."""
    return _with_more(settings, "events", (directive("worker_connections", 16384),))


def _with_more(
    settings: Settings, context: str, defaults: tuple[Directive, ...]
) -> tuple[Directive, ...]:
    here = {item.name for item in defaults}
    added = (item for item in more(settings, context) if item.name not in here)
    return (*tuned(settings, *defaults), *added)


def http_groups(config: Config) -> tuple[Group, ...]:
    """What stands at the top of ``http``, in groups with a comment each."""
    settings = config.settings
    groups: list[Group] = []
    if not settings.fragment:
        temporary = tuple(directive(f"{name}_temp_path", f"{name}_temp") for name in _TEMPORARY)
        groups.append(_group("working files, below nginx's prefix", *temporary))
    log = () if settings.fragment else access_log(settings)
    groups.append(_group("access log", *log_format(settings), *log))
    names = _server_names(config)
    if names:
        groups.append(_group("room for the longest name and for all of them", *names))
    if not settings.fragment:
        groups.append(_group("set by the ConfigMap", *more(settings, "http")))
    groups.append(_group("rules of the firewall", *rules_directives(shared_rules(config))))
    groups.append(_group("spans of requests", *tracing(settings, traced=is_traced(config))))
    return tuple(group for group in groups if group.directives)


def general(settings: Settings) -> tuple[Group, ...]:
    """Return what holds for nginx itself."""
    own = [*tuned(settings, directive("server_tokens", "off"))]
    if settings.target >= KEEPALIVE_MIN_TIMEOUT:
        # A client's idle connection gets one more answer after a reload, and is then closed.
        own.append(directive("keepalive_min_timeout", "30s"))
    return (_group("", *own),)


def everywhere(settings: Settings) -> tuple[Group, ...]:
    """What holds for every server, whether it proxies or not."""
    added = (directive("add_header", *item, "always") for item in answered(settings))
    # A whole file says it once, with what holds for nginx itself.
    own = (item for item in settings.tunings if settings.fragment and item[0] == "server_tokens")
    tokens = (directive(name, *args) for name, args in own)
    groups = (
        _group("who the client is", *real_ip(settings)),
        _group("set by the ConfigMap for every server", *tokens, *more(settings, "server")),
        _group("what every answer says", *added),
    )
    return tuple(group for group in groups if group.directives)


def proxying(settings: Settings, set_somewhere: Iterable[str]) -> tuple[Group, ...]:
    """Return how every location proxies, and which headers it sends to the backend.

    ``set_somewhere`` are the headers that some location sets by a variable.
    """
    hidden = (directive("proxy_hide_header", name) for name in _hidden(settings))
    groups = [
        _group("proxying", *tuned(settings, *_proxying()), *hidden),
        _group("headers that backends get", *_request_headers(settings, set_somewhere)),
    ]
    if settings.resolver:
        groups.append(_group("names of upstreams", directive("resolver", *settings.resolver)))
    return tuple(groups)


def tls(settings: Settings) -> tuple[Group, ...]:
    """How https is spoken."""
    hsts: tuple[Directive, ...] = ()
    if settings.policies.hsts is not None:
        hsts = (
            directive("proxy_hide_header", HSTS[0]),
            directive("add_header", *HSTS, "always"),
        )
    named = (
        ("ssl_dhparam", settings.policies.dh_param),
        ("ssl_session_ticket_key", settings.policies.ticket_key),
    )
    files = (directive(name, Literal(path)) for name, path in named if path is not None)
    spoken = (*tuned(settings, *_tls()), *more(settings, "tls"), *files)
    return (_group("TLS", *spoken, *hsts),)


def serves_https(config: Config) -> bool:
    """Return whether anything listens for https."""
    default = config.settings.default_certificate is not None
    return default or any(h.https and h.https.certificate for h in config.hosts)


def _proxying() -> tuple[Directive, ...]:
    return (
        directive("client_body_buffer_size", "8k"),
        directive("proxy_http_version", "1.1"),
        directive("proxy_connect_timeout", "5s"),
        directive("proxy_buffering", "off"),
        directive("proxy_buffer_size", "4k"),
        directive("proxy_buffers", 4, "4k"),
        directive("proxy_next_upstream_tries", 3),
        directive("proxy_redirect", "off"),
    )


def request_headers(settings: Settings) -> dict[str, Value]:
    """Return the headers that every backend gets, by their names."""
    headers: dict[str, Value] = dict(_REQUEST_HEADERS)
    policies = settings.policies
    headers.update(forwarded_headers(policies.front))
    if policies.request_headers:
        own = {name.lower() for name, _ in policies.request_headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in own}
        headers.update(policies.request_headers)
    if settings.echo:
        headers["X-Ingc-Upstream"] = Variable("proxy_host")
        headers["X-Ingc-Route"] = ROUTE
    return headers


def response_headers(config: Config) -> tuple[tuple[str, Value], ...]:
    """Return the headers that every answer gets."""
    policies = config.settings.policies
    hsts = (HSTS,) if policies.hsts is not None and serves_https(config) else ()
    return (*hsts, *answered(config.settings))


def hidden_headers(config: Config) -> tuple[str, ...]:
    """Return the headers of backends' answers that no location passes on."""
    policies = config.settings.policies
    hsts = (HSTS[0],) if policies.hsts is not None and serves_https(config) else ()
    return (*hsts, *_hidden(config.settings))


def _hidden(settings: Settings) -> tuple[str, ...]:
    policies = settings.policies
    replaced = (name for name, _ in policies.response_headers)
    ours = (HEADER[0],) if settings.debug_header else ()
    return tuple(dict.fromkeys((*replaced, *policies.hidden, *ours)))


def header_variable(name: str) -> Variable:
    """Return the variable by which a location sets a header of the request to the backend."""
    return Variable("ingc_header_" + name.lower().replace("-", "_"))


def _request_headers(settings: Settings, set_somewhere: Iterable[str]) -> tuple[Directive, ...]:
    headers = {name.lower(): (name, value) for name, value in request_headers(settings).items()}
    headers.update({name.lower(): (name, header_variable(name)) for name in set_somewhere})
    return tuple(directive("proxy_set_header", name, value) for name, value in headers.values())


def _tls() -> tuple[Directive, ...]:
    return (
        directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
        directive("ssl_ciphers", _CIPHERS),
        directive("ssl_prefer_server_ciphers", "on"),
        directive("ssl_session_cache", "shared:ingc:10m"),
        directive("ssl_session_timeout", "10m"),
        directive("ssl_session_tickets", "off"),
    )


def _server_names(config: Config) -> tuple[Directive, ...]:
    """nginx refuses a name that does not fit into a bucket of its hash."""
    given = (
        # Most hosts have one name, and are many.
        name
        for host in config.hosts
        for name in ((*host.names, host.twin) if host.features else (host.name,))
    )
    names = [name for name in given if name is not None and not name.startswith("~")]
    wildcards = [name for name in names if name.startswith("*.")]
    names = [name for name in names if not name.startswith("*.")]
    if "plain-wildcards" in config.settings.passes:
        # nginx has a table of the labels of each level.
        names += sorted({label for name in wildcards for label in labels_of(name)})
    longest = max(len(name) for name in names)
    # One entry takes its length and two bytes, padded to 8, and two pointers.
    entry = 16 + (longest + 2 + 7) // 8 * 8
    # Of many names a few always share a bucket; its size is a limit and costs no memory.
    bucket = power_of_two(entry if len(names) <= _FEW_NAMES else 8 * entry, at_least=64)
    room = power_of_two(2 * len(names), at_least=512)
    own = dict(config.settings.tunings)
    bucket = max(bucket, _number(own.get("server_names_hash_bucket_size")))
    room = max(room, _number(own.get("server_names_hash_max_size")))
    room, bucket = roomy(names, Size(room, bucket))
    if bucket == 64 and room == 512:
        return ()
    return (
        directive("server_names_hash_bucket_size", bucket),
        directive("server_names_hash_max_size", room),
    )


def _number(args: tuple[Argument, ...] | None) -> int:
    return args[0] if args and isinstance(args[0], int) else 0


def room_for_variables(names: Collection[str], settings: Settings) -> tuple[Group, ...]:
    """Return how nginx makes room for the variables of maps; else it warns of a slow hash.

    What the ConfigMap sets holds.
    """
    longest = max(map(len, names), default=0)
    if len(names) <= _FEW_VARIABLES and longest <= LONGEST_NAME:
        return ()
    configured = {name for name, _ in settings.tunings}
    usual = Size(power_of_two(2 * len(names), at_least=1024), 256)
    most, bucket = roomy(sorted(names), usual)
    room = {"variables_hash_bucket_size": bucket, "variables_hash_max_size": most}
    more_room = (directive(name, size) for name, size in room.items() if name not in configured)
    return (_group("room for the variables of the maps", *more_room),)


def room_for_names(maps: Iterable[Map], settings: Settings) -> tuple[Group, ...]:
    """Return how nginx makes room for the keys of maps; what the ConfigMap sets holds."""
    configured = {name for name, _ in settings.tunings}
    room = (item for item in room_for_keys(maps) if item.name not in configured)
    group = _group("room for the names in maps", *room)
    return (group,) if group.directives else ()


def maps(config: Config) -> tuple[Map, ...]:
    """The variables that the rest refers to."""
    settings = config.settings
    policies = settings.policies
    sent_id = ("default", "$http_x_request_id")
    made = [
        _map("$http_upgrade", "ingc_connection", ("", ""), ("default", "upgrade")),
        host_map(policies.front),
        _map(
            "$http_x_request_id",
            "ingc_request_id",
            *((("", "$request_id"), sent_id) if policies.request_id else (sent_id,)),
        ),
        port_map(settings),
        *more_maps(settings),
        *twin_maps(config),
    ]
    if wants_route(settings):
        # A location sets the variable; the map is its value where none does.
        made.append(_map("", ROUTE.name, ("default", "-")))
    if policies.hsts is not None and serves_https(config):
        made.append(_map("$https", "ingc_hsts", ("on", policies.hsts), ("default", "")))
    made.extend(map(_of_snippet, policies.maps))
    return (*made, *log_maps(settings), *block_maps(settings), *debug_maps(settings))


def _of_snippet(block: VariableMap) -> Map:
    """Return a map of the operator's http-snippet; nothing is expanded in its keys."""
    entries = ((Literal(key), _constant_or(value)) for key, value in block.entries)
    return Map(block.source, Variable(block.name), tuple(entries))


def _constant_or(text: Text) -> Value:
    constant = text.constant
    return text if constant is None else constant


def _map(source: str, variable: str, *entries: tuple[str, str]) -> Map:
    return Map(
        _value(source), Variable(variable), tuple((key, _value(value)) for key, value in entries)
    )


def _value(constant: str) -> Value:
    if constant.startswith("$"):
        return Variable(constant[1:])
    return constant
