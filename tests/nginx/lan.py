"""A cluster of network namespaces: two Nodes on one link with nginx's machine, a Pod behind each.

Its addresses are those of ``examples/outside.yaml``. It takes root, Linux's ``ip`` and curl.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

SERVER = """\
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import socket

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = sys.argv[1].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6

Server(("::", int(sys.argv[2])), Answer).serve_forever()
"""
"""Answers with its name, for both families."""

_NODES = {"n1": 11, "n2": 12}
_PODS = {"shop-1": ("n1", 1, 7), "shop-2": ("n2", 2, 9)}
"""The Node of a Pod, the number of the Node's network, and that of the Pod in it."""
_STARTS_WITHIN = 10.0  # seconds


def has_namespaces() -> bool:
    """Return whether this machine lets us make network namespaces."""
    if os.geteuid() or not (shutil.which("ip") and shutil.which("curl")):
        return False
    name = f"ingc-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode:
        return False
    subprocess.run(["ip", "netns", "del", name], check=True)
    return True


@dataclass
class Lan:
    """The namespaces; `office` is that of nginx's machine."""

    prefix: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def office(self) -> str:
        """The name of the namespace in which nginx runs."""
        return self.name("office")

    def name(self, part: str) -> str:
        """Return the whole name of a namespace."""
        return f"{self.prefix}{part}"

    def run(self, part: str, *command: str, stdin: str = "") -> str:
        """Run a command in a namespace and return what it prints."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.name(part), *command],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (command, done.returncode, done.stderr)
        return done.stdout

    def listens(self, part: str, port: int) -> bool:
        """Return whether somebody listens on a port in a namespace."""
        lines = self.run(part, "cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
        rows = (line.split() for line in lines)
        return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)

    def start(self, part: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process in a namespace; it ends with the cluster."""
        whole = ["ip", "netns", "exec", self.name(part), *command]
        made = subprocess.Popen(whole, stdout=subprocess.DEVNULL)
        self.processes.append(made)
        return made

    def serve(self, part: str, name: str, port: int) -> None:
        """Let somebody listen in a namespace and answer with a name."""
        self.start(part, sys.executable, "-c", SERVER, name, str(port))


@contextlib.contextmanager
def lan() -> Iterator[Lan]:
    """Make the namespaces and what listens in them."""
    made = Lan(f"ingc{os.getpid()}-")
    parts = ("lan", "office", *_NODES, *_PODS)
    try:
        for part in parts:
            subprocess.run(["ip", "netns", "add", made.name(part)], check=True)
            made.run(part, "ip", "link", "set", "lo", "up")
        made.run("lan", "ip", "link", "add", "br0", "type", "bridge")
        made.run("lan", "ip", "link", "set", "br0", "up")
        for part, number in {"office": 10, **_NODES}.items():
            _join(made, part, number)
        for pod, place in _PODS.items():
            _give(made, pod, *place)
        _listen(made)
        yield made
    finally:
        for process in made.processes:
            process.terminate()
        for process in made.processes:
            process.wait(timeout=10)
        for part in parts:
            subprocess.run(
                ["ip", "netns", "del", made.name(part)], capture_output=True, check=False
            )


def _join(made: Lan, part: str, number: int) -> None:
    """Put a machine on the link."""
    peer = ("peer", "name", "eth0", "netns", made.name(part))
    made.run("lan", "ip", "link", "add", f"to-{part}", "type", "veth", *peer)
    made.run("lan", "ip", "link", "set", f"to-{part}", "master", "br0", "up")
    made.run(part, "ip", "link", "set", "eth0", "up")
    made.run(part, "ip", "addr", "add", f"192.0.2.{number}/24", "dev", "eth0")
    made.run(part, "ip", "addr", "add", f"2001:db8::{number}/64", "dev", "eth0", "nodad")
    for key in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
        made.run(part, "sh", "-c", f"echo 1 > /proc/sys/{key}")


def _give(made: Lan, pod: str, node: str, network: int, number: int) -> None:
    """Give a Node a Pod."""
    peer = ("peer", "name", "eth0", "netns", made.name(pod))
    made.run(node, "ip", "link", "add", pod, "type", "veth", *peer)
    made.run(node, "ip", "link", "set", pod, "up")
    made.run(pod, "ip", "link", "set", "eth0", "up")
    for beginning, length, first in (
        (f"10.244.{network}.", 24, "1"),
        (f"fd00:244:{network}::", 64, "1"),
    ):
        made.run(
            node, "ip", "addr", "add", f"{beginning}{first}/{length}", "dev", pod, *_dad(length)
        )
        own = f"{beginning}{number}/{length}"
        made.run(pod, "ip", "addr", "add", own, "dev", "eth0", *_dad(length))
        family = "-6" if length == 64 else "-4"
        made.run(pod, "ip", family, "route", "add", "default", "via", f"{beginning}{first}")


def _dad(length: int) -> tuple[str, ...]:
    """An IPv6 address is to be there at once, not when nobody else has claimed it."""
    return ("nodad",) if length == 64 else ()


def _listen(made: Lan) -> None:
    """Start what answers: Pods, their Nodes' ports, and the load balancer's address on a Node."""
    made.run("n1", "ip", "addr", "add", "198.51.100.20/32", "dev", "eth0")
    made.run("office", "ip", "route", "add", "198.51.100.20/32", "dev", "eth0")
    for pod in _PODS:
        made.serve(pod, pod, 8080)
    for node in _NODES:
        made.serve(node, f"node-port-{node}", 30080)
        made.serve(node, f"host-port-{node}", 8000)
    made.serve("n1", "balancer", 80)
    until = time.monotonic() + _STARTS_WITHIN
    for part, ports in {
        **dict.fromkeys(_PODS, (8080,)),
        "n1": (30080, 8000, 80),
        "n2": (30080, 8000),
    }.items():
        for port in ports:
            while not made.listens(part, port):
                assert time.monotonic() < until, f"nobody listens on {port} of {part}"
                time.sleep(0.05)
