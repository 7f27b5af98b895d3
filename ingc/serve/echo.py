"""The responder that stands in for a cluster: it reports which Service and rule a request reached.

nginx sends every upstream request here, with two headers that the configuration sets:
``X-Ingc-Upstream`` (the upstream's name) and ``X-Ingc-Route`` (the Ingress, a space, the field
path of its rule). The answer is JSON that repeats what a backend would have received.
"""

from __future__ import annotations

import contextlib
import errno
import json
import socket
import stat
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from ingc.plan.upstreams import STICKY_INFIX
from ingc.serve.received import BadRequest, Reader, Received

Describe = Callable[[str], Mapping[str, str]] | Mapping[str, Mapping[str, str]]
"""From an upstream's name to ``{"service": "shop/web", "port": "80"}``."""

_IDLE_TIMEOUT = 90.0  # seconds; longer than nginx keeps idle connections to an upstream
_ACCEPT_TIMEOUT = 0.5  # seconds; not every system ends accept() when the socket is shut down
_OWN = "x-ingc-"
_UNIX_PATH_MOST = 103  # bytes, on macOS and the BSDs; 107 on Linux


def has_room(path: Path) -> bool:
    """Return whether a unix socket can have this path: it is limited by ``sun_path``, unix(7)."""
    return len(bytes(path)) <= _UNIX_PATH_MOST


class Responder:
    """Serves HTTP/1.1 on a unix socket or on 127.0.0.1, a thread for each connection.

    A context manager; also `start` and `stop`. `describe` may be set anew at any time, and holds
    for all requests that arrive after that.
    """

    def __init__(
        self, socket_path: Path | None = None, *, port: int = 0, describe: Describe | None = None
    ) -> None:
        """Prepare only. Without ``socket_path`` it is TCP; ``port`` 0 takes a free one."""
        self.describe: Describe = describe if describe is not None else {}
        self._path = socket_path.absolute() if socket_path is not None else None
        self._port = port
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}

    def __enter__(self) -> Self:
        """Start; see `start`."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop; see `stop`."""
        self.stop()

    @property
    def address(self) -> str:
        """The address as nginx writes it: ``unix:/path`` or ``127.0.0.1:8000``."""
        return f"unix:{self._path}" if self._path else f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen. Raises `OSError` where the address can't be taken.

        A socket file that an earlier run left is replaced. Any local user may connect, as to a
        port of the loopback: nginx's workers may run as another user.
        """
        listener = _listen_unix(self._path) if self._path else _listen_tcp(self._port)
        if self._path is None:
            self._port = listener.getsockname()[1]
        listener.settimeout(_ACCEPT_TIMEOUT)
        self._listener = listener
        self._acceptor = threading.Thread(
            target=self._accept, args=(listener,), name="responder", daemon=True
        )
        self._acceptor.start()

    def stop(self) -> None:
        """Stop listening, close all connections, wait for their threads, remove the socket file."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        if self._acceptor is not None:
            self._acceptor.join()
        listener.close()
        with self._lock:
            left = list(self._open.items())
        for connection, _ in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in left:
            thread.join()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:  # out of file descriptors, or stop(); the loop's condition decides
                if self._listener is listener:
                    time.sleep(0.05)
                continue
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="responder connection", daemon=True
            )
            with self._lock:
                self._open[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                connection.settimeout(_IDLE_TIMEOUT)
                if connection.family == socket.AF_INET:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader = Reader(stream, connection.sendall)
                while self._answer(connection, reader):
                    pass
        except OSError:
            pass  # the peer went away, was idle for long, or stop() closed the connection
        finally:
            with self._lock:
                self._open.pop(connection, None)

    def _answer(self, connection: socket.socket, reader: Reader) -> bool:
        """Read one request and answer it; False at the end of the connection."""
        try:
            received = reader.read()
        except BadRequest as error:
            problem = {"error": str(error)}
            connection.sendall(_response(error.status, problem, keep=False, head=False))
            return False
        if received is None:
            return False
        head = received.method == "HEAD"
        story = self._story(received)
        connection.sendall(_response("200 OK", story, keep=received.keep, head=head))
        return received.keep

    def _story(self, received: Received) -> dict[str, object]:
        ingress, _, rule = (received.header("x-ingc-route") or "").partition(" ")
        service, port = self._service(received.header("x-ingc-upstream"))
        headers = [[n, v] for n, v in received.headers if not n.lower().startswith(_OWN)]
        return {
            "service": service,
            "port": port,
            "ingress": ingress or None,
            "rule": rule or None,
            "request": {
                "method": received.method,
                "target": received.target,
                "version": received.version,
                "headers": headers,
                "body_bytes": received.body_bytes,
            },
        }

    def _service(self, upstream: str | None) -> tuple[str | None, str | None]:
        if upstream is None:
            return None, None
        upstream = upstream.partition(STICKY_INFIX)[0]
        describe = self.describe
        try:
            found = describe(upstream) if callable(describe) else describe[upstream]
        except KeyError:
            return None, None
        return found.get("service"), found.get("port")


def _response(status: str, content: Mapping[str, object], *, keep: bool, head: bool) -> bytes:
    # ASCII alone: a byte of the request that is not comes out as \u00XX, whatever it meant.
    body = (json.dumps(content, indent=2) + "\n").encode("ascii")
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
    )
    start = "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"
    return start if head else start + body


def _listen_tcp(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=512)


def _listen_unix(path: Path) -> socket.socket:
    if not has_room(path):
        most = f"a unix socket's path has at most {_UNIX_PATH_MOST} bytes"
        raise OSError(errno.ENAMETOOLONG, most, str(path))
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(512)
    except BaseException:
        listener.close()
        raise
    return listener
