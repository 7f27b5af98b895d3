"""Calls between a program and the keeper of its nginx: a line of JSON there, and one back.

Over a Unix socket in nginx's folder that only its owner may connect to; both sides look who the
other is. An answer carries the listening sockets, too (SCM_RIGHTS, unix(7)).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingc.nginx.sockets import ListenAddress

_PROTOCOL = 1
"""Grows when keepers and programs of two versions do not understand each other."""
SOCKET = ".keeper.sock"
LOCK = ".keeper.lock"
WITH_SOCKETS = ("look", "start", "reload")
"""Calls whose answer has the sockets with it."""
_MOST_BYTES = 4 << 20
_MOST_SOCKETS = 250
"""Linux sends 253 descriptors with a message at most."""
_LONGEST_PATH = 100
"""Bytes; a Unix socket's path has 108."""
_PEER = struct.Struct("3i")

Message = Mapping[str, Any]


class NoKeeper(Exception):
    """The other side is not there, is somebody else's, or has ended."""


def kind_of(binary: Path) -> str:
    """Return what is the same for programs that one keeper can serve. Raises `OSError`."""
    found = binary.stat()
    return f"{_PROTOCOL} {binary} {found.st_dev} {found.st_ino} {found.st_mtime_ns}"


def peer(connection: socket.socket) -> tuple[int, int]:
    """Return the process id and the user id of the other side (SO_PEERCRED)."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    pid, uid, _ = _PEER.unpack(found)
    return pid, uid


def connect(folder: Path, timeout: float) -> socket.socket:
    """Connect to the keeper of a folder. Raises `NoKeeper`."""
    try:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise NoKeeper(f"the keeper of nginx can't be called: {error}") from error
    made.settimeout(timeout)
    try:
        with _short(folder) as path:
            made.connect(path)
        if peer(made)[1] != os.geteuid():
            raise NoKeeper("the keeper of nginx is another user's")
    except OSError as error:
        made.close()
        raise NoKeeper(f"the keeper of nginx does not answer: {error}") from error
    except BaseException:
        made.close()
        raise
    return made


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Yield a path to the socket that is not too long for one."""
    path = str(folder / SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{SOCKET}"
    finally:
        os.close(opened)


def send(
    connection: socket.socket, message: Message, held: Mapping[ListenAddress, int] | None = None
) -> None:
    """Send a message, with descriptors of listening sockets. Raises `NoKeeper`."""
    some = dict(list((held or {}).items())[:_MOST_SOCKETS])
    listed = [[item.host, item.port, item.udp] for item in some]
    data = json.dumps({**message, "sockets": listed}).encode() + b"\n"
    try:
        sent = socket.send_fds(connection, [data], list(some.values())) if some else 0
        connection.sendall(data[sent:])
    except OSError as error:
        raise NoKeeper(f"the keeper of nginx does not answer: {error}") from error


def receive(connection: socket.socket) -> tuple[dict[str, Any], dict[ListenAddress, int]]:
    """Return a message, and descriptors that came with it; they are ours. Raises `NoKeeper`."""
    data, numbers = b"", []
    try:
        while not data.endswith(b"\n"):
            part, with_it, _, _ = socket.recv_fds(connection, 1 << 16, _MOST_SOCKETS)
            numbers += with_it
            data += part
            if not part or len(data) > _MOST_BYTES:
                raise NoKeeper("the keeper of nginx has ended")
        message = json.loads(data)
        listed = [ListenAddress(*item) for item in message["sockets"]]
        return message, dict(zip(listed, numbers, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        _close(numbers)
        raise NoKeeper(f"the keeper of nginx does not answer: {error}") from error
    except BaseException:
        _close(numbers)
        raise


def _close(numbers: list[int]) -> None:
    for number in numbers:
        os.close(number)
