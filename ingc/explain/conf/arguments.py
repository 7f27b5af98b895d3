"""Arguments that a directive of a foreign nginx.conf must have for the model to read it.

nginx does not start without them either: "invalid number of arguments".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_LEAST = {
    **dict.fromkeys(("location", "if", "upstream", "geo", "return", "root", "alias", "include"), 1),
    **dict.fromkeys(("listen", "server_name", "allow", "deny", "mirror", "index"), 1),
    **dict.fromkeys(("auth_basic", "auth_request", "limit_req", "satisfy"), 1),
    **dict.fromkeys(("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass"), 1),
    **dict.fromkeys(("memcached_pass", "large_client_header_buffers"), 1),
    **dict.fromkeys(("map", "split_clients", "set", "rewrite", "error_page", "try_files"), 2),
    **dict.fromkeys(("add_header", "proxy_set_header", "grpc_set_header", "fastcgi_param"), 2),
    **dict.fromkeys(("limit_conn", "limit_req_zone", "limit_conn_zone"), 2),
}
_OF_UPSTREAM = "server"
_WITH_KEYS = frozenset({"map", "geo", "split_clients", "types"})


def lacking(
    parsed: Iterable[Mapping[str, Any]], *, keys: bool = False
) -> Iterator[Mapping[str, Any]]:
    """Yield the directives of crossplane's tree that have too few arguments.

    ``keys``: what stands in the place of a directive is a key, as in a map.
    """
    for item in parsed:
        name, block = item["directive"], item.get("block")
        least = 1 if name == _OF_UPSTREAM and block is None else _LEAST.get(name, 0)
        if len(item["args"]) < least and not (keys and block is None):
            yield item
        if block is not None:
            yield from lacking(block, keys=name in _WITH_KEYS)
