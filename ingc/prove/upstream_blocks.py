"""What an ``upstream`` block holds: its endpoints, and how long connections are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingc.ir import Endpoint, Upstream
from ingc.model.tree import Statement
from ingc.prove.unequal import Unequal
from ingc.prove.values import NoValue, read_number, render
from ingc.syntax.host import is_address
from ingc.target import KEEPALIVE_BY_DEFAULT, Version

SESSIONS = ".sticky_"
"""Stands between an upstream's name and what distinguishes its forms with sessions."""
_KEPT = 32
"""So many connections nginx keeps by itself, from `KEEPALIVE_BY_DEFAULT` on."""
_REQUESTS = 1000
USUAL_TIMEOUT = "60s"
USUAL_TIME = "1h"
"""nginx's own defaults."""
_ZONE = ("64k",)
"""The room for names that are looked up while nginx runs."""
_WEIGHT = "weight="
_ALWAYS_THERE = frozenset({"max_fails=0"})
_RESOLVED = frozenset({"max_fails=0", "resolve"})


@dataclass(frozen=True, slots=True)
class UpstreamInEffect:
    """One block."""

    block: Statement
    target: Version

    @property
    def sessions(self) -> bool:
        """Whether it is a form of an upstream that keeps sessions by a cookie."""
        return SESSIONS in self.block.args[0]

    def args(self, name: str) -> tuple[str, ...] | None:
        """Return the arguments of a directive; ``None``: nginx's own default holds."""
        found = self.block.first(name)
        return None if found is None else found.args

    def argument(self, name: str, default: str) -> str:
        """Return the one argument of a directive."""
        found = self.args(name)
        return default if found is None else found[0]

    @property
    def connections(self) -> int:
        """How many idle connections a worker keeps."""
        by_itself = _KEPT if self.target >= KEEPALIVE_BY_DEFAULT else 0
        return read_number(self.argument("keepalive", str(by_itself)), "connections")

    @property
    def requests(self) -> int:
        """After so many requests a connection is closed."""
        return read_number(self.argument("keepalive_requests", str(_REQUESTS)), "requests")

    @property
    def timeout(self) -> str:
        """For so long an idle connection is kept."""
        return self.argument("keepalive_timeout", USUAL_TIMEOUT)

    @property
    def time(self) -> str:
        """For so long a connection is used."""
        return self.argument("keepalive_time", USUAL_TIME)


def read_endpoints(block: Statement, *, resolved: bool) -> tuple[Endpoint, ...]:
    """Return the endpoints of a block, in the order of the text.

    ``resolved``: names are looked up while nginx runs. Raises `NoValue` for a line that does not
    serve like all others, or not as long as it stands there.
    """
    found = []
    for line in block.all("server"):
        weights = [arg for arg in line.args[1:] if arg.startswith(_WEIGHT)]
        weight = read_number(weights[0].removeprefix(_WEIGHT), "weight") if weights else 1
        endpoint = replace(read_endpoint(line.args[0]), weight=weight)
        usual = _RESOLVED if resolved and endpoint.dns else _ALWAYS_THERE
        if frozenset(line.args[1:]) != usual | frozenset(weights):
            raise NoValue("endpoints", f"{' '.join(line.args)} in place of {', '.join(usual)}")
        found.append(endpoint)
    return tuple(found)


def zone_differs(block: Statement) -> Unequal | None:
    """Return whether a block has room for its endpoints' addresses where nginx looks them up."""
    needed = any("resolve" in line.args for line in block.all("server"))
    zone = block.first("zone")
    found, wanted = zone.args[1:] if zone is not None else (), _ZONE if needed else ()
    if found == wanted:
        return None
    return Unequal("Upstream", "zone", render(wanted), render(found))


def read_endpoint(text: str) -> Endpoint:
    """Return an address as a ``server`` line has it; without a port it is nginx's own, 80."""
    if text.startswith("unix:"):
        return Endpoint(text, 0)
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        return Endpoint(text, 80, dns=not is_address(text))
    if host.startswith("["):
        return Endpoint(host[1:-1], int(port))
    return Endpoint(host, int(port), dns=not host.replace(".", "").isdigit())


def _named(endpoint: Endpoint) -> str:
    return str(endpoint) if endpoint.weight == 1 else f"{endpoint} weight={endpoint.weight}"


def endpoints_differ(upstream: Upstream, found: tuple[Endpoint, ...]) -> Unequal:
    """Return the difference between the endpoints of a block and the IR's."""
    expected = upstream.endpoints
    missing = [_named(item) for item in expected if item not in found]
    strange = [_named(item) for item in found if item not in expected]
    return Unequal(
        "Upstream",
        "endpoints",
        ", ".join(missing) or f"{len(expected)} in this order",
        ", ".join(strange) or f"{len(found)}: {', '.join(map(str, found[:8]))}",
    )
