"""`ingc.Nginx` with ``outlives``: a program is killed, and the next takes its nginx over."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import ingc
from ingc.nginx import Nginx, calls, free_port, free_ports, kept
from ingc.nginx.masters import read_conf
from tests.nginx.conf import conf, write
from tests.nginx.processes import gone, group, soon
from tests.nginx.test_kept_sockets import answers, asked
from tests.nginx.wire import fetch, get

Make = Callable[[], ingc.Nginx]


@pytest.fixture
def make(nginx: Nginx, prefix: Path) -> Iterator[Make]:
    """Makes programs on one folder; nothing is left of them."""
    made: list[ingc.Nginx] = []

    def another() -> ingc.Nginx:
        made.append(ingc.Nginx(prefix, str(nginx.path), keep_sockets=True, outlives=True))
        return made[-1]

    yield another
    for each in made:
        each.stop()
    last = another()
    if prefix.exists():
        last.claim()
        last.stop()


PROGRAM = """
import sys, time, ingc
nginx = ingc.Nginx(sys.argv[1], sys.argv[2], keep_sockets=True, outlives=True)
nginx.start()
print(nginx.pid, flush=True)
if sys.argv[3] == "reloads":
    sys.stdin.readline()
    print("reloading", flush=True)
    nginx.reload()
time.sleep(60)
"""


def _begin(nginx: ingc.Nginx, what: str = "") -> tuple[subprocess.Popen[str], int]:
    """Start a program that starts nginx; return it and the master."""
    command = [sys.executable, "-c", PROGRAM, str(nginx.folder), str(nginx.path), what]
    program = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        start_new_session=True,
    )
    assert program.stdout is not None
    return program, int(program.stdout.readline())


def _kill(program: subprocess.Popen[str]) -> None:
    """Kill it with its process group, as Ctrl-C in a terminal signals one."""
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate()


def _keeper(nginx: ingc.Nginx) -> int:
    with calls.connect(nginx.folder, 5.0) as connection:
        return calls.peer(connection)[0]


def test_the_next_program_takes_nginx_over(make: Make) -> None:
    port, more = free_ports(2)
    one = answers(f"127.0.0.1:{port}", "one")
    nginx = make()
    write(nginx.folder, conf(one))
    program, master = _begin(nginx)
    with asked(("127.0.0.1", port)) as failed:
        _kill(program)
        time.sleep(0.5)
        assert nginx.claim()
        assert nginx.pid == master
        text = (nginx.folder / "nginx.conf").read_bytes()
        assert nginx.config_sha256 == hashlib.sha256(text).hexdigest()
        nginx.start()
        assert nginx.pid == master, "it is not started again"
        write(nginx.folder, conf(one + answers(f"127.0.0.1:{more}", "more")))
        nginx.reload()
        assert fetch(("127.0.0.1", more), get("/")).body == b"more"
    assert failed == []
    keeper, now = _keeper(nginx), nginx.pid
    nginx.drain(5)
    assert now is not None
    assert (group(now), group(keeper), group(master)) == ([], [], [])


def test_a_reload_that_was_begun_is_ended(make: Make) -> None:
    port = free_port()
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program, master = _begin(nginx, "reloads")
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "two")))
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("\n")
    program.stdout.readline()
    time.sleep(0.02)
    _kill(program)
    assert nginx.claim()
    text = (nginx.folder / "nginx.conf").read_bytes()
    if nginx.config_sha256 == hashlib.sha256(text).hexdigest():
        assert fetch(("127.0.0.1", port), get("/")).body == b"two"
    else:  # It was killed before it could call for it.
        assert fetch(("127.0.0.1", port), get("/")).body == b"one"
    nginx.reload()
    assert (fetch(("127.0.0.1", port), get("/")).body, nginx.pid) == (b"two", master)


def test_a_master_that_is_lost_too_is_started_on_the_same_sockets(make: Make) -> None:
    port = free_port()
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program, master = _begin(nginx)
    with asked(("127.0.0.1", port)) as failed:
        _kill(program)
        os.kill(master, signal.SIGKILL)
        time.sleep(0.3)
        assert not nginx.claim()
        nginx.start()
        assert gone(master)
    assert failed == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_keeper_costs_no_connection(
    make: Make, how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_BEYOND", 1.0)
    port = free_port()
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    nginx.start()
    lost, keeper = nginx.pid, _keeper(nginx)
    assert lost is not None
    with asked(("127.0.0.1", port)) as failed:
        os.kill(keeper, how)
        assert soon(lambda: nginx.end_stopped_workers() == () and not nginx.alive)
        nginx.start()
        assert nginx.pid not in (None, lost)
        assert soon(lambda: not group(lost), 15.0), "what it kept ends later"
    assert failed == []
    assert group(keeper) == []


def test_another_binary_takes_the_sockets_over(make: Make, tmp_path: Path) -> None:
    port = free_port()
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    program, lost = _begin(nginx)
    other = shutil.copy(nginx.path, nginx.folder / "other-nginx")
    with asked(("127.0.0.1", port)) as failed:
        _kill(program)
        after = ingc.Nginx(nginx.folder, str(other), keep_sockets=True, outlives=True)
        assert not after.claim(), "what runs is another nginx"
        after.start()
        assert after.pid != lost
        assert Path(f"/proc/{after.pid}/exe").resolve() == Path(other).resolve()
        assert soon(lambda: not group(lost), 15.0)
    after.stop()
    assert failed == []


def test_two_programs_never_have_one_folder(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_CLAIM", 0.3)
    port = free_port()
    first, second = make(), make()
    write(first.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    first.start()
    for what in (second.claim, second.start):
        with pytest.raises(ingc.FolderInUse, match=f"process {os.getpid()} has the nginx of"):
            what()
    second.drain(1)
    second.stop()
    assert fetch(("127.0.0.1", port), get("/")).body == b"one", "it is the first one's"
    first.stop()
    assert not second.claim()
    second.start()
    assert fetch(("127.0.0.1", port), get("/")).body == b"one"


def test_nothing_is_held_open_by_calls(make: Make) -> None:
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{free_port()}", "one")))
    nginx.start()
    places = [Path("/proc/self/fd"), Path(f"/proc/{_keeper(nginx)}/fd")]

    def counts() -> list[int]:
        return [len(list(place.iterdir())) for place in places]

    before = counts()
    for _ in range(10):
        nginx.reload()
        nginx.end_stopped_workers()
    # One of the calls before may not have been closed yet when they were counted.
    assert soon(lambda: max(map(int.__sub__, counts(), before)) <= 0), (counts(), before)


def test_only_its_owner_calls_the_keeper(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{free_port()}", "one")))
    nginx.start()
    mode = (nginx.folder / calls.SOCKET).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    answer = _as_another_user(nginx.folder)
    assert answer == b"", "the keeper looks who calls, whatever the socket's mode is"
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: 12345)
        with pytest.raises(calls.NoKeeper, match="another user's"):
            calls.connect(nginx.folder, 1.0)


def _as_another_user(folder: Path) -> bytes:
    """Return what the keeper answers somebody whom the file system lets call it."""
    (folder / calls.SOCKET).chmod(0o666)
    with socket.socket(socket.AF_UNIX) as made:
        made.settimeout(5)
        os.seteuid(65534)
        try:
            made.connect(str(folder / calls.SOCKET))
        finally:
            os.seteuid(0)
        with suppress(BrokenPipeError):  # It has hung up already.
            made.sendall(b'{"call": "log", "argument": 9, "sockets": []}\n')
        try:
            return made.recv(100)
        except ConnectionResetError:
            return b""


def test_a_keeper_ends_by_sigterm_and_with_its_folder(make: Make) -> None:
    port = free_port()
    nginx = make()
    write(nginx.folder, conf(answers(f"127.0.0.1:{port}", "one")))
    for end in (
        lambda keeper: os.kill(keeper, signal.SIGTERM),
        lambda _: shutil.rmtree(nginx.folder),
    ):
        program, master = _begin(nginx)
        keeper = _keeper(nginx)
        _kill(program)
        end(keeper)
        assert gone(master)
        assert soon(lambda keeper=keeper: not group(keeper))  # type: ignore[misc]


def test_a_long_path_has_a_socket_too(nginx: Nginx, prefix: Path) -> None:
    folder = prefix.joinpath(*["a" * 50] * 3)
    folder.mkdir(parents=True)
    write(folder, conf(answers(f"127.0.0.1:{free_port()}", "one")))
    with ingc.Nginx(folder, str(nginx.path), outlives=True) as made:
        assert made.alive
    assert not made.alive


def test_the_pid_file_is_that_of_the_master_that_runs(make: Make) -> None:
    first, second = free_ports(2)
    nginx = make()
    one = answers(f"127.0.0.1:{first}", "one")
    write(nginx.folder, conf(one))
    nginx.start()
    before = nginx.pid
    write(nginx.folder, conf(one + answers(f"127.0.0.1:{second}", "two")))
    nginx.reload()
    assert before is not None
    assert nginx.pid != before
    assert gone(before)
    file = nginx.folder / "nginx.pid"
    assert soon(lambda: file.exists() and file.read_text().strip() == str(nginx.pid))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("worker_shutdown_timeout 240s;", 250.0),
        ("worker_shutdown_timeout 1h30m;", 5410.0),
        ("worker_shutdown_timeout 500ms;", 10.5),
        ("worker_shutdown_timeout 0;", 86400.0),
        ("", 86400.0),
    ],
)
def test_requests_before_have_what_the_configuration_gives_them(text: str, limit: float) -> None:
    assert read_conf(text).leave_limit == limit
