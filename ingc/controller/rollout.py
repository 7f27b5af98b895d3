"""From changed objects to an nginx that serves them: compile, write, test, reload.

Whatever fails, nginx goes on with the configuration before, and the folder holds that one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import ingc
from ingc.controller import last_good
from ingc.controller.master import NginxLife
from ingc.controller.metrics import CAUSES, Metrics, cause_of
from ingc.output import CONF

_log = logging.getLogger(__name__)
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change."""

    change: ingc.Change
    served: bool
    """Whether nginx serves what `change.result` says."""
    error: str | None
    """Why not; ``None`` where served."""
    seconds: Mapping[str, float]
    """How long each step took: ``compile`` (the proof is part of it), ``write``, ``test`` (by
    ``nginx -t``), ``reload`` (until only new workers take connections)."""
    refused_by: str | None = None
    """The step that refused it, of those in `seconds`; ``None`` where served."""


class Rollout:
    """Compiles what changes and has nginx serve it. It is used by one event loop."""

    def __init__(
        self,
        options: ingc.Options,
        folder: Path,
        *,
        binary: str | None = None,
        drain: float = 30.0,
        metrics: Metrics | None = None,
    ) -> None:
        """Start nothing yet; ``folder`` is nobody else's, and is made where it is not there.

        ``binary`` is as `ingc.Nginx` takes it, ``drain`` the seconds that requests have at the end.
        Raises `ingc.OptionError` and `ingc.NginxNotFound`.
        """
        self.metrics = metrics or Metrics()
        self._compiler = ingc.Compiler(options, on_error="isolate")
        self._nginx = ingc.Nginx(folder, binary, keep_sockets=True, outlives=True)
        self._life = NginxLife(options, self._nginx, self.metrics)
        self._drain = drain
        self._served: str | None = None
        self._causes: set[str] = set()
        self._claimed = False
        self._not_kept: str | None = None
        self._thread = ThreadPoolExecutor(1, "rollout")

    @property
    def serving(self) -> bool:
        """Whether nginx answers, by a configuration that was proved."""
        return self._served is not None and self._life.answers

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody should look at though clients are served."""
        failed = "the last good configuration is not kept, another start may lack it: "
        return (failed + self._not_kept,) if self._not_kept is not None else ()

    async def start(self) -> bool:
        """Go on with the nginx of a controller that was killed, or start one.

        It starts from the last good configuration; false: there is none yet. Raises
        `ingc.FolderInUse` where another controller has the folder.
        """
        return await self._in_turn(self._start)

    async def apply(
        self, upserts: Iterable[Mapping[str, Any]], deletes: Iterable[ingc.ObjectKey] = ()
    ) -> Outcome:
        """Take objects that came, changed or went, and have nginx serve what they say.

        Without objects it tries again what is not served yet. One after another, also where a
        caller is cancelled meanwhile.
        """
        given = tuple(upserts), tuple(deletes)
        return await self._in_turn(self._roll_out, lambda: self._compiler.apply(*given))

    async def again(self) -> Outcome:
        """Judge the same objects anew: what is found of certificates depends on the day."""
        return await self._in_turn(self._roll_out, self._compiler.again)

    async def watch_over(self) -> None:
        """Start nginx's master where it is lost, and end workers that are stuck; never returns."""
        await self._life.watch_over()

    async def stop(self) -> None:
        """Let requests under way end, and nginx then. It is not started again."""
        await asyncio.to_thread(self._life.stop, self._drain)
        self._thread.shutdown(wait=False)

    async def _in_turn(self, function: Callable[..., Done], *args: object) -> Done:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    def _start(self) -> bool:
        if self._claim():
            return True
        if not self._life.start():
            return False
        self._note_served((self._nginx.folder / CONF).read_text(encoding="utf-8"))
        return True

    def _claim(self) -> bool:
        """Take the folder; return whether an nginx of a controller before serves it now."""
        self._nginx.folder.mkdir(parents=True, exist_ok=True)
        found, self._claimed = self._nginx.claim(), True
        if found:
            self._adopt()
        return found

    def _adopt(self) -> None:
        """Go on with an nginx whose controller may have been killed in the middle of a swap."""
        _log.info("nginx runs; it is the one of a controller before")
        self._life.adopt()
        with self._life.swapping:
            if _digest(self._conf()) == self._nginx.config_sha256:
                self._keep()
            else:
                # It was tested before it came there, and nginx was to read it next.
                try:
                    self._take_over({})
                except _NotServed as failure:
                    _log.error("nginx goes on with what it serves: %s", failure)
        self._note_served(self._conf(), self._nginx.config_sha256)

    def _conf(self) -> str:
        try:
            return (self._nginx.folder / CONF).read_text(encoding="utf-8")
        except OSError:
            return ""

    def _roll_out(self, compile_: Callable[[], ingc.Change]) -> Outcome:
        if not self._claimed:
            self._claim()
        seconds: dict[str, float] = {}
        with _timed(seconds, "compile"):
            change = compile_()
        if cause := cause_of(change):
            self._causes.add(cause)
        error = step = None
        try:
            self._serve(change.result, seconds)
        except _NotServed as failure:
            error, step = str(failure), failure.step
            self.metrics.failures.labels(step).inc()
        self._count(change, seconds, served=error is None)
        return Outcome(change, error is None, error, seconds, step)

    def _serve(self, result: ingc.Result, seconds: dict[str, float]) -> None:
        """Have nginx serve a result. Raises `_NotServed`."""
        if result.config is None:
            first = result.errors[0].message if result.errors else "nothing was compiled"
            raise _NotServed("compile", f"there is no configuration: {first}")
        # Names of files hold a digest of their content, so nginx.conf says it all.
        if self._nginx.alive and _digest(result.config) == self._served:
            if self._not_kept is not None:
                self._keep()
            return
        with self._life.swapping:
            self._write(result, seconds)
            self._take_over(seconds)
        self._note_served(result.config)

    def _write(self, result: ingc.Result, seconds: dict[str, float]) -> None:
        tester = _Tester(self._nginx, seconds)
        try:
            with _timed(seconds, "write"):
                result.write(self._nginx.folder, tested_by=tester)
        except ingc.NginxError as error:
            raise _NotServed("test", str(error)) from error
        except OSError as error:  # `ingc.NotWritten` is one.
            raise _NotServed("write", str(error)) from error
        finally:
            seconds["write"] = seconds.get("write", 0.0) - seconds.get("test", 0.0)

    def _take_over(self, seconds: dict[str, float]) -> None:
        try:
            with _timed(seconds, "reload"):
                self._reload()
        except ingc.NginxError as error:
            self._life.put_back()
            if not self._nginx.alive:
                self._life.start()
            raise _NotServed("reload", str(error)) from error
        self._keep()

    def _keep(self) -> None:
        self._not_kept = None
        try:
            last_good.keep(self._nginx.folder)
        except OSError as error:
            self._not_kept = str(error)
            _log.error("the configuration is served, but not kept aside: %s", error)
        self.metrics.last_good_kept.set(self._not_kept is None)

    def _reload(self) -> None:
        """Make nginx read the folder; one that ends meanwhile is started. Raises `NginxError`."""
        if self._nginx.alive:
            try:
                self._nginx.reload()
            except ingc.NginxError:
                if self._nginx.alive:
                    raise
            else:
                return
        self._life.begin()

    def _note_served(self, config: str, sha256: str | None = None) -> None:
        self._served = sha256 or _digest(config)
        self._life.note_conf(config)
        self.metrics.serve_config(self._served)

    def _count(self, change: ingc.Change, seconds: Mapping[str, float], *, served: bool) -> None:
        metrics = self.metrics
        metrics.batches.inc()
        metrics.time_steps(seconds)
        metrics.objects.set(len(self._compiler.objects))
        metrics.count_findings(change.result.diagnostics)
        metrics.up_to_date.set(served)
        if not served:
            return
        if "reload" in seconds:
            cause = next((item for item in CAUSES if item in self._causes), CAUSES[0])
            metrics.reloads.labels(cause).inc()
            took = sum(took for step, took in seconds.items() if step != "compile")
            metrics.reload_seconds.labels(cause).inc(took)
        self._causes.clear()


class _NotServed(Exception):
    """A change is not served, because a step refused it; nginx serves what it did before."""

    def __init__(self, step: str, words: str) -> None:
        self.step = step
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class _Tester:
    """``nginx -t``, and how long it takes."""

    nginx: ingc.Nginx
    seconds: dict[str, float]

    def refuse(self, conf: Path) -> None:
        with _timed(self.seconds, "test"):
            self.nginx.refuse(conf)


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        seconds[step] = time.monotonic() - began


def _digest(config: str) -> str:
    return hashlib.sha256(config.encode()).hexdigest()
