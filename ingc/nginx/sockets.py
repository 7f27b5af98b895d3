"""Listening sockets that outlive an nginx: opened here, and handed to each master that is started.

nginx takes over the sockets whose descriptors the environment variable ``NGINX`` lists; that is
how it hands its own to a new binary
(https://nginx.org/en/docs/control.html#upgrade). A master that takes them beside an older one
shares them with it: no connection is refused, and none that waits is lost.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_BACKLOG = 511
"""nginx's own on Linux; it calls listen(2) again where a configuration has another."""
_PATIENCE = 3.0
"""Seconds: nginx tries an address that is in use five times, half a second apart."""
_PAUSE = 0.1
_LISTEN = re.compile(r"^[ \t]*listen[ \t]+([^\s;]+)([^;\n]*);", re.MULTILINE)
_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.]+\]|[0-9.]+|\*):)?(?P<port>\d{1,5})")
_EVERY = {"": "0.0.0.0", "*": "0.0.0.0"}  # noqa: S104 - what nginx means by no address


@dataclass(frozen=True, slots=True, order=True)
class ListenAddress:
    """Where nginx listens."""

    host: str
    """An IP address without brackets."""
    port: int
    udp: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (" udp" if self.udp else "")


class AddressInUse(OSError):
    """Another process listens there."""


def listen_addresses(conf: str) -> frozenset[ListenAddress]:
    """Return where a configuration listens, by the ``listen`` lines as `ingc` prints them.

    Unix sockets and names are left to nginx. nginx opens no socket for an address of which it
    listens on every one of that port; so neither is one returned.
    """
    found: set[ListenAddress] = set()
    for where, flags in {match.groups() for match in _LISTEN.finditer(conf)}:
        if match := _ADDRESS.fullmatch(where):
            host = (match["host"] or "").strip("[]")
            udp = "udp" in flags.split()
            found.add(ListenAddress(_EVERY.get(host, host), int(match["port"]), udp))
    return frozenset(item for item in found if not _wildcards(item) & found - {item})


def _wildcards(item: ListenAddress) -> frozenset[ListenAddress]:
    every = "::" if ":" in item.host else _EVERY[""]
    return frozenset({ListenAddress(every, item.port, item.udp)})


class KeptSockets:
    """The listening sockets of one nginx, by address. Not to be used by two threads at a time."""

    def __init__(self) -> None:
        self._held: dict[ListenAddress, socket.socket] = {}

    @property
    def addresses(self) -> frozenset[ListenAddress]:
        """Where somebody can connect to, whether an nginx runs or not."""
        return frozenset(self._held)

    def descriptors(self, wanted: Iterable[ListenAddress]) -> tuple[int, ...]:
        """Return the file descriptors of those that are held."""
        return tuple(self._held[item].fileno() for item in sorted(wanted) if item in self._held)

    def open(self, wanted: Collection[ListenAddress]) -> frozenset[ListenAddress]:
        """Listen on those that are not held yet, and return these.

        Those that only root may have are left to nginx, which may have the right by a capability
        of its file. Raises `AddressInUse`; nothing is opened then.
        """
        opened: dict[ListenAddress, socket.socket] = {}
        try:
            for item in sorted(set(wanted) - set(self._held)):
                with contextlib.suppress(PermissionError):
                    opened[item] = _listening(item)
        except OSError as error:
            for made in opened.values():
                made.close()
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse(error.errno, error.strerror, str(item)) from error
            raise
        self._held.update(opened)
        return frozenset(opened)

    def close(self, unwanted: Iterable[ListenAddress]) -> None:
        """Let go of some; who connects there is refused once no nginx has them either."""
        for item in set(unwanted) & set(self._held):
            self._held.pop(item).close()


def bind_failure(error: AddressInUse) -> str:
    """Return what nginx writes where it is the one that finds an address taken."""
    address = str(error.filename).removesuffix(" udp")
    return f"[emerg] bind() to {address} failed ({error.errno}: {error.strerror})"


def _listening(item: ListenAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in item.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM if item.udp else socket.SOCK_STREAM)
    try:
        made.setblocking(False)  # nginx expects it of sockets that it inherits
        if not item.udp:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # nginx's default
        _bind(made, item)
        if not item.udp:
            made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def _bind(made: socket.socket, item: ListenAddress) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            made.bind((item.host, item.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def as_environment(descriptors: Iterable[int]) -> dict[str, str]:
    """Return what a master finds its sockets by; nothing, where there are none."""
    listed = "".join(f"{number};" for number in descriptors)
    return {"NGINX": listed} if listed else {}


def without_sockets() -> dict[str, str]:
    """Return our environment without ``NGINX*``: no sockets of somebody else are taken over."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NGINX")}
