"""The frame around the servers: what holds for all of them, said once.

The numbers are ingress-nginx's defaults where they differ from nginx's own, or where nginx's
own differ between versions.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingc.ir import Config, Settings
from ingc.plan.layout import Comment, Directive, Group, Map, Value, compose
from ingc.syntax.text import Variable

ROUTE = Variable("ingc_route")
"""The name of the route that took a request, for logs and for the local responder."""

_JSON_FIELDS = (
    ("time", "$time_iso8601"),
    ("remote_addr", "$remote_addr"),
    ("scheme", "$scheme"),
    ("host", "$host"),
    ("method", "$request_method"),
    ("uri", "$request_uri"),
    ("protocol", "$server_protocol"),
    ("status", "$status"),
    ("bytes_sent", "$body_bytes_sent"),
    ("request_length", "$request_length"),
    ("request_time", "$request_time"),
    ("route", "$ingc_route"),
    ("upstream", "$upstream_addr"),
    ("upstream_status", "$upstream_status"),
    ("upstream_time", "$upstream_response_time"),
    ("request_id", "$ingc_request_id"),
    ("referer", "$http_referer"),
    ("user_agent", "$http_user_agent"),
)
_COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ',
    '"$http_referer" "$http_user_agent" $host $scheme "$ingc_route"',
)

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


def directive(name: str, *args: Value) -> Directive:
    """Make a simple directive."""
    return Directive(name, args)


def _group(title: str, *directives: Directive) -> Group:
    return Group(Comment(title), directives)


def wants_route(settings: Settings) -> bool:
    """Tell whether anything reads the name of the route."""
    return settings.access_log != "off" or settings.echo


def main_directives() -> tuple[Directive, ...]:
    """What stands outside of ``http``; files are relative to nginx's prefix."""
    return (
        directive("worker_processes", "auto"),
        # A proxied connection takes two descriptors of each worker's limit.
        directive("worker_rlimit_nofile", 65536),
        directive("worker_shutdown_timeout", "240s"),
        directive("pid", "nginx.pid"),
        directive("error_log", "error.log", "notice"),
    )


def http_groups(config: Config) -> tuple[Group, ...]:
    """What stands at the top of ``http``, in groups with a comment each."""
    settings = config.settings
    groups: list[Group] = []
    if not settings.fragment:
        temporary = tuple(directive(f"{name}_temp_path", f"{name}_temp") for name in _TEMPORARY)
        groups.append(_group("working files, below nginx's prefix", *temporary))
    log = () if settings.fragment else access_log(settings)
    groups.append(_group("access log", *_log_format(settings), *log))
    names = _server_names(config)
    if names:
        groups.append(_group("room for the longest name and for all of them", *names))
    return tuple(group for group in groups if group.directives)


def general() -> tuple[Group, ...]:
    """What is said of nginx itself."""
    return (_group("", directive("server_tokens", "off")),)


def proxying(settings: Settings, set_somewhere: Iterable[str]) -> tuple[Group, ...]:
    """How every location proxies, and what it tells the backend.

    ``set_somewhere`` are the headers that some location sets by a variable.
    """
    groups = [
        _group("proxying", *_proxying()),
        _group("what the backend is told", *_request_headers(settings, set_somewhere)),
    ]
    if settings.resolver:
        groups.append(_group("names of upstreams", directive("resolver", *settings.resolver)))
    return tuple(groups)


def tls() -> tuple[Group, ...]:
    """How https is spoken."""
    return (_group("TLS", *_tls()),)


def serves_https(config: Config) -> bool:
    """Tell whether anything listens for https."""
    default = config.settings.default_certificate is not None
    return default or any(h.https and h.https.certificate for h in config.hosts)


def _log_format(settings: Settings) -> tuple[Directive, ...]:
    if settings.access_log == "json":
        fields = [f'"{name}":"{variable}"' for name, variable in _JSON_FIELDS]
        lines = [f"{field}," for field in fields[:-1]] + [fields[-1] + "}"]
        lines[0] = "{" + lines[0]
        texts = tuple(compose(line) for line in lines)
        return (Directive("log_format", ("ingc_json", "escape=json", *texts), unfolded=2),)
    if settings.access_log == "combined":
        args: tuple[Value, ...] = ("ingc_combined", *map(compose, _COMBINED))
        return (Directive("log_format", args, unfolded=1),)
    return ()


def access_log(settings: Settings) -> tuple[Directive, ...]:
    """Which access log every server writes."""
    if settings.access_log == "off":
        return (directive("access_log", "off"),)
    return (directive("access_log", "access.log", f"ingc_{settings.access_log}"),)


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
    """Return what every backend is told, by the name of the header."""
    headers: dict[str, Value] = dict(_REQUEST_HEADERS)
    if settings.echo:
        headers["X-Ingc-Upstream"] = Variable("proxy_host")
        headers["X-Ingc-Route"] = ROUTE
    return headers


def response_headers(config: Config) -> tuple[tuple[str, Value], ...]:
    """Return the headers that every answer gets."""
    return (HSTS,) if serves_https(config) else ()


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
        directive("proxy_hide_header", HSTS[0]),
        directive("add_header", *HSTS, "always"),
    )


def _server_names(config: Config) -> tuple[Directive, ...]:
    """nginx refuses a name that does not fit into a bucket of its hash."""
    given = (name for host in config.hosts for name in (*host.names, host.twin))
    names = [name for name in given if name is not None and not name.startswith(("*.", "~"))]
    longest = max(len(name) for name in names)
    # One entry takes its length and two bytes, padded to 8, and two pointers.
    entry = 16 + (longest + 2 + 7) // 8 * 8
    # Of many names a few always share a bucket; its size is a limit and costs no memory.
    bucket = _power_of_two(entry if len(names) <= _FEW_NAMES else 8 * entry, at_least=64)
    room = _power_of_two(2 * len(names), at_least=512)
    if bucket == 64 and room == 512:
        return ()
    return (
        directive("server_names_hash_bucket_size", bucket),
        directive("server_names_hash_max_size", room),
    )


def room_for_variables(count: int) -> tuple[Group, ...]:
    """Return how nginx makes room for so many variables of maps; else it warns of a slow hash."""
    if count <= _FEW_VARIABLES:
        return ()
    return (
        _group(
            "room for the variables of the maps",
            directive("variables_hash_bucket_size", 256),
            directive("variables_hash_max_size", _power_of_two(2 * count, at_least=1024)),
        ),
    )


def _power_of_two(number: int, *, at_least: int) -> int:
    return max(at_least, 1 << (number - 1).bit_length())


def maps(config: Config) -> tuple[Map, ...]:
    """The variables that the rest refers to."""
    made = [
        _map("$http_upgrade", "ingc_connection", ("", ""), ("default", "upgrade")),
        _map("$http_host", "ingc_host", ("", "$host"), ("default", "$http_host")),
        _map(
            "$http_x_request_id",
            "ingc_request_id",
            ("", "$request_id"),
            ("default", "$http_x_request_id"),
        ),
        _map("$scheme", "ingc_forwarded_port", ("https", "443"), ("default", "$server_port")),
    ]
    if wants_route(config.settings):
        # A location sets the variable; the map is its value where none does.
        made.append(_map("", ROUTE.name, ("default", "-")))
    if serves_https(config):
        hsts = "max-age=31536000; includeSubDomains"
        made.append(_map("$https", "ingc_hsts", ("on", hsts), ("default", "")))
    return tuple(made)


def _map(source: str, variable: str, *entries: tuple[str, str]) -> Map:
    return Map(
        _value(source), Variable(variable), tuple((key, _value(value)) for key, value in entries)
    )


def _value(constant: str) -> Value:
    if constant.startswith("$"):
        return Variable(constant[1:])
    return constant
