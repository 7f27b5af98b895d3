"""A service of a test's own that decides about requests, and remembers what it was asked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A request that the service got."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By the name in lower case."""
    body: bytes
    connection: int
    """The client's port: the same on a connection that was kept."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service answers."""

    status: int
    headers: Headers = ()


Decide = Callable[[Question], Verdict]


def by_token(question: Question) -> Verdict:
    """Let pass who says ``letmein``, forbid who says ``forbidden``."""
    said = question.headers.get("authorization", "")
    if said == "letmein":
        return Verdict(200)
    return Verdict(403 if said == "forbidden" else 401)


@dataclass(slots=True)
class Service:
    """The service while it runs."""

    port: int = 0
    decide: Decide = by_token
    asked: list[Question] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None
    """Ends it before the block ends."""


@contextmanager
def deciding(decide: Decide = by_token, *, tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """Run a service on the loopback until the end of the block."""
    service = Service(decide=decide)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            port = self.client_address[1]
            question = Question(self.command, self.path, headers, body, port)
            service.asked.append(question)
            verdict = service.decide(question)
            self.send_response(verdict.status)
            for name, value in verdict.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass  # else to stderr

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    service.stop = stop
    try:
        yield service
    finally:
        stop()
