"""What of a foreign nginx.conf decides, and is not modelled: it is named, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.model.servers import Socket
from ingc.model.tree import Statement

_OPAQUE = frozenset(
    {"try_files", "limit_except", "internal", "auth_jwt", "js_content", "perl", "secure_link"}
)
"""Directives that decide what becomes of a request."""
_OPAQUE_VALUES = {"merge_slashes": "off", "server_name_in_redirect": "on"}
"""Directives that do so with one of their values."""
_LUA = re.compile(r"(?:rewrite|access|content|balancer|set)_by_lua(?:_block|_file)?").fullmatch
_ANSWERS = frozenset(
    {"stub_status", "empty_gif", "flv", "mp4", "api", "status", "dav_methods", "autoindex"}
)
"""Directives of modules that answer by themselves."""


def opaque(scopes: Iterable[Statement]) -> Statement | None:
    """Return a directive of some blocks that decides in a way that is not modelled."""
    for scope in scopes:
        for item in scope.block or ():
            if item.name in _OPAQUE or _LUA(item.name):
                return item
            if item.args[:1] == (_OPAQUE_VALUES.get(item.name),):
                return item
    return None


def page_for(scopes: Iterable[Statement], status: int) -> Statement | None:
    """Return an ``error_page`` for a status, wherever it stands."""
    code = str(status)
    pages = (page for scope in scopes for page in scope.all("error_page"))
    return next((page for page in pages if code in page.args), None)


def content_of(location: Statement) -> str:
    """Say what answers in a location that neither passes requests on nor returns."""
    found = next((item.name for item in location.block or () if item.name in _ANSWERS), "")
    return f"{found} answers there" if found else "it serves files, and only the disk tells which"


def differing(sockets: Iterable[Socket], name: bytes) -> tuple[str, ...]:
    """Return the addresses that decide which server takes a name; empty where they don't."""
    found = {socket.address: socket.find(name)[0] for socket in sockets}
    servers = {id(server) for server in found.values()}
    return tuple(found) if len(servers) > 1 else ()
