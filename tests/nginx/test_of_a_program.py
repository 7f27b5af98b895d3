"""`ingc.Nginx`: a program writes results into a folder and runs a real nginx on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingc
from ingc.nginx import Nginx, free_port
from tests.nginx.backend import Backend
from tests.nginx.conf import answers, conf, write
from tests.nginx.processes import gone, group, soon
from tests.nginx.wire import Connection, fetch, get
from tests.objects import Object, endpoint_slice, ingress, rule, service
from tests.objects import prefix as prefixed


@pytest.fixture
def program(nginx: Nginx, prefix: Path) -> Iterator[ingc.Nginx]:
    """An nginx of a program, which is stopped at the end."""
    made = ingc.Nginx(prefix, str(nginx.path))
    yield made
    made.stop()


def _slow(listen: Path) -> str:
    return conf(f"    server {{ listen unix:{listen}; limit_rate 2000; root .; }}\n")


def _objects(backend: Backend, host: str = "a.test") -> list[Object]:
    web = ingress("web", rule(host, prefixed("/", "a")))
    return [web, service("a", 80), endpoint_slice("a", backend.address, port=backend.port)]


def test_from_objects_to_answers(program: ingc.Nginx) -> None:
    port = free_port()
    options = ingc.Options(
        nginx_version=program.version,
        http_port=port,
        listen_address=("127.0.0.1",),
        allow_address=("127.0.0.0/8",),
    )
    address = ("127.0.0.1", port)
    with Backend("one") as one, Backend("two") as two:
        ingc.compile(_objects(one), options).write(program.folder, tested_by=program)
        assert [item for item in program.test() if item.severity is ingc.Severity.ERROR] == []
        assert (program.alive, program.pid) == (False, None)
        program.start()
        program.start()
        pid = program.pid
        assert program.alive
        assert fetch(address, get("/", "a.test")).body == b"one"
        ingc.compile(_objects(two), options).write(program.folder, tested_by=program)
        program.reload()
        assert {fetch(address, get("/", "a.test")).body for _ in range(20)} == {b"two"}
        assert program.pid == pid
        program.stop()
        program.stop()
        assert not program.alive
        program.start()
        assert fetch(address, get("/", "a.test")).body == b"two"
        assert program.log()


def test_a_block_starts_and_stops_it(nginx: Nginx, prefix: Path) -> None:
    write(prefix, conf(answers(f"unix:{prefix / 's.sock'}", "one")))
    with ingc.Nginx(str(prefix), str(nginx.path)) as running:
        assert fetch(prefix / "s.sock", get("/")).body == b"one"
        pid = running.pid
    assert pid is not None
    assert group(pid) == []


def test_no_binary_is_an_error_in_words(prefix: Path) -> None:
    with pytest.raises(ingc.NginxNotFound, match=r'"/no/such/nginx" does not exist; .*pip install'):
        ingc.Nginx(prefix, "/no/such/nginx")


def test_what_nginx_refuses_is_a_diagnostic_at_its_line(program: ingc.Nginx) -> None:
    file = write(program.folder, conf("    server { retrun 200; }\n"))
    (found,) = program.test()
    assert (found.code, found.severity) == ("ING751", ingc.Severity.ERROR)
    assert found.file == str(file)
    assert found.span is not None
    assert (found.span.line, found.span.column) == (12, 5)
    assert found.span.text == "    server { retrun 200; }"
    assert found.message == 'nginx refuses the configuration: unknown directive "retrun"'
    with pytest.raises(
        ingc.ConfRefused, match=r'nginx\.conf:12: .*unknown directive "retrun"'
    ) as e:
        program.start()
    assert e.value.diagnostics == (found,)
    assert not program.alive


def test_a_warning_is_no_error(program: ingc.Nginx) -> None:
    server = f"    server {{ listen unix:{program.folder}/s.sock; server_name a; }}\n"
    write(program.folder, conf(server * 2))
    (found,) = program.test()
    assert (found.code, found.severity) == ("ING752", ingc.Severity.WARNING)
    assert found.message.startswith('nginx warns: conflicting server name "a"')


def test_a_folder_without_a_configuration_is_refused(program: ingc.Nginx) -> None:
    with pytest.raises(ingc.ConfRefused, match=r"nginx\.conf"):
        program.start()


def test_a_refused_reload_keeps_what_runs(program: ingc.Nginx) -> None:
    listen = program.folder / "s.sock"
    write(program.folder, conf(answers(f"unix:{listen}", "old")))
    program.start()
    write(program.folder, conf("    server { retrun 200; }\n"))
    with pytest.raises(ingc.ConfRefused, match="retrun"):
        program.reload()
    assert fetch(listen, get("/")).body == b"old"


def test_a_result_that_nginx_refuses_replaces_nothing(program: ingc.Nginx) -> None:
    options = ingc.Options(
        nginx_version=program.version, default_ssl_certificate="/no/such.crt,/no/such.key"
    )
    with Backend("a") as backend:
        objects = _objects(backend)
        ingc.compile(objects).write(program.folder)
        before = (program.folder / "nginx.conf").read_bytes()
        with pytest.raises(ingc.ConfRefused) as caught:
            ingc.compile(objects, options).write(program.folder, tested_by=program)
    assert "/no/such.crt" in str(caught.value)
    assert {item.file for item in caught.value.diagnostics} <= {
        None,
        str(program.folder / "nginx.conf"),
    }
    assert (program.folder / "nginx.conf").read_bytes() == before
    assert not list(program.folder.glob(".nginx*"))


def test_a_taken_port_is_named(program: ingc.Nginx) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        write(program.folder, conf(answers(f"127.0.0.1:{port}", "one")))
        wanted = f"^nginx can't listen on 127.0.0.1:{port}: another process does$"
        with pytest.raises(ingc.PortTaken, match=wanted) as caught:
            program.start()
        assert [item.code for item in caught.value.diagnostics[:1]] == ["ING753"]
        write(program.folder, conf(answers(f"unix:{program.folder}/s.sock", "one")))
        program.start()
        write(program.folder, conf(answers(f"127.0.0.1:{port}", "one")))
        with pytest.raises(ingc.PortTaken, match=wanted):
            program.reload()


def test_a_reload_of_what_does_not_run_is_an_error_in_words(program: ingc.Nginx) -> None:
    with pytest.raises(ingc.NginxFailed, match="not running; start it first"):
        program.reload()


def test_draining_lets_requests_end_within_its_limit(program: ingc.Nginx) -> None:
    listen = program.folder / "s.sock"
    (program.folder / "file").write_bytes(b"x" * 3000)
    (program.folder / "long").write_bytes(b"x" * 200_000)
    write(program.folder, _slow(listen))
    program.start()
    with Connection(listen) as connection:
        connection.send(get("/file"))
        time.sleep(0.1)
        program.drain(5)
        assert connection.read().body == b"x" * 3000
    program.start()
    pid = program.pid
    assert pid is not None
    with Connection(listen) as connection:
        connection.send(get("/long"))
        time.sleep(0.1)
        began = time.monotonic()
        program.drain(0.5)
        assert 0.5 <= time.monotonic() - began < 5
        assert gone(pid)


def test_old_workers_are_bounded(nginx: Nginx, prefix: Path) -> None:
    """Each reload leaves a worker with a request that does not end; the oldest are ended."""
    listen = prefix / "s.sock"
    (prefix / "long").write_bytes(b"x" * 200_000)
    write(prefix, _slow(listen).replace("worker_processes 2", "worker_processes 1"))
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(ingc.Nginx(prefix, str(nginx.path), most_old=2))
        pid = running.pid
        assert pid is not None
        for _ in range(5):
            connection = stack.enter_context(Connection(listen))
            connection.send(get("/long"))
            time.sleep(0.1)
            running.reload()
        # The master, the worker that takes connections, and those of two earlier configurations;
        # of the last one the log may be read after the reload is over.
        assert soon(lambda: len(group(pid)) <= 5)
        running.reload()
        assert soon(lambda: 3 <= len(group(pid)) <= 4)


def test_it_is_stopped_while_a_start_waits(nginx: Nginx, prefix: Path) -> None:
    os.mkfifo(prefix / "fifo")
    write(prefix, conf(f"    include {prefix}/fifo;\n"))
    program = ingc.Nginx(prefix, str(nginx.path))
    failed: list[BaseException] = []

    def start() -> None:
        try:
            program.start()
        except ingc.NginxError as error:
            failed.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    assert soon(lambda: program.alive)
    program.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert len(failed) == 1


def test_an_event_loop_goes_on_while_it_works(nginx: Nginx, prefix: Path) -> None:
    listen = prefix / "s.sock"
    write(prefix, conf(answers(f"unix:{listen}", "one")))

    async def run() -> int:
        program = ingc.Nginx(prefix, str(nginx.path))
        ticks, done = 0, asyncio.Event()

        async def tick() -> None:
            nonlocal ticks
            while not done.is_set():
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        await asyncio.to_thread(program.start)
        for _ in range(3):
            await asyncio.to_thread(program.reload)
        await asyncio.to_thread(program.drain, 5)
        done.set()
        await ticking
        assert not program.alive
        return ticks

    assert asyncio.run(run()) > 20
