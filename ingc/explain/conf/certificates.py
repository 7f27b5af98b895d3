"""For which hosts a controller has a certificate: Lua looks, and the file does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Certificates:
    """The hosts that have a certificate of their own, as far as that is known."""

    hosts: Names = frozenset()
    """In lower case; ``*.example.com`` stands for one label."""
    without: Names | None = frozenset()
    """Hosts that have none; ``None``: all others."""
    assumed: bool = False
    """What is taken for the others."""

    def of(self, host: str) -> bool | None:
        """Return whether a host has a certificate; ``None``: not known."""
        name = host.lower().removesuffix(".")
        wildcard = f"*.{name.partition('.')[2]}"
        if name in self.hosts or wildcard in self.hosts:
            return True
        if self.without is None or name in self.without or wildcard in self.without:
            return False
        return None

    def as_map(self, line: int) -> dict[str, Any]:
        """Return the ``map`` from a host to 1, where it has a certificate, else 0."""
        entries = [("default", "1" if self.assumed else "0")]
        entries += [(_key(host), "1") for host in sorted(self.hosts)]
        entries += [(_key(host), "0") for host in sorted(self.without or ())]
        block = [{"directive": key, "args": [value], "line": line} for key, value in entries]
        return {
            "directive": "map",
            "args": ["$host", "$ingc_certificate"],
            "line": line,
            "block": block,
        }


def _key(host: str) -> str:
    if not host.startswith("*."):
        return host
    literal = host[2:].replace(".", "[.]")
    return f"~^[^.]+[.]{literal}$"

