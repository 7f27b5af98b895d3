"""nginx's life: started from the last good configuration, again where it is lost, and drained."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from contextlib import suppress
from pathlib import Path

import ingc
from ingc.controller import last_good
from ingc.controller.metrics import Metrics
from ingc.output import CONF

_log = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at whether nginx's master runs."""
PROBE = 1.0
"""Seconds between two requests that nginx has to answer, and in which it has to."""
CHECK = 10.0
"""Seconds between two looks for workers that do not react."""
STUCK = 10.0
"""Seconds in which a worker has to react: a slow disk may hold one up, and who kills it cuts off
its connections."""
_LEAST_WAIT, _MOST_WAIT = 0.2, 10.0
_LISTEN = re.compile(r"^\s*listen [^;\n]*default_server[^;\n]*;", re.MULTILINE)
_LOGS = {"error.log": 16 << 20, "access.log": 256 << 20}
"""Logs in nginx's folder, and the bytes from which on one is set aside, in place of the one before
it."""


class NginxLife:
    """One nginx on the controller's folder. What changes it is done by one thread at a time."""

    def __init__(self, options: ingc.Options, nginx: ingc.Nginx, metrics: Metrics) -> None:
        """Start nothing yet."""
        self.nginx = nginx
        self.swapping = threading.RLock()
        """Held by whoever changes the folder or makes nginx read it."""
        self._metrics = metrics
        host = options.listen_address[0].strip("[]") if options.listen_address else "127.0.0.1"
        self._host = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        self._port = options.http_port
        path = options.health_check_path or "/"
        self._request = f"GET {path} HTTP/1.0\r\nHost: health.invalid\r\n\r\n".encode()
        self._proxy_line = b""
        self._wanted = False
        self._answered = False
        self._ended = False

    @property
    def answers(self) -> bool:
        """Whether nginx runs, and answered when it was last requested to."""
        return self._answered and self.nginx.alive

    def start(self) -> bool:
        """Start nginx from what the folder holds, else from what it served last.

        False where there is neither, or nginx takes neither.
        """
        with self.swapping:
            if not (self.nginx.folder / CONF).exists() and not self.put_back():
                return False
            try:
                self.begin()
            except ingc.NginxError as error:
                _log.error("nginx does not start: %s", error)
                return self._start_from_last_good()
            return True

    def adopt(self) -> None:
        """Go on with the nginx of a controller before."""
        self._wanted = self._answered = True

    def begin(self) -> None:
        """Start nginx, never after `stop`. Raises `ingc.NginxError`."""
        if not self._ended:
            self.nginx.start()
        if self._ended:  # A thread that rolled out goes on when its task is cancelled.
            self.nginx.stop()
            raise ingc.NginxFailed("the controller ends")
        self._metrics.starts.inc()
        self._wanted = self._answered = True

    def _start_from_last_good(self) -> bool:
        try:
            if not self.put_back():
                return False
            self.begin()
        except ingc.NginxError as error:
            _log.error("nginx does not start from the last good configuration: %s", error)
            return False
        return True

    def put_back(self) -> bool:
        """Make the folder hold what nginx served last; false where there is nothing."""
        try:
            return last_good.put_back(self.nginx.folder)
        except OSError as error:
            _log.error("the last good configuration can't be put back: %s", error)
            return False

    async def watch_over(self) -> None:
        """Start nginx's master where it is lost, and end workers that are stuck; never returns."""
        probing = asyncio.create_task(self._watch_workers())
        wait = _LEAST_WAIT
        try:
            while True:
                await asyncio.sleep(LOOK)
                if probing.done():
                    probing.result()
                if not self._wanted or self.nginx.alive:
                    wait = _LEAST_WAIT
                    continue
                _log.warning("nginx's master is gone; another is started")
                if not await asyncio.to_thread(self.start):
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, _MOST_WAIT)
        finally:
            probing.cancel()
            with suppress(asyncio.CancelledError):
                await probing

    async def _watch_workers(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + CHECK
        while True:
            await asyncio.sleep(PROBE)
            if not self.nginx.alive:
                self._answered = False
                continue
            self._answered = await self._probe()
            self._note_killed(await asyncio.to_thread(self.nginx.end_stopped_workers))
            if loop.time() >= due or not self._answered:
                await asyncio.to_thread(self._end_stuck)
                due = loop.time() + CHECK

    def _end_stuck(self) -> None:
        _set_aside(self.nginx.folder)
        self._note_killed(self.nginx.end_stuck_workers(STUCK))

    def _note_killed(self, workers: tuple[int, ...]) -> None:
        for pid in workers:
            _log.error("worker %d of nginx was stopped or did not react, and was killed", pid)
            self._metrics.stuck.inc()

    async def _probe(self) -> bool:
        """Return whether nginx answers anything on its http port."""
        try:
            async with asyncio.timeout(PROBE):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                try:
                    writer.write(self._proxy_line + self._request)
                    return (await reader.readline()).startswith(b"HTTP/1.")
                finally:
                    writer.close()
        except (OSError, ValueError):  # `ValueError`: a first line without an end.
            return False

    def note_conf(self, text: str) -> None:
        """Look up in a configuration that nginx serves what it expects first of a connection."""
        match = _LISTEN.search(text)
        self._proxy_line = b"PROXY UNKNOWN\r\n" if match and "proxy_protocol" in match[0] else b""

    def stop(self, drain: float) -> None:
        """Let requests under way end, so many seconds, and nginx then."""
        self._wanted, self._ended = False, True
        self.nginx.drain(drain)


def _set_aside(folder: Path) -> None:
    for name, most in _LOGS.items():
        with suppress(OSError):
            if (folder / name).stat().st_size > most:
                (folder / name).replace(folder / f"{name}.1")
