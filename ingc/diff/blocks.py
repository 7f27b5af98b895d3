"""The blocks of an nginx.conf, without where they stand: what is equal needs no question."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.explain.conf.api import Conf
from ingc.explain.question import Question
from ingc.model.tree import Statement
from ingc.syntax.regex.reading import TooManySteps

DEFINING = frozenset(
    {"map", "geo", "split_clients", "log_format", "limit_req_zone", "limit_conn_zone", "upstream"}
    | {"proxy_cache_path", "fastcgi_cache_path", "resolver", "js_import", "types"}
)
"""Directives of ``http`` that do something only where another one names what they define."""

Print = tuple[object, ...]
Servers = tuple[Statement | None, ...]
"""The server of http and that of https."""


def servers_of(conf: Conf, host: str) -> Servers | None:
    """Return the servers that a name leads to on http and on https.

    ``None``: a regex takes more steps than PCRE allows.
    """
    sockets = (
        conf.model.socket(conf.request(Question("GET", scheme, host, "/")))
        for scheme in ("http", "https")
    )
    try:
        return tuple(socket.find(host.encode())[0] if socket else None for socket in sockets)
    except TooManySteps:
        return None


def defined(conf: Conf) -> dict[str, object]:
    """Return what ``http`` defines, by directive and first argument."""
    defining = [item for item in shared(conf) if item.name in DEFINING]
    return {_defined_name(item): _defined_text(item) for item in defining}


def _defined_name(item: Statement) -> str:
    zone = next((arg.split(":")[0] for arg in item.args if arg.startswith("zone=")), "")
    named = zone or (item.args[-1] if item.name in ("map", "geo", "split_clients") else "")
    return " ".join((item.name, *((named,) if named else item.args[:1])))


def _defined_text(item: Statement) -> str:
    inner = (f"{each.name} {' '.join(each.args)}" for each in item.block or ())
    return "; ".join([" ".join(item.args), *inner]).strip("; ") or "set"


def shared(conf: Conf) -> list[Statement]:
    """Return what all servers share: but for the servers of upstreams, which come and go."""
    kept: list[Statement] = []
    for item in conf.model.http.block or ():
        if item.name == "upstream":
            inner = tuple(each for each in item.block or () if each.name != "server")
            kept.append(Statement(item.name, item.args, 0, inner))
        elif item.name != "server":
            kept.append(item)
    return kept


def print_of(statements: Iterable[Statement]) -> Print:
    """Return statements without the lines that they stand in."""
    return tuple(
        (item.name, item.args, print_of(item.block) if item.block is not None else None)
        for item in statements
    )
