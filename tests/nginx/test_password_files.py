"""Password files of ``compile -d``: nginx's workers read them, and nobody else does."""

from __future__ import annotations

import base64
import contextlib
import grp
import os
import pwd
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.nginx import Nginx, Running, free_port
from ingc.nginx.workers import GroupUnknown, worker_group
from tests.cli.conftest import write
from tests.cli.run import MAIN, Done, environment
from tests.nginx.backend import Backend
from tests.nginx.harness import version_of
from tests.nginx.wire import fetch, get
from tests.objects import endpoint_slice, ingress, prefix, rule, service

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root may change users")
OTHER = 65534
"""Of the user nobody and its group."""
OBJECTS = [
    ingress(
        "web",
        rule("a.test", prefix("/", "a")),
        annotations={
            "nginx.ingress.kubernetes.io/auth-type": "basic",
            "nginx.ingress.kubernetes.io/auth-secret": "users",
        },
    ),
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "users"},
        "stringData": {"auth": "anna:{PLAIN}secret"},
    },
    service("a", 80),
]
LOGIN = b"Authorization: Basic " + base64.b64encode(b"anna:secret")
BECOME = f"""
import contextlib, os, sys, tempfile
from ingc.cli import main
with tempfile.TemporaryDirectory() as first, contextlib.suppress(SystemExit):
    # Python itself may lie where the other user can't read: everything is loaded before.
    given, sys.argv = sys.argv, ["ingc", "compile", "web.yaml", "-d", first]
    main()
sys.argv = given
os.setgroups([]); os.setgid({OTHER}); os.setuid({OTHER})
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter and write to."""
    with tempfile.TemporaryDirectory(prefix="ingc-test-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def compile_to(folder: Path, *more: str, before: str = "", umask: int = 0o022) -> Done:
    done = subprocess.run(
        [sys.executable, "-c", before + MAIN, "compile", "web.yaml", "-d", "out", *more],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=environment(),
        umask=umask,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def password_file(folder: Path) -> os.stat_result:
    (path,) = (folder / "out").glob("auth/*.htpasswd")
    assert path.read_text(encoding="utf-8") == "anna:{PLAIN}secret\n"
    return path.stat()


@contextlib.contextmanager
def served(
    folder: Path, nginx: Nginx, *more: str, before: str = "", user: int | None = None
) -> Iterator[int]:
    """Compile, start nginx on the result as a user, and give its port; it is told no user."""
    with Backend("a") as backend:
        write(folder, "web.yaml", [*OBJECTS, endpoint_slice("a", "127.0.0.1", port=backend.port)])
        port = free_port()
        ports = ("--http-port", str(port), "--listen-address", "127.0.0.1")
        ports = (*ports, "--allow-address", "127.0.0.1")
        done = compile_to(
            folder, *ports, "--nginx-version", version_of(nginx), *more, before=before
        )
        assert done.code == 0, done.err
        out = folder / "out"
        with run_as(user, nginx, out, port):
            yield port


@contextlib.contextmanager
def run_as(user: int | None, nginx: Nginx, out: Path, port: int) -> Iterator[None]:
    if user is None:
        with Running(nginx, out, out / "nginx.conf"):
            yield
        return
    command = [nginx.path, "-p", out, "-c", out / "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    process = subprocess.Popen(
        command, user=user, group=user, extra_groups=[], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(10)


def statuses(port: int) -> tuple[int, int]:
    address = ("127.0.0.1", port)
    return (
        fetch(address, get("/", "a.test", LOGIN)).status,
        fetch(address, get("/", "a.test")).status,
    )


@as_root
def test_the_workers_of_the_nginx_at_hand_can_read_it(nginx: Nginx, folder: Path) -> None:
    with served(folder, nginx, "--nginx", str(nginx.path)) as port:
        assert statuses(port) == (200, 401)
        found = password_file(folder)
        assert stat.S_IMODE(found.st_mode) == 0o640
        assert found.st_uid == 0
        assert found.st_gid == worker_group(None, str(nginx.path))


@as_root
def test_nobody_else_can_read_it(nginx: Nginx, folder: Path) -> None:
    with served(folder, nginx, "--worker-group", "daemon") as port:
        assert statuses(port)[1] == 401
        assert statuses(port)[0] != 200, "nginx's workers are not of this group"
        assert password_file(folder).st_gid == grp.getgrnam("daemon").gr_gid


def test_who_is_not_root_writes_for_workers_that_run_as_the_same(
    nginx: Nginx, folder: Path
) -> None:
    user = OTHER if ROOT else None
    with served(folder, nginx, before=BECOME if ROOT else "", user=user) as port:
        assert statuses(port) == (200, 401)
        found = password_file(folder)
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert found.st_uid == (OTHER if ROOT else os.geteuid())


@as_root
def test_a_group_that_one_is_no_member_of(folder: Path) -> None:
    write(folder, "web.yaml", OBJECTS)
    done = compile_to(folder, "--worker-group", "daemon", before=BECOME)
    assert done.code == 2
    assert "only root or a member" in done.err
    assert not (folder / "out" / "nginx.conf").exists()


def test_a_group_that_does_not_exist(folder: Path) -> None:
    write(folder, "web.yaml", OBJECTS)
    done = compile_to(folder, "--worker-group", "no-such-group")
    assert (done.code, done.out) == (2, "")
    assert 'no group "no-such-group"' in done.err
    assert not (folder / "out").exists()


@as_root
def test_without_an_nginx_the_group_has_to_be_named(folder: Path) -> None:
    write(folder, "web.yaml", OBJECTS)
    done = compile_to(folder, "--nginx", "/no/such/nginx")
    assert done.code == 2
    assert "--worker-group" in done.err
    assert not (folder / "out").exists()
    own = grp.getgrgid(os.getegid()).gr_name
    assert compile_to(folder, "--nginx", "/no/such/nginx", "--worker-group", own).code == 0


@as_root
def test_a_strict_umask_does_not_lock_the_workers_out_of_our_folder(folder: Path) -> None:
    write(folder, "web.yaml", OBJECTS)
    (folder / "out").mkdir()
    (folder / "out").chmod(0o755)
    assert compile_to(folder, "--worker-group", "daemon", umask=0o077).code == 0
    assert stat.S_IMODE((folder / "out" / "auth").stat().st_mode) == 0o755
    assert stat.S_IMODE(password_file(folder).st_mode) == 0o640


@as_root
def test_a_folder_that_the_workers_can_not_enter(folder: Path) -> None:
    write(folder, "web.yaml", OBJECTS)
    (folder / "out").mkdir(mode=0o700)
    done = compile_to(folder, "--worker-group", "daemon")
    assert done.code == 2
    assert "may not enter" in done.err
    assert not (folder / "out" / "nginx.conf").exists()


def test_without_passwords_nobody_asks_for_a_group(folder: Path) -> None:
    write(folder, "web.yaml", [ingress("web", rule("a.test", prefix("/", "a"))), service("a", 80)])
    assert compile_to(folder, "--nginx", "/no/such/nginx").code == 0


@as_root
def test_the_group_of_a_build(nginx: Nginx) -> None:
    assert pwd.getpwuid(OTHER).pw_name == "nobody"
    assert worker_group(None, str(nginx.path)) is not None
    with pytest.raises(GroupUnknown, match="/no/such/nginx"):
        worker_group(None, "/no/such/nginx")
