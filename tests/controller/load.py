"""Constant load on one host, from a process of its own, with every request that is lost.

`Load` starts it; ``python -m tests.controller.load ADDRESS PORT HOST LOG [tls]`` is it. Half of the
clients keep their connections, half open one for each request. A request is lost where it gets no
whole answer with status 200; none is tried again. It follows nginx's error log, too: the lines in
which workers say that they end have no better time than the second.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import time
from dataclasses import astuple, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Between = tuple[float, float]
"""Two times, between which something was."""
CLIENTS = 8
PAUSE = 0.008
"""Seconds between two requests of a client."""
PATIENCE = 30.0
_LOOK = 0.005
"""Seconds between two looks into nginx's error log."""
_DRAINS = b"gracefully shutting down"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class LostRequest:
    """A request without an answer. Times are those of `time.monotonic`."""

    began: float
    ended: float
    reused: bool
    """Whether its connection had carried another before."""
    why: str
    answered: bool
    """Whether a byte of the answer came."""
    port: int
    """The client's; 0: it did not come to a connection."""
    connected: float
    idle_since: float
    """When the connection's answer before was there, or the connection."""


@dataclass(slots=True)
class Load:
    """Constant load; a context manager. What came of it is there at the end."""

    address: tuple[str, int]
    host: str
    log: Path
    """nginx's error log."""
    tls: bool = False
    requests: int = 0
    slowest: float = 0.0
    """Seconds until the answer, of those that got one."""
    lost: list[LostRequest] = field(default_factory=list)
    drains: list[Between] = field(default_factory=list)
    """When workers began to end."""
    seconds: float = 0.0
    _process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start, and wait for the first answer."""
        name, port = self.address
        command = [sys.executable, "-m", "tests.controller.load", name, str(port), self.host]
        command += [str(self.log)]
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
        self.drains = [(after, before) for after, before in found["drains"]]
        self.lost = [LostRequest(*item) for item in found["lost"]]


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int = field(init=False)
    connected: float = field(default_factory=time.monotonic)
    idle_since: float = field(default_factory=time.monotonic)
    reused: bool = False
    answered: bool = False

    def __post_init__(self) -> None:
        self.port = int(self.writer.get_extra_info("sockname")[1])

    async def request(self, data: bytes) -> bool:
        """Get a whole answer; return whether the connection carries another request."""
        self.answered = False
        self.writer.write(data)
        first = await self.reader.readexactly(1)
        self.answered = True
        rest = await self.reader.readuntil(b"\r\n\r\n")
        head = (first + rest).lower().decode("latin-1").split("\r\n")
        if " 200 " not in head[0] + " ":
            raise ValueError(head[0])
        fields = dict(line.split(": ", 1) for line in head[1:] if line)
        await self.reader.readexactly(int(fields["content-length"]))
        self.idle_since, self.reused = time.monotonic(), True
        return fields.get("connection") == "keep-alive"


class _Clients:
    def __init__(self, address: str, port: int, host: str, log: Path, *, tls: bool) -> None:
        self._address, self._port = address, port
        self._host = host
        self._log = log
        self._tls = ssl.create_default_context() if tls else None
        if self._tls is not None:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self.requests, self.slowest = 0, 0.0
        self.lost: list[LostRequest] = []
        self.drains: list[Between] = []
        self._end = False

    async def run(self) -> None:
        began = time.monotonic()
        clients = [asyncio.create_task(self._client(keep=bool(n % 2))) for n in range(CLIENTS)]
        clients.append(asyncio.create_task(self._follow()))
        while not self.requests:
            await asyncio.sleep(0.01)
        print("begun", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        self._end = True
        await asyncio.gather(*clients)
        told = {
            "requests": self.requests,
            "slowest": self.slowest,
            "lost": [astuple(item) for item in self.lost],
            "drains": self.drains,
            "seconds": time.monotonic() - began,
        }
        print(json.dumps(told))

    async def _follow(self) -> None:
        with self._log.open("rb") as log:
            log.seek(0, 2)
            after = time.monotonic()
            while not self._end:
                now, found = time.monotonic(), log.read().count(_DRAINS)
                self.drains += [(after, time.monotonic())] * found
                after = now
                await asyncio.sleep(_LOOK)

    async def _connect(self) -> _Connection:
        name = self._host if self._tls else None
        streams = await asyncio.open_connection(
            self._address, self._port, ssl=self._tls, server_hostname=name
        )
        return _Connection(*streams)

    async def _client(self, *, keep: bool) -> None:
        open_: _Connection | None = None
        connection = "keep-alive" if keep else "close"
        request = (
            f"GET / HTTP/1.1\r\nHost: {self._host}\r\nConnection: {connection}\r\n\r\n".encode()
        )
        while not self._end:
            began, again = time.monotonic(), False
            try:
                async with asyncio.timeout(PATIENCE):
                    if open_ is None:
                        open_ = await self._connect()
                    again = await open_.request(request)
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.lost.append(_lost(began, open_, repr(error)))
            else:
                self.slowest = max(self.slowest, time.monotonic() - began)
            self.requests += 1
            if not again and open_ is not None:
                open_.writer.close()
                open_ = None
            await asyncio.sleep(PAUSE)


def _lost(began: float, on: _Connection | None, why: str) -> LostRequest:
    now = time.monotonic()
    if on is None:
        return LostRequest(
            began, now, False, why, answered=False, port=0, connected=now, idle_since=now
        )
    return LostRequest(
        began,
        now,
        reused=on.reused,
        why=why,
        answered=on.answered,
        port=on.port,
        connected=on.connected,
        idle_since=on.idle_since,
    )


if __name__ == "__main__":
    where, number, name, file, *rest = sys.argv[1:]
    asyncio.run(_Clients(where, int(number), name, Path(file), tls=rest == ["tls"]).run())
