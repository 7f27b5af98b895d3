"""What was proved before, kept by content."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.ir import Host
from ingc.model.tree import Content, Statement
from ingc.target import Version

Context = tuple[object, ...]
"""All that decides what becomes of a host's requests, beside the host itself."""


@dataclass(slots=True)
class Proofs:
    """What was proved; given to one compile after the other, it spares what has not changed.

    A block of text counts as read where its text and what was laid out are both the same as
    before, and a host as proved where it, its servers and what these refer to are. It holds what
    the last compile used and nothing else. One may not be used by two compiles at a time.
    """

    _read: dict[str, tuple[Content, Version, Statement]] = field(default_factory=dict)
    _reading: dict[str, tuple[Content, Version, Statement]] = field(default_factory=dict)
    _proved: dict[str, tuple[Host, Context]] = field(default_factory=dict)
    _proving: dict[str, tuple[Host, Context]] = field(default_factory=dict)
    _surroundings: Context = ()

    def block(self, text: str, shape: Content, target: Version) -> Statement | None:
        """Return a block that was read before and found to be what was laid out."""
        found = self._read.get(text) or self._reading.get(text)
        if found is None or found[0] != shape or found[1] != target:
            return None
        self._reading[text] = found
        return found[2]

    def keep(self, text: str, shape: Content, target: Version, statement: Statement) -> Statement:
        """Note that a block is what was laid out."""
        self._reading[text] = (shape, target, statement)
        return statement

    def begin_hosts(self, surroundings: Context) -> None:
        """Note what holds for all hosts; where that is not as before, no host is proved yet."""
        if surroundings != self._surroundings:
            self._surroundings = surroundings
            self._proved = {}
            self._proving = {}

    def is_proved(self, host: Host, context: Context) -> bool:
        """Return whether a host was proved in the same surroundings."""
        if (self._proved.get(host.name) or self._proving.get(host.name)) != (host, context):
            return False
        self._proving[host.name] = (host, context)
        return True

    def keep_host(self, host: Host, context: Context) -> None:
        """Note that a host's requests go where they should."""
        self._proving[host.name] = (host, context)

    def end_compile(self) -> None:
        """Forget what the compile that ends has not used; nothing, if it has proved nothing."""
        if self._reading:
            self._read, self._reading = self._reading, {}
            self._proved, self._proving = self._proving, {}
