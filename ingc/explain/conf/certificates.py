"""For which hosts a controller has a certificate: Lua looks, and the file does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class CertifiedHosts:
    """The hosts that have a certificate of their own, as far as that is known."""

    hosts: Names = frozenset()
    """In lower case; ``*.example.com`` stands for one label."""
    unsure: Names | None = None
    """Hosts of which it is not known; ``None``: all but those."""
    assumed: bool = False
    """What is taken for those of which it is not known."""

    def of(self, host: str) -> bool | None:
        """Return whether a host has a certificate; ``None``: not known."""
        name = host.lower().removesuffix(".")
        names = (name, f"*.{name.partition('.')[2]}")
        if any(item in self.hosts for item in names):
            return True
        return None if self.unsure is None or any(item in self.unsure for item in names) else False

    def as_map(self, line: int) -> dict[str, Any]:
        """Return the ``map`` from a host to 1, where it has a certificate, else 0."""
        assumed = "1" if self.assumed else "0"
        entries = [("default", assumed if self.unsure is None else "0")]
        entries += [(_key(host), "1") for host in sorted(self.hosts)]
        entries += [
            (_key(host), assumed) for host in sorted((self.unsure or frozenset()) - self.hosts)
        ]
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


NONE_KNOWN = CertifiedHosts()
"""Nothing is known of any host."""
