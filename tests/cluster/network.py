"""A network namespace of the tests' own, in which every address of Pods is this machine.

The API server takes no EndpointSlice with an address of loopback, and Pods have others. In the
namespace a whole range leads here, and nothing leads out of it. It takes root, or the right to make
namespaces, and Linux's ``ip``.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PODS = ipaddress.ip_network("10.250.0.0/16")
_CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)


class NoNamespace(Exception):
    """This machine lets us make none; the text says why."""


@contextmanager
def own_network() -> Iterator[None]:
    """Be in a new network namespace: this thread, and what it starts meanwhile.

    Raises `NoNamespace`.
    """
    if shutil.which("ip") is None:
        raise NoNamespace("ip is not on PATH")
    before = os.open(_OWN, os.O_RDONLY)
    try:
        if _libc.unshare(_CLONE_NEWNET) != 0:
            raise NoNamespace(f"unshare: {os.strerror(ctypes.get_errno())}")
        try:
            _ip("link", "set", "lo", "up")
            _ip("route", "add", "local", str(PODS), "dev", "lo")
            yield
        finally:
            if _libc.setns(before, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(before)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNamespace(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
