"""`ingc.Nginx` with kept sockets: nobody is refused while a master is lost or another starts."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ingc
from ingc.nginx import Nginx, free_port, free_ports
from ingc.nginx.sockets import KeptSockets, ListenAddress, listen_addresses
from tests.nginx.conf import conf, write
from tests.nginx.processes import gone, group, soon
from tests.nginx.wire import fetch, get


@pytest.fixture
def program(nginx: Nginx, prefix: Path) -> Iterator[ingc.Nginx]:
    """An nginx whose sockets we keep, which is stopped at the end."""
    made = ingc.Nginx(prefix, str(nginx.path), keep_sockets=True)
    yield made
    made.stop()


@contextmanager
def _asked(address: tuple[str, int]) -> Iterator[list[str]]:
    """Ask all the time, each time on a new connection; yield what failed."""
    failed: list[str] = []
    end = threading.Event()

    def ask() -> None:
        while not end.is_set():
            try:
                if fetch(address, get("/")).status != 200:
                    failed.append("status")
            except (OSError, AssertionError, ValueError) as error:
                failed.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        end.set()
        for thread in threads:
            thread.join()


def answers(listen: str, text: str) -> str:
    """Return a server, with ``listen`` on a line of its own."""
    return f'    server {{\n        listen {listen};\n        return 200 "{text}";\n    }}\n'


def _body(address: tuple[str, int]) -> bytes:
    """Return what is answered, also over IPv6."""
    with socket.create_connection(address, timeout=5) as asked, asked.makefile("rb") as answer:
        asked.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return answer.read().partition(b"\r\n\r\n")[2]


def _is_refused(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False


def _pid(program: ingc.Nginx) -> int:
    assert program.pid is not None
    return program.pid


def test_a_lost_master_costs_no_connection(program: ingc.Nginx) -> None:
    port = free_port()
    write(program.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program.start()
    lost = _pid(program)
    with _asked(("127.0.0.1", port)) as failed:
        os.kill(lost, signal.SIGKILL)
        assert soon(lambda: not program.alive)
        assert group(lost), "its workers go on"
        program.start()
        assert _pid(program) != lost
        assert gone(lost), "they end once others take connections"
        time.sleep(0.2)
    assert failed == []


def test_when_all_processes_are_lost_connections_wait(program: ingc.Nginx) -> None:
    port = free_port()
    write(program.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program.start()
    lost = _pid(program)
    os.killpg(lost, signal.SIGKILL)
    assert gone(lost)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as waiting:
        waiting.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert soon(lambda: not program.alive)
        program.start()
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")


def test_a_new_address_is_kept_too(program: ingc.Nginx) -> None:
    first, second = free_ports(2)
    one = answers(f"127.0.0.1:{first}", "one")
    write(program.folder, conf(one))
    program.start()
    before = _pid(program)
    with _asked(("127.0.0.1", first)) as failed:
        write(program.folder, conf(one + answers(f"127.0.0.1:{second}", "two")))
        program.reload()
        assert fetch(("127.0.0.1", second), get("/")).body == b"two"
        assert gone(before)
        write(program.folder, conf(one))
        program.reload()
        same = _pid(program)
        # An old worker writes that it ends right before it closes its sockets.
        assert soon(lambda: _is_refused(("127.0.0.1", second)))
        program.reload()
        assert _pid(program) == same
    assert failed == []
    program.drain(5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", first), timeout=5).close()


@pytest.mark.parametrize("listen", ["[::1]:{} ipv6only=on", "127.0.0.1:{} reuseport backlog=64"])
def test_options_of_sockets(program: ingc.Nginx, listen: str) -> None:
    port = free_port()
    address = ("::1" if "::1" in listen else "127.0.0.1", port)
    write(program.folder, conf(answers(listen.format(port), "one")))
    program.start()
    for _ in range(2):
        lost = _pid(program)
        os.kill(lost, signal.SIGKILL)
        assert soon(lambda: not program.alive)
        program.start()
        assert gone(lost)
        program.reload()
        assert {_body(address) for _ in range(10)} == {b"one"}


def test_what_a_start_fails_on_is_let_go(program: ingc.Nginx) -> None:
    port = free_port()
    write(program.folder, conf(answers(f"127.0.0.1:{port}", "one") + "    no_such_thing;\n"))
    with pytest.raises(ingc.ConfRefused, match="no_such_thing"):
        program.start()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_a_refused_new_address_leaves_the_old_master(program: ingc.Nginx) -> None:
    first, second = free_ports(2)
    one = answers(f"127.0.0.1:{first}", "one")
    write(program.folder, conf(one))
    program.start()
    before = _pid(program)
    with socket.create_server(("127.0.0.1", second)):
        write(program.folder, conf(one + answers(f"127.0.0.1:{second}", "two")))
        with pytest.raises(ingc.PortTaken, match=str(second)):
            program.reload()
    assert _pid(program) == before
    assert fetch(("127.0.0.1", first), get("/")).body == b"one"
    program.reload()
    assert fetch(("127.0.0.1", second), get("/")).body == b"two"


def test_a_worker_that_hangs_is_ended(program: ingc.Nginx) -> None:
    port = free_port()
    write(program.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program.start()
    assert program.end_stuck_workers(5.0) == ()
    stuck = sorted(set(group(_pid(program))) - {_pid(program)})[0]
    os.kill(stuck, signal.SIGSTOP)
    assert program.end_stuck_workers(0.5) == (stuck,)
    assert soon(lambda: len(group(_pid(program))) == 3)
    assert program.end_stuck_workers(5.0) == ()


def test_where_a_configuration_listens() -> None:
    text = """
    # listen 1;
    listen 80 default_server;
      listen [::]:80;
    listen 127.0.0.1:80;
    listen 127.0.0.1:441 proxy_protocol;
    listen 53 udp;
    listen unix:/run/a.sock;
    return 200 "a\\n listen 9;";
"""
    assert listen_addresses(text) == {
        ListenAddress("0.0.0.0", 80),
        ListenAddress("::", 80),
        ListenAddress("127.0.0.1", 441),
        ListenAddress("0.0.0.0", 53, udp=True),
    }


def test_of_several_sockets_all_are_opened_or_none() -> None:
    first, second = sorted(free_ports(2))
    wanted = [ListenAddress("127.0.0.1", first), ListenAddress("127.0.0.1", second)]
    kept = KeptSockets()
    with socket.create_server(("127.0.0.1", second)), pytest.raises(OSError, match=str(second)):
        kept.open(wanted)
    assert kept.addresses == frozenset()
    assert kept.open(wanted) == set(wanted)
    assert len(kept.descriptors(wanted)) == 2
    kept.close(wanted)
    assert kept.addresses == frozenset()
