"""Names of servers, in the words of the IR."""

from __future__ import annotations

import re

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
