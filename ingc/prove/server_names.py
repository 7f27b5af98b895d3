"""Names of servers, in the words of the IR."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.ir import Config, Host
from ingc.model.tree import Statement

DEFAULT = "_"
"""The name of the server that takes what no other does: no client can send it."""
_ONE_LABEL = re.compile(r"~\^\[\^\.\]\+\[\.\]((?:[a-z0-9-]|\[\.\])+)\$").fullmatch


def named(name: str) -> str:
    """Return a server's name as the IR has it: a wildcard of one label is a regex."""
    ending = _ONE_LABEL(name)
    return f"*.{ending[1].replace('[.]', '.')}" if ending else name


def names_of(server: Statement) -> tuple[str, ...]:
    """Return the names of a server as the IR has them, in the order of the text."""
    return tuple([named(name) for item in server.all("server_name") for name in item.args])


def have_twins(servers: Iterable[Statement]) -> bool:
    """Return whether two servers have the same name on the same socket."""
    seen: set[tuple[str, str]] = set()
    for server in servers:
        names = [arg for item in server.all("server_name") for arg in item.args]
        for pair in ((item.args[0], name) for item in server.all("listen") for name in names):
            if pair in seen:
                return True
            seen.add(pair)
    return False


class ServerNames:
    """Whose each name of a server is; several hosts may share one."""

    def __init__(self, config: Config) -> None:
        self._hosts = frozenset(host.name for host in config.hosts)
        self._names: dict[int, tuple[tuple[str, ...], dict[str, int]]] = {}

    def called(self, host: Host, server: Statement) -> tuple[str, ...]:
        """Return a host's names in a server: its own, and those up to another host's.

        Where the server does not have its own name: all, from the first on.
        """
        known = self._names.get(id(server))
        if known is None:
            names = names_of(server)
            known = self._names[id(server)] = names, {name: at for at, name in enumerate(names)}
        names, places = known
        begin = places.get(host.name, 0)
        others = range(begin + 1, len(names))
        end = next((at for at in others if names[at] in self._hosts), len(names))
        return names[begin:end]
