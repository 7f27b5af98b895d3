"""Requests to an nginx.conf on a real nginx: how many a second of its worker's processor time.

Unlike requests by the clock they hardly depend on what else the machine does.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_BATCH = 50
"""Requests that are sent before their answers are read."""
_SECONDS = 1.0
"""Of processor time, at least."""
_TIMES = 3
"""So often requests are sent; the most a second count."""
_WAIT = 600.0
_BACKEND = """
pid backend.pid; error_log backend.log; worker_processes 1; daemon off;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000;
  server { listen 127.0.0.1:PORT; location / { return 204; } } }
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def prepared(text: str, port: int, backend: int, *, answers: bool) -> str:
    """Return a configuration for one worker at a port, whose Services are all at another.

    ``answers``: nginx answers where it would pass a request on.
    """
    text = re.sub(r"\blisten 80\b", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r"server 10\.[0-9.]+:80 ", f"server 127.0.0.1:{backend} ", text)
    text = text.replace("worker_processes auto;", "worker_processes 1;\ndaemon off;")
    text = text.replace("http {", "http {\n    keepalive_requests 1000000000;", 1)
    if answers:
        text = re.sub(r"proxy_pass [^;]+;", "return 204;", text)
    return text


@contextmanager
def _running(binary: str, folder: Path, name: str, text: str, port: int) -> Iterator[int]:
    """Run nginx, and give the process id of its worker."""
    (folder / name).write_text(text, encoding="utf-8")
    command = [binary, "-p", str(folder), "-c", str(folder / name)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _WAIT
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not (_listens(port) and children.read_text("ascii")):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"nginx does not start with {folder / name}")
            time.sleep(0.05)
        yield int(children.read_text("ascii").split()[0])
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def _used(pid: int) -> float:
    """Return the processor time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def requests_a_second(
    binary: str, text: str, asked: tuple[tuple[str, str, int], ...], *, answers: bool
) -> list[float]:
    """Return for each host, path and status how many requests nginx serves in a second of work."""
    with tempfile.TemporaryDirectory(prefix="ingc-bench-") as name:
        folder, port, backend = Path(name), free_port(), free_port()
        behind = _BACKEND.replace("PORT", str(backend))
        ready = prepared(text, port, backend, answers=answers)
        with (
            _running(binary, folder, "backend.conf", behind, backend),
            _running(binary, folder, "nginx.conf", ready, port) as worker,
        ):
            rounds = [[_measured(worker, port, *each) for each in asked] for _ in range(_TIMES)]
            return [max(found) for found in zip(*rounds, strict=True)]


def _measured(worker: int, port: int, host: str, path: str, status: int) -> float:
    # A page of nginx's own ends with no empty line.
    method = "GET" if status == 204 else "HEAD"
    request = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * _BATCH
    with socket.create_connection(("127.0.0.1", port)) as sent:
        _ask(sent, request, status)
        began, done = _used(worker), 0
        while _used(worker) - began < _SECONDS:
            _ask(sent, request, status)
            done += _BATCH
        return done / (_used(worker) - began)


def _ask(sent: socket.socket, request: bytes, status: int) -> None:
    sent.sendall(request)
    seen = b""
    while seen.count(b"HTTP/1.1 ") < _BATCH or not seen.endswith(b"\r\n\r\n"):
        more = sent.recv(1 << 16)
        if not more:
            raise SystemExit(f"nginx closes the connection after {seen[-200:]!r}")
        seen += more
    if seen.count(b"HTTP/1.1 %d " % status) != _BATCH:
        raise SystemExit(f"an answer that nobody expects: {seen[:200]!r}")
