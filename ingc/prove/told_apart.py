"""Maps and conditions by which nginx would do otherwise for one host than for another.

Hosts with equal contents are compared once, and requests for the headers of backends are samples.
So nothing of the frame may look for a host's name but the names of servers, the operator's own
maps, and maps that only name routes.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from ingc.ir import Config
from ingc.ir.features.snippets import SNIPPET_VARIABLES, ServerProgram
from ingc.model.tree import Statement
from ingc.prove.server_names import DEFAULT, names_of
from ingc.prove.unequal import Unequal

_OF_HOST = frozenset({"host", "server_name", "ssl_server_name"})
"""The header `Host` may choose a canary, whose maps have a reader."""
_VARIABLE = re.compile(r"\$\{?(\w+)").findall
_NO_LETTERS = re.compile(r"\\.|\[[^]]*\]|\?<\w+>|\{[0-9,]*\}")
"""What of a regex stands for any letters, or for none."""
_LETTER = re.compile(r"[A-Za-z0-9]").search


def told_apart(http: Statement, config: Config, names_of_routes: Container[str]) -> Unequal | None:
    """Return the first map that looks for the name of a host, or server that only answers and does.

    ``names_of_routes`` are the variables that only name routes, with their dollar signs.
    """
    maps = http.all("map")
    carriers = _carriers(maps)
    for block in maps:
        variable = block.args[-1]
        exempt = variable.startswith(f"${SNIPPET_VARIABLES}") or variable in names_of_routes
        if exempt or carriers.isdisjoint(_VARIABLE(block.args[0])):
            continue
        for entry in block.block or ():
            if entry.args and _names_some(entry.name):
                return Unequal("Settings", "maps", "none by the name of a host", entry.name)
    asking = (item for server in _answering(http, config) for item in server.all("if"))
    for item in asking:
        if not carriers.isdisjoint(_VARIABLE(item.args[0])):
            condition = " ".join(item.args)
            return Unequal("Settings", "if", "none by the name of a host", condition)
    return None


def _answering(http: Statement, config: Config) -> Iterator[Statement]:
    """Yield the servers with one location, which answers by itself, but for those of programs."""
    own = {
        name or DEFAULT
        for host in config.hosts
        if host.features and host.feature(ServerProgram) is not None
        for name in host.names
    }
    for server in http.all("server"):
        locations = server.all("location")
        answers = len(locations) == 1 and locations[0].first("return") is not None
        if answers and own.isdisjoint(names_of(server)):
            yield server


def _carriers(maps: Iterable[Statement]) -> set[str]:
    """Return the variables in which the name of a host may be."""
    mentioned = {
        block.args[-1].removeprefix("$"): {
            name
            for text in (block.args[0], *(arg for line in block.block or () for arg in line.args))
            for name in _VARIABLE(text)
        }
        for block in maps
    }
    found = set(_OF_HOST)
    while True:
        more = {name for name, others in mentioned.items() if not found.isdisjoint(others)} - found
        if not more:
            return found
        found |= more


def _names_some(key: str) -> bool:
    """Return whether a key of a map takes some names and not others, as far as it shows."""
    if not key.startswith("~"):
        return key not in ("", "default")
    return _LETTER(_NO_LETTERS.sub("", key)) is not None
