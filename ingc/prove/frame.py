"""What stands around the servers: nginx itself, its connections, its logs, who the client is.

Each directive of ``main``, ``events`` and ``http`` is compared here, or read by a reader of
`_READ_ELSEWHERE`; one that nobody expects is a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingc.ir import Config, Settings
from ingc.ir.features.card import Argument
from ingc.ir.features.snippets import SNIPPET_VARIABLES
from ingc.model.scopes import inherited, setting
from ingc.model.tree import Statement
from ingc.prove.logs import log_differs
from ingc.prove.modules import OF_MODULES, modules_differ
from ingc.prove.unequal import Unequal
from ingc.prove.values import canonical, read_text, render
from ingc.prove.written import Written
from ingc.target import DIRECTIVES, KEEPALIVE_MIN_TIMEOUT

_MAIN: Mapping[str, tuple[Argument, ...]] = {
    "worker_processes": ("auto",),
    "worker_rlimit_nofile": (65536,),
    "worker_shutdown_timeout": ("240s",),
    "pid": ("nginx.pid",),
    "error_log": ("error.log", "notice"),
}
_EVENTS: Mapping[str, tuple[Argument, ...]] = {"worker_connections": (16384,)}
_FILES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_HTTP: Mapping[str, tuple[Argument, ...]] = {
    "server_tokens": ("off",),
    **{f"{name}_temp_path": (f"{name}_temp",) for name in _FILES},
}
"""What holds without a ConfigMap."""
_KEPT_AFTER_RELOAD: tuple[Argument, ...] = ("30s",)
"""Of `KEEPALIVE_MIN_TIMEOUT`, where the target has it."""
_BY_READERS = """
    access_log add_header geo limit_conn_zone limit_req_zone log_format map proxy_cache_path
    real_ip_header real_ip_recursive resolver server set_real_ip_from split_clients upstream
    map_hash_bucket_size map_hash_max_size server_names_hash_bucket_size server_names_hash_max_size
    variables_hash_bucket_size variables_hash_max_size client_body_buffer_size client_max_body_size
"""
_READ_ELSEWHERE = frozenset(_BY_READERS.split())
"""Read at each server and location; whether the sizes of tables are enough is checked by
`ingc.model.starting`."""
_PASSING = ("proxy_", "grpc_", "fastcgi_")
_CACHE = ("auth_cache", "levels=1:2", "keys_zone=ingc_auth:10m", "max_size=128m", "inactive=30m",
          "use_temp_path=off")  # fmt: skip
_ORDER = ("main", "events", "server", "http")


def frame_differs(config: Config, main: Sequence[Statement], written: Written) -> Unequal | None:
    """Return the first difference between what holds for all servers and the settings."""
    settings, http = config.settings, written.http
    if settings.fragment:
        return (
            _http_differs(http, {})
            or log_differs(settings, written)
            or maps_differ(settings, written)
            or modules_differ(config, main, http)
        )
    events = next((item for item in main if item.name == "events"), None)
    own = dict(_by_context(settings))
    if settings.target >= KEEPALIVE_MIN_TIMEOUT:
        own["http"] = {"keepalive_min_timeout": _KEPT_AFTER_RELOAD, **own["http"]}
    around = [item for item in main if item.name not in OF_MODULES]
    found = _block_differs(around, {**_MAIN, **own["main"]}, "main")
    found = found or _block_differs(
        (events.block or ()) if events is not None else (), {**_EVENTS, **own["events"]}, "events"
    )
    return (
        found
        or _http_differs(http, {**_HTTP, **own["http"], **own["server"]})
        or log_differs(settings, written)
        or maps_differ(settings, written)
        or modules_differ(config, main, http)
        or server_differs(config, (http,))
    )


def maps_differ(settings: Settings, written: Written) -> Unequal | None:
    """Return the first of the operator's maps that is not as its snippet has it."""
    wanted = {item.name: item for item in settings.policies.maps}
    for name in written.blocks:
        if name.startswith(SNIPPET_VARIABLES) and name not in wanted:
            return Unequal("Policies", "maps", "none", f"${name}")
    for name, item in wanted.items():
        block = written.blocks.get(name)
        entries = tuple((key, canonical(value)) for key, value in item.entries)
        found = block and tuple((key, canonical(read_text(value))) for key, value in block.entries)
        same_source = block and canonical(read_text(block.source)) == canonical(item.source)
        if found != entries or not same_source:
            return Unequal("Policies", "maps", f"${name}", "another map or none")
    return None


def _by_context(settings: Settings) -> Iterator[tuple[str, dict[str, tuple[Argument, ...]]]]:
    """Yield a ConfigMap's directives, by the outermost block in which nginx takes them."""
    for context in _ORDER:
        yield (
            context,
            {
                name: args
                for name, args in settings.tunings
                if not name.startswith("ssl_") and _context_of(name) == context
            },
        )


def _context_of(name: str) -> str:
    contexts = DIRECTIVES[name].contexts
    return next(context for context in _ORDER if context in contexts)


def _http_differs(http: Statement, wanted: Mapping[str, tuple[Argument, ...]]) -> Unequal | None:
    expected = {name: args for name, args in wanted.items() if not _is_read(name)}
    lines = [item for item in http.block or () if not _is_read(item.name)]
    found = _block_differs(lines, expected, "http")
    caches = [item.args for item in http.all("proxy_cache_path")]
    if found is None and caches not in ([], [_CACHE]):
        return Unequal("AuthCache", "", render(_CACHE), render(tuple(caches)))
    return found


def _is_read(name: str) -> bool:
    if name.endswith("_temp_path"):
        return False
    elsewhere = name in _READ_ELSEWHERE or name in OF_MODULES
    return elsewhere or name.startswith((*_PASSING, "ssl_"))


def _block_differs(
    lines: Sequence[Statement], wanted: Mapping[str, tuple[Argument, ...]], where: str
) -> Unequal | None:
    found: dict[str, tuple[str, ...]] = {}
    for item in lines:
        if item.block is None:
            if item.name in found:
                return Unequal("Settings", f"tunings in {where}", f"one {item.name}", "several")
            found[item.name] = item.args
    for name in {**wanted, **found}:
        expected = wanted.get(name)
        has = found.get(name)
        if expected is None or has is None or canonical(expected) != canonical(_texts(has)):
            field = f"tunings: {name} in {where}"
            return Unequal("Settings", field, render(expected or ()), render(has or ()))
    return None


def _texts(args: tuple[str, ...]) -> tuple[object, ...]:
    return tuple([read_text(arg) if "$" in arg else arg for arg in args])


def server_differs(config: Config, scopes: tuple[Statement, ...]) -> Unequal | None:
    """Return the first difference in what holds for every server, at one of them.

    ``scopes``: ``http``, and the server where it holds something.
    """
    settings = config.settings
    wanted = tuple(_addresses_from(settings))
    names = ("real_ip_header", "real_ip_recursive", "set_real_ip_from")
    found = tuple((item.name, item.args) for name in names for item in inherited(scopes, name))
    if sorted(wanted) != sorted(found):
        return Unequal("Front", "proxies", _lines(wanted), _lines(found))
    resolver = setting(scopes, "resolver") or ()
    if not settings.fragment and resolver != settings.resolver:
        return Unequal("Settings", "resolver", render(settings.resolver), render(resolver))
    if settings.fragment:
        for name, args in dict(_by_context(settings))["server"].items():
            has = setting(scopes, name)
            if not _is_read(name) and canonical(args) != canonical(_texts(has or ())):
                return Unequal("Settings", f"tunings: {name}", render(args), render(has or ()))
    return None


def _addresses_from(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield how nginx finds the client's address, and whom it believes."""
    front = settings.policies.front
    if settings.inner_ports is not None:
        # A stream server of ours sends it; before that one, the proxies of the operator.
        believed = ("127.0.0.1", *(front.proxies if front.proxy_protocol else ()))
        yield "real_ip_header", ("proxy_protocol",)
    elif front.address_header:
        believed = front.proxies
        yield "real_ip_header", (front.address_header,)
        yield "real_ip_recursive", ("on",)
    else:
        return
    yield from (("set_real_ip_from", (network,)) for network in believed)


def _lines(found: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    return "; ".join(" ".join((name, *args)) for name, args in found) or "nothing"
