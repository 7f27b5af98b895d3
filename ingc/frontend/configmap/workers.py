"""nginx's processes and tables."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues, Setting, meaningless
from ingc.frontend.configmap.grammars import MASKS, MIME_TYPE, PROCESSES, zero_or
from ingc.frontend.declarations.grammars import BOOL, TIME, integer

CONNECTIONS = Key(
    "max-worker-connections",
    "How many connections a worker may have; 0 for the default.",
    zero_or(64, 1 << 20),
    default="16384",
    see="worker_connections",
)
AIO_WRITE = Key(
    "enable-aio-write",
    "Read files, and write temporary ones, in threads; nginx has to be built with them.",
    BOOL,
    default="false",
    sets="aio_write",
)
OPEN_FILES = Key(
    "max-worker-open-files",
    "How many files a worker may have open; 0 for the default.",
    zero_or(64, 1 << 24),
    default="65536",
    see="worker_rlimit_nofile",
)


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield limits, where one is named, and what else a key requests."""
    if values.value(AIO_WRITE):
        # Without threads nginx's aio_write does nothing.
        yield "aio", ("threads",)
    for key, directive in (
        (CONNECTIONS, "worker_connections"),
        (OPEN_FILES, "worker_rlimit_nofile"),
    ):
        number = values.get(key)
        if number:
            yield directive, (number,)


def _room(name: str, directive: str, default: str, what: str, least: int = 32) -> Key[int]:
    # nginx refuses buckets of 64 KB.
    most = 1 << (15 if name.endswith("bucket-size") else 20)
    return Key(name, what, integer(least, most), default=default, sets=directive)


_STATUS = "there is no status page here"

DEFAULT_TYPE = Key(
    "default-type",
    "The type of answers that have none.",
    MIME_TYPE,
    default="text/plain",
    sets="default_type",
)

GROUP = KeyGroup(
    "Workers",
    (
        Key(
            "worker-processes",
            "How many workers there are.",
            PROCESSES,
            default="auto",
            sets="worker_processes",
        ),
        Key(
            "worker-cpu-affinity",
            "Which processors the workers run on.",
            MASKS,
            sets="worker_cpu_affinity",
        ),
        Key(
            "worker-shutdown-timeout",
            "How long old workers go on after a reload.",
            TIME,
            default="240s",
            sets="worker_shutdown_timeout",
        ),
        meaningless(
            "enable-serial-reloads", "the compiler reloads nothing by itself", "true", "false"
        ),
        CONNECTIONS,
        OPEN_FILES,
        Key(
            "enable-multi-accept",
            "Let a worker accept all new connections at once.",
            BOOL,
            default="false",
            sets="multi_accept",
        ),
        AIO_WRITE,
        _room("map-hash-bucket-size", "map_hash_bucket_size", "64", "Room for a key of a map."),
        _room(
            "server-name-hash-max-size",
            "server_names_hash_max_size",
            "512",
            "Room for host names, where it is more than they need.",
        ),
        _room(
            "server-name-hash-bucket-size",
            "server_names_hash_bucket_size",
            "64",
            "Room for a host name, where it is more than they need.",
        ),
        _room(
            "proxy-headers-hash-max-size",
            "proxy_headers_hash_max_size",
            "512",
            "Room for the headers that are set and hidden.",
        ),
        _room(
            "proxy-headers-hash-bucket-size",
            "proxy_headers_hash_bucket_size",
            "64",
            "Room for a header that is set or hidden.",
        ),
        _room(
            "variables-hash-bucket-size",
            "variables_hash_bucket_size",
            "64",
            "Room for a variable.",
        ),
        _room(
            "variables-hash-max-size",
            "variables_hash_max_size",
            "1024",
            "Room for variables.",
            least=1024,
        ),
        DEFAULT_TYPE,
        meaningless("lua-shared-dicts", "there is no Lua here"),
        meaningless("nginx-status-ipv4-whitelist", _STATUS),
        meaningless("nginx-status-ipv6-whitelist", _STATUS),
    ),
    settings,
)
