"""The rollout: what changes is served, and what fails leaves nginx and the folder as they were."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.controller import last_good, master
from ingc.controller.rollout import Rollout
from tests.controller.scene import Scene
from tests.nginx.processes import gone, group, soon

Course = Callable[[Rollout], Coroutine[Any, Any, None]]


def run(at: Scene, course: Course) -> None:
    """Run a course of events with a rollout, and stop that."""

    async def all_of_it() -> None:
        rollout = at.rollout()
        try:
            await course(rollout)
        finally:
            await rollout.stop()

    asyncio.run(asyncio.wait_for(all_of_it(), 60))


def _pid(rollout: Rollout) -> int:
    pid = rollout._nginx.pid
    assert pid is not None
    return pid


def _reloads(rollout: Rollout) -> dict[str, float]:
    (family,) = rollout.metrics.reloads.collect()
    return {
        sample.labels["cause"]: sample.value
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    }


def test_what_changes_is_served(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        assert not await rollout.start()
        assert not rollout.serving
        outcome = await rollout.apply(at.objects("a.test"))
        assert (outcome.served, outcome.error) == (True, None)
        assert set(outcome.seconds) == {"compile", "test", "write", "reload"}
        assert rollout.serving
        assert at.body("a.test") == b"served"
        again = await rollout.apply(at.objects("a.test"))
        assert (again.served, set(again.seconds)) == (True, {"compile"})
        await rollout.apply(at.objects("b.test"))
        await rollout.apply([at.endpoints("127.0.0.2")])
        assert _reloads(rollout) == {"frame": 1, "routes": 1, "endpoints": 1}

    run(at, course)


def test_another_start_serves_before_it_has_read_anything(at: Scene) -> None:
    async def first(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))

    async def second(rollout: Rollout) -> None:
        assert await rollout.start()
        assert rollout.serving
        assert at.body("a.test") == b"served"
        pid = _pid(rollout)
        outcome = await rollout.apply(at.objects("a.test"))
        assert (outcome.served, set(outcome.seconds)) == (True, {"compile"}), "the same bytes"
        assert _pid(rollout) == pid
        assert _reloads(rollout) == {}

    run(at, first)
    run(at, second)


def test_a_bad_object_stops_nobody(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        bad = at.objects("bad.test")[-1]
        bad["spec"]["rules"][0]["http"]["paths"][0]["path"] = "no-path"
        outcome = await rollout.apply([*at.objects("a.test"), bad])
        assert outcome.served
        assert at.body("a.test") == b"served"
        assert [item.severity for item in outcome.change.result.errors] == [ingc.Severity.ERROR]

    run(at, course)


def _refuse(self: ingc.Nginx, conf: Path) -> None:
    raise ingc.NginxFailed("nginx -t refuses it")


def test_what_the_test_refuses_is_not_served_and_not_kept(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        text = (at.folder / "nginx.conf").read_bytes()
        with monkeypatch.context() as patched:
            patched.setattr(ingc.Nginx, "refuse", _refuse)
            outcome = await rollout.apply(at.objects("b.test"))
            assert (outcome.served, outcome.error) == (False, "nginx -t refuses it")
        assert (at.folder / "nginx.conf").read_bytes() == text
        assert at.body("a.test") == b"served"
        assert b"404" in at.body("b.test")
        assert (await rollout.apply((), ())).served, "the same objects once more"
        assert at.body("b.test") == b"served"

    run(at, course)


def _files(folder: Path) -> dict[str, bytes]:
    names = ("nginx.conf", "certs/*", "auth/*", ".ingc-files.json")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in names
        for path in sorted(folder.glob(name))
    }


def test_what_a_reload_refuses_is_put_back(at: Scene) -> None:
    """``nginx -t`` passes over an address that is in use; the reload does not."""
    ports = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "tcp"}, "data": {}}
    options = replace(at.options, tcp_services_configmap="default/tcp")
    busy = replace(at, options=options)

    async def course(rollout: Rollout) -> None:
        await rollout.apply([*at.objects("a.test"), ports])
        before, pid = _files(at.folder), _pid(rollout)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = taken.getsockname()[1]
            opened = {**ports, "data": {str(number): "default/web:80"}}
            outcome = await rollout.apply([opened])
            assert not outcome.served
            assert outcome.error is not None
            assert str(number) in outcome.error
        assert _files(at.folder) == before
        assert (_pid(rollout), at.body("a.test")) == (pid, b"served")
        assert (await rollout.apply(())).served
        assert socket.create_connection(("127.0.0.1", number), 5).close() is None

    if busy.nginx.build.dynamic & {"stream"}:
        pytest.skip("stream is a module of its own here")
    run(busy, course)


def test_a_folder_that_does_not_start_falls_back(at: Scene) -> None:
    async def first(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))

    async def second(rollout: Rollout) -> None:
        (at.folder / "nginx.conf").unlink()
        (at.folder / "nginx.conf").write_text("no_such_thing;\n")
        assert await rollout.start()
        assert at.body("a.test") == b"served"
        assert (await rollout.apply(at.objects("a.test"))).seconds.keys() == {"compile"}

    run(at, first)
    run(at, second)


@contextmanager
def _watched(rollout: Rollout) -> Iterator[None]:
    task = asyncio.ensure_future(rollout.watch_over())
    try:
        yield
    finally:
        task.cancel()


def test_a_lost_master_is_replaced(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        lost = _pid(rollout)
        with _watched(rollout):
            os.kill(lost, signal.SIGKILL)
            while rollout._nginx.pid in (lost, None):
                await asyncio.sleep(0.02)
            assert await asyncio.to_thread(gone, lost)
            assert at.body("a.test") == b"served"
        assert (await rollout.apply(at.objects("b.test"))).served

    run(at, course)


def test_a_master_that_is_lost_in_a_swap_is_replaced_by_it(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        lost = _pid(rollout)
        os.killpg(lost, signal.SIGKILL)
        outcome = await rollout.apply(at.objects("b.test"))
        assert outcome.served
        assert at.body("b.test") == b"served"
        assert _pid(rollout) != lost

    run(at, course)


@pytest.mark.parametrize("seen", [True, False], ids=["as-stopped", "as-silent"])
def test_a_stuck_worker_is_ended(at: Scene, monkeypatch: pytest.MonkeyPatch, *, seen: bool) -> None:
    if not seen:
        monkeypatch.setattr(ingc.Nginx, "end_stopped_workers", lambda _: ())
    monkeypatch.setattr(master, "CHECK", 0.2)
    monkeypatch.setattr(master, "STUCK", 0.3)

    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        stuck = max(set(group(_pid(rollout))) - {_pid(rollout)})
        with _watched(rollout):
            os.kill(stuck, signal.SIGSTOP)
            assert await asyncio.to_thread(soon, lambda: stuck not in group(_pid(rollout)), 10.0)
            assert await asyncio.to_thread(soon, lambda: rollout.metrics.stuck._value.get() == 1)
        assert at.body("a.test") == b"served"

    run(at, course)


def test_a_full_disk_leaves_what_was_there(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        before = _files(at.folder)
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            outcome = await rollout.apply(at.objects("b.test"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not outcome.served
        assert _files(at.folder) == before
        assert at.body("a.test") == b"served"
        assert (await rollout.apply(())).served

    run(at, course)


def test_the_end_drains(at: Scene) -> None:
    async def course(rollout: Rollout) -> None:
        await rollout.apply(at.objects("a.test"))
        pid = _pid(rollout)
        await rollout.stop()
        assert group(pid) == []
        assert not rollout.serving
        with pytest.raises(ConnectionRefusedError):
            at.body("a.test")

    run(at, course)


def test_last_good_is_a_whole_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "certs").mkdir(parents=True)
    (folder / "nginx.conf").write_text("one")
    (folder / "certs" / "a.crt").write_text("a")
    assert not last_good.put_back(folder)
    last_good.keep(folder)
    (folder / "certs" / "a.crt").unlink()
    (folder / "certs" / "b.crt").write_text("b")
    (folder / "nginx.conf").unlink()
    (folder / "nginx.conf").write_text("two")
    assert last_good.put_back(folder)
    assert _files(folder) == {"nginx.conf": b"one", "certs/a.crt": b"a"}
    shutil.rmtree(folder / "last-good")
    last_good.keep(folder)
    assert _files(folder / "last-good") == _files(folder)
