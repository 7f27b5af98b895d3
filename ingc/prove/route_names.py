"""Which route a location names, for the log and for listed clients: a text, or what maps give."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.model import Model, NotModelled
from ingc.model.locations import FoundLocation
from ingc.model.machine import State, Undecided
from ingc.model.tree import Statement
from ingc.model.values import VariableBlock, parts, search

ROUTE = "$ingc_route"
"""Set to the name of a location's route."""
_SOURCES = ("$host", "$ingc_path")
"""What names may depend on: the host, and which of its paths a location took a request for."""
_DEEPEST = 3
UNKNOWN = "(a name that is not known)"


class RouteNames:
    """The names of routes in one text."""

    def __init__(self, model: Model) -> None:
        self._variables = model.variables
        blocks = (VariableBlock(item) for item in model.http.all("map"))
        self._blocks = {f"${block.variable}": block for block in blocks}
        self._fixed: set[int] = set()
        """The maps whose values depend on nothing else than `_SOURCES`."""
        by_host = {name: item for name, item in self._blocks.items() if item.source == "$host"}
        used = set(_used_beside_names(model.http)) if by_host else set()
        self._by_host = {name: block for name, block in by_host.items() if name not in used}
        self._of_servers: dict[int, tuple[VariableBlock, ...]] = {}

    @property
    def by_host_alone(self) -> frozenset[str]:
        """The variables, with their dollar sign, that name routes by the host and do nothing else.

        What one gives for a host is part of that host's way; what for others is not.
        """
        return frozenset(self._by_host)

    def by_host(self, server: Statement, name: bytes) -> tuple[str, ...]:
        """Return what each of these maps that a server's locations use has for a name."""
        if not self._by_host:
            return ()
        used = self._of_servers.get(id(server))
        if used is None:
            named = dict.fromkeys(
                variable
                for item in _settings_of(server)
                for variable in _variables_of(item.args[1])
                if variable in self._by_host
            )
            used = self._of_servers[id(server)] = tuple([self._by_host[item] for item in named])
        return tuple([_value_of(block, name) for block in used])

    def of(self, found: FoundLocation, name: bytes, uri: bytes) -> str | None:
        """Return the route that a location names for a host and a path; ``None``: it names none."""
        location = found.location
        lines = location.all("set") if location is not None else ()
        text = next((item.args[1] for item in lines if item.args[:1] == (ROUTE,)), None)
        if text is None or "$" not in text:
            return text
        if not self._is_fixed(text):
            return UNKNOWN
        state = State(uri, b"", {"host": name}, {})
        if found.pattern is not None:
            search(found.pattern, uri, state)
        try:
            return self._variables.expand(text, state, 0).decode("latin-1")
        except (NotModelled, Undecided):
            return UNKNOWN

    def _is_fixed(self, text: str, depth: int = 0) -> bool:
        """Return whether a text depends on nothing but the host, and the path of the location."""
        blocks = [self._blocks.get(name) for name in _variables_of(text)]
        return depth < _DEEPEST and all(
            block is not None
            and block.source in _SOURCES
            and (id(block) in self._fixed or self._values_are_fixed(block, depth + 1))
            for block in blocks
        )

    def _values_are_fixed(self, block: VariableBlock, depth: int) -> bool:
        found = all("$" not in value or self._is_fixed(value, depth) for _, value in block.entries)
        if found:
            self._fixed.add(id(block))
        return found


def _value_of(block: VariableBlock, name: bytes) -> str:
    plain = block.plain(name)
    if plain is not None:
        return plain
    taken = (value for pattern, value in block.regexes if pattern.search(name) is not None)
    return next(taken, block.default)


def _settings_of(block: Statement) -> Iterator[Statement]:
    """Yield the lines that name a route, in a block and those in it."""
    for item in block.block or ():
        if item.name == "set" and item.args[0] == ROUTE:
            yield item
        elif item.block:
            yield from _settings_of(item)


def _variables_of(text: str) -> Iterator[str]:
    return (f"${name}" for kind, name in parts(text) if kind == "variable")


def _used_beside_names(block: Statement) -> Iterator[str]:
    """Yield the variables that stand anywhere but in the name of a route."""
    for item in block.block or ():
        if not (item.name == "set" and item.args[0] == ROUTE):
            for text in (item.name, *item.args[: -1 if item.name == "map" else None]):
                if "$" in text:
                    yield from _variables_of(text)
        yield from _used_beside_names(item)
