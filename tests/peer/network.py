"""The network of a replay: a namespace of its own in which every recorded address is local."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

NGINX = "10.251.0.2"
CLIENT = "10.251.0.1"
_RANGES = ("10.250.0.0/16", "10.251.0.0/16", "10.96.0.0/16")
"""Of Pods, of clients and nginx, of Services."""


@cache
def why_not() -> str:
    """Return why no namespace can be had here; empty: one can."""
    if sys.platform != "linux":
        return "needs Linux, for a network namespace"
    for tool in ("unshare", "ip"):
        if shutil.which(tool) is None:
            return f"needs {tool}, for a network namespace"
    if os.geteuid() != 0:
        return "needs root, for a network namespace"
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "unshare -n is not permitted here"


def apart(command: list[str]) -> list[str]:
    """Return the command that runs another in a namespace of its own."""
    return ["unshare", "-n", *command]


def make_local() -> None:
    """Make the recorded addresses local. Only in a namespace of its own."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for addresses in _RANGES:
        subprocess.run(["ip", "route", "add", "local", addresses, "dev", "lo"], check=True)
