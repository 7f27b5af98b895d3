"""The real nginx: tested, started, reloaded, stopped."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from ingc import nginx as ingc_nginx
from ingc.nginx import Nginx, NginxFailed, Running, free_port
from tests.nginx.conf import answers, conf, write
from tests.nginx.processes import gone, group, soon
from tests.nginx.wire import Connection, fetch, get


@pytest.fixture
def listen(prefix: Path) -> Path:
    return prefix / "s.sock"


def test_accepts_a_good_configuration(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    assert ingc_nginx.test(nginx, prefix, file) == ingc_nginx.TestResult(True, ())
    assert not listen.exists()


def test_tells_why_it_refuses(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf("    server { retrun 200; }\n"))
    result = ingc_nginx.test(nginx, prefix, file)
    assert not result.ok
    assert result.messages == (f'[emerg] unknown directive "retrun" in {file}:12',)


def test_tells_warnings(nginx: Nginx, prefix: Path, listen: Path) -> None:
    server = f"    server {{ listen unix:{listen}; server_name a; }}\n"
    file = write(prefix, conf(server * 2))
    result = ingc_nginx.test(nginx, prefix, file)
    assert result.ok
    assert len(result.messages) == 1
    assert result.messages[0].startswith('[warn] conflicting server name "a"')


def test_a_start_that_takes_long_gets_no_signal(nginx: Nginx, prefix: Path, listen: Path) -> None:
    """Until nginx has read its configuration a signal ends it; a large one takes it seconds."""
    fifo = prefix / "fifo"
    os.mkfifo(fifo)
    file = write(prefix, conf(f"    include {fifo};\n" + answers(f"unix:{listen}", "one")))
    running = Running(nginx, prefix, file)
    starting = threading.Thread(target=running.start)
    starting.start()
    try:
        assert soon(lambda: running.alive)
        time.sleep(0.3)
        assert running.silent_workers(0.1) == frozenset()
        assert running.alive
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        starting.join(20)
        assert soon(lambda: len(running.workers) == 2)
    finally:
        running.stop()
        starting.join(20)


def test_a_test_that_takes_too_long_fails(nginx: Nginx, prefix: Path) -> None:
    fifo = prefix / "fifo"
    os.mkfifo(fifo)
    file = write(prefix, conf(f"    include {fifo};\n"))
    result = ingc_nginx.test(nginx, prefix, file, timeout=0.3)
    assert not result.ok
    assert result.messages[-1].startswith("nginx -t did not end within 0.3 s")


def test_a_missing_file_is_told(nginx: Nginx, prefix: Path) -> None:
    result = ingc_nginx.test(nginx, prefix, prefix / "none.conf")
    assert not result.ok
    assert "none.conf" in result.messages[0]


def test_serves_at_once_and_leaves_nothing(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    with Running(nginx, prefix, file) as running:
        assert fetch(listen, get("/")).body == b"one"
        pid = running.pid
        assert running.alive
        assert soon(lambda: len(running.workers) == 2)
        assert {pid, *running.workers} == set(group(pid))
        assert int((prefix / "nginx.pid").read_text()) == pid
    assert group(pid) == []
    assert not listen.exists()
    assert not (prefix / "nginx.pid").exists()


def test_a_start_that_fails_says_why(nginx: Nginx, prefix: Path) -> None:
    file = write(prefix, conf("    server { retrun 200; }\n"))
    with pytest.raises(NginxFailed) as caught, Running(nginx, prefix, file):
        pass
    text = str(caught.value)
    assert text.startswith("nginx ended with exit code 1\n")
    assert f'[emerg] unknown directive "retrun" in {file}:12' in text


def test_a_port_in_use_is_told(nginx: Nginx, prefix: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = write(prefix, conf(answers(f"127.0.0.1:{port}", "one")))
        with pytest.raises(NginxFailed, match=f"bind\\(\\) to 127.0.0.1:{port} failed"):
            Running(nginx, prefix, file).start()


def test_a_start_that_takes_too_long_fails_and_leaves_nothing(nginx: Nginx, prefix: Path) -> None:
    fifo = prefix / "fifo"
    os.mkfifo(fifo)
    running = Running(
        nginx, prefix, write(prefix, conf(f"    include {fifo};\n")), start_timeout=0.3
    )
    with pytest.raises(NginxFailed, match=r"did not start within 0\.3 s"):
        running.start()
    assert group(running.pid) == []


def test_a_binary_that_vanished_is_told(nginx: Nginx, prefix: Path) -> None:
    lost = Nginx(prefix / "lost", nginx.build)
    file = write(prefix, conf(""))
    with pytest.raises(NginxFailed, match="does not run"):
        Running(lost, prefix, file).start()
    with pytest.raises(NginxFailed, match="does not run"):
        ingc_nginx.test(lost, prefix, file)


def test_it_is_started_once(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    with Running(nginx, prefix, file) as running, pytest.raises(RuntimeError):
        running.start()


def test_a_reload_is_complete_when_it_returns(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "0")))
    with Running(nginx, prefix, file) as running:
        for number in range(1, 6):
            before = running.workers
            write(prefix, conf(answers(f"unix:{listen}", str(number))))
            assert running.reload() is None
            assert not before & running.workers
            assert {fetch(listen, get("/")).body for _ in range(40)} == {b"%d" % number}


def test_a_bad_reload_keeps_the_old(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "old")))
    with Running(nginx, prefix, file) as running:
        assert soon(lambda: len(running.workers) == 2)
        before = running.workers
        write(prefix, conf("    server { retrun 200; }\n"))
        for _ in range(2):
            began = time.monotonic()
            assert running.reload() == f'[emerg] unknown directive "retrun" in {file}:12'
            assert time.monotonic() - began < 10  # told by the log, not by running out of time
        assert running.workers == before
        assert fetch(listen, get("/")).body == b"old"
        write(prefix, conf(answers(f"unix:{listen}", "new")))
        assert running.reload() is None
        assert fetch(listen, get("/")).body == b"new"


def test_a_reload_onto_a_busy_port_tells_it(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "old")))
    with socket.create_server(("127.0.0.1", 0)) as taken, Running(nginx, prefix, file) as running:
        port = taken.getsockname()[1]
        write(prefix, conf(answers(f"127.0.0.1:{port}", "new")))
        text = running.reload()
        assert text is not None
        assert "still could not bind()" in text
        assert fetch(listen, get("/")).body == b"old"


def test_a_port_that_becomes_free_during_a_reload(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "old")))
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    timer = threading.Timer(0.7, taken.close)
    with Running(nginx, prefix, file) as running:
        write(prefix, conf(answers(f"127.0.0.1:{port}", "new")))
        timer.start()
        assert running.reload() is None
        assert fetch(("127.0.0.1", port), get("/")).body == b"new"
    timer.join()


def test_a_request_under_way_survives_a_reload(nginx: Nginx, prefix: Path, listen: Path) -> None:
    slow = f"    server {{ listen unix:{listen}; limit_rate 2000; root .; }}\n"
    (prefix / "file").write_bytes(b"x" * 3000)
    file = write(prefix, conf(slow))
    with Running(nginx, prefix, file) as running, Connection(listen) as connection:
        connection.send(get("/file"))
        time.sleep(0.1)
        assert running.reload() is None
        assert connection.read().body == b"x" * 3000


def test_it_notices_that_nginx_is_gone(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    with Running(nginx, prefix, file) as running:
        os.kill(running.pid, signal.SIGTERM)
        assert gone(running.pid)
        assert running.reload() == "nginx is not running"
    running.stop()


def test_workers_of_a_killed_master_do_not_stay(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    with Running(nginx, prefix, file) as running:
        assert soon(lambda: len(running.workers) == 2)
        workers = running.workers
        os.kill(running.pid, signal.SIGKILL)
        assert soon(lambda: set(group(running.pid)) == set(workers))
    assert gone(running.pid)


def test_a_stop_is_bounded(nginx: Nginx, prefix: Path, listen: Path) -> None:
    file = write(prefix, conf(answers(f"unix:{listen}", "one")))
    running = Running(nginx, prefix, file)
    running.start()
    os.kill(running.pid, signal.SIGSTOP)  # deaf to SIGTERM
    began = time.monotonic()
    running.stop(timeout=0.3)
    assert time.monotonic() - began < 2
    assert gone(running.pid)


def test_a_graceful_stop_lets_requests_end(nginx: Nginx, prefix: Path, listen: Path) -> None:
    slow = f"    server {{ listen unix:{listen}; limit_rate 2000; root .; }}\n"
    (prefix / "file").write_bytes(b"x" * 3000)
    running = Running(nginx, prefix, write(prefix, conf(slow)))
    with Connection(listen_when(running, listen)) as connection:
        connection.send(get("/file"))
        time.sleep(0.1)
        running.stop(graceful=5)
        assert connection.read().body == b"x" * 3000
    assert group(running.pid) == []


def listen_when(running: Running, listen: Path) -> Path:
    running.start()
    return listen


def test_the_log_is_kept_once(nginx: Nginx, prefix: Path, listen: Path) -> None:
    text = conf(answers(f"unix:{listen}", "one")).replace("error.log warn", "stderr notice")
    with Running(nginx, prefix, write(prefix, text)) as running:
        started = [line for line in running.log() if "start worker processes" in line]
        assert len(started) == 1
        assert len(running.log(3)) == 3


def test_a_flood_of_log_lines_is_bounded(nginx: Nginx, prefix: Path, listen: Path) -> None:
    """It must neither block nginx nor fill the memory here."""
    server = f"    server {{ listen unix:{listen}; keepalive_requests 9000; root none; }}\n"
    with Running(nginx, prefix, write(prefix, conf(server))) as running:
        with Connection(listen) as connection:
            for number in range(1500):
                assert connection.request(get(f"/{number}")).status == 404
        assert len(running.log(5000)) <= 1000


def test_more_directives_for_one_run(nginx: Nginx, prefix: Path, listen: Path) -> None:
    body = conf(answers(f"unix:{listen}", "one")).replace("worker_processes 2;", "")
    running = Running(nginx, prefix, write(prefix, body), directives="worker_processes 3;")
    with running:
        assert soon(lambda: len(running.workers) == 3)
        assert running.reload() is None
        assert len(running.workers) == 3


def test_a_free_port_is_free() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 1
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass
