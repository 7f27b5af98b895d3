"""The locations of servers as they would be without regexes for plain paths, and without groups."""

from __future__ import annotations

from ingc.ir import Host
from ingc.ir.written import as_regex
from ingc.model import Model
from ingc.model.locations import Level
from ingc.model.tree import Statement
from ingc.prove.groups import flattened
from ingc.prove.prefixes import without_prefix_regexes


class FlatLevels:
    """Those of one model, each read once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._known: dict[tuple[int, str], Level] = {}

    def flat(self, server: Statement, host: Host) -> Level:
        """Return a server's, for a host whose names it has. Raises `NotFlat`."""
        key = (id(server), host.name)
        if key not in self._known:
            level = self._model.level(server)
            if host.regex:
                level = flattened(level, [as_regex(route.match) for route in host.routes])
            elif level.regexes or level.nested:
                level = without_prefix_regexes(level)
            self._known[key] = level
        return self._known[key]
