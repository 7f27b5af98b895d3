"""Constant load on one host, from a process of its own, with every request that is lost.

`Load` starts it; ``python -m tests.controller.load ADDRESS PORT HOST [tls]`` is it. Half of the
clients keep their connections, half open one for each request. A request is lost where it gets no
whole answer with status 200; none is tried again.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CLIENTS = 8
PAUSE = 0.008
"""Seconds between two requests of a client."""
PATIENCE = 30.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class LostRequest:
    """A request without an answer. Times are those of `time.monotonic`."""

    began: float
    ended: float
    reused: bool
    """Whether its connection had carried another before."""
    why: str


@dataclass(slots=True)
class Load:
    """Constant load; a context manager. What came of it is there at the end."""

    address: tuple[str, int]
    host: str
    tls: bool = False
    requests: int = 0
    slowest: float = 0.0
    """Seconds until the answer, of those that got one."""
    lost: list[LostRequest] = field(default_factory=list)
    seconds: float = 0.0
    _process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start, and wait for the first answer."""
        name, port = self.address
        command = [sys.executable, "-m", "tests.controller.load", name, str(port), self.host]
        command += ["tls"] if self.tls else []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "begun\n"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and read what came of it."""
        assert self._process is not None
        told, _ = self._process.communicate("end\n", timeout=PATIENCE + 10)
        found: dict[str, Any] = json.loads(told)
        self.requests, self.slowest = found["requests"], found["slowest"]
        self.seconds = found["seconds"]
        self.lost = [LostRequest(*item) for item in found["lost"]]


class _Clients:
    def __init__(self, address: str, port: int, host: str, *, tls: bool) -> None:
        self._address, self._port = address, port
        self._host = host
        self._tls = ssl.create_default_context() if tls else None
        if self._tls is not None:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self.requests, self.slowest = 0, 0.0
        self.lost: list[tuple[float, float, bool, str]] = []
        self._end = False

    async def run(self) -> None:
        began = time.monotonic()
        clients = [asyncio.create_task(self._client(keep=bool(n % 2))) for n in range(CLIENTS)]
        while not self.requests:
            await asyncio.sleep(0.01)
        print("begun", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        self._end = True
        await asyncio.gather(*clients)
        told = {
            "requests": self.requests,
            "slowest": self.slowest,
            "lost": self.lost,
            "seconds": time.monotonic() - began,
        }
        print(json.dumps(told))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = self._host if self._tls else None
        return await asyncio.open_connection(
            self._address, self._port, ssl=self._tls, server_hostname=name
        )

    async def _client(self, *, keep: bool) -> None:
        open_ = None
        connection = "keep-alive" if keep else "close"
        request = (
            f"GET / HTTP/1.1\r\nHost: {self._host}\r\nConnection: {connection}\r\n\r\n".encode()
        )
        while not self._end:
            began, reused = time.monotonic(), open_ is not None
            try:
                async with asyncio.timeout(PATIENCE):
                    if open_ is None:
                        open_ = await self._connect()
                    open_[1].write(request)
                    again = await _read_answer(open_[0])
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.lost.append((began, time.monotonic(), reused, repr(error)))
                again = False
            else:
                self.slowest = max(self.slowest, time.monotonic() - began)
            self.requests += 1
            if not again and open_ is not None:
                open_[1].close()
                open_ = None
            await asyncio.sleep(PAUSE)


async def _read_answer(reader: asyncio.StreamReader) -> bool:
    """Read a whole answer; return whether the connection carries another request."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower().decode("latin-1").split("\r\n")
    if " 200 " not in head[0] + " ":
        raise ValueError(head[0])
    fields = dict(line.split(": ", 1) for line in head[1:] if line)
    await reader.readexactly(int(fields["content-length"]))
    return fields.get("connection") == "keep-alive"


if __name__ == "__main__":
    where, number, name, *rest = sys.argv[1:]
    asyncio.run(_Clients(where, int(number), name, tls=rest == ["tls"]).run())
