"""``ingc serve`` from start to end: a real nginx, edits, and nothing left behind."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from ingc.nginx import free_port, free_ports
from tests.cli.conftest import BAD, NO_CERTIFICATE, WEB, write
from tests.cli.processes import processes_with, user_of, workers_below
from tests.cli.run import MAIN, environment
from tests.objects import Object, path, rule
from tests.shop import ingress

pytestmark = pytest.mark.usefixtures("real_nginx")

PATIENCE = 60.0  # seconds; the machine may be busy


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if value := condition():
                return value
        except (OSError, HTTPException, ValueError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


@dataclass
class Serving:
    """A running ``ingc serve``."""

    process: subprocess.Popen[bytes]
    port: int
    https_port: int
    scratch: Path
    log: Path

    def get(
        self, host: str, target: str = "/", *, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Ask nginx; return the status and what the responder told, or ``None``."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", target, headers={"Host": host, **(headers or {})})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        return response.status, json.loads(body) if body.startswith(b"{") else None

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(
    folder: Path, *arguments: str, port: int = 0, scratch: Path | None = None
) -> Iterator[Serving]:
    """Run ``ingc serve`` in ``folder``, with an empty ``TMPDIR`` for itself."""
    ports = (port, free_port()) if port else free_ports(2)
    command = [sys.executable, "-c", MAIN, "serve", *arguments]
    command += ["--port", str(ports[0]), "--https-port", str(ports[1])]
    log = folder / "stderr.txt"
    with tempfile.TemporaryDirectory(prefix="ingc-test-") as empty, log.open("wb") as stderr:
        Path(empty).chmod(0o755)  # the workers of root's nginx have to pass it
        scratch = scratch or Path(empty)
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment({"TMPDIR": str(scratch)}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            yield Serving(process, *ports, scratch, log)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def web(*paths: Object) -> list[Any]:
    return [ingress("shop/web", rule("a.test", *paths)), WEB[1]]


def test_a_balancer_is_stood_in_for_where_one_is_expected(folder: Path) -> None:
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"use-proxy-protocol": "true"},
    }
    write(folder, "front.yaml", [*WEB, settings])
    with serving(folder, "--echo", "front.yaml", "--configmap", "shop/settings") as server:
        said = wait_for(
            lambda: re.search(r"http://127[.]0[.]0[.]1:(\d+) adds it", server.said()), ""
        )
        balanced = dataclasses.replace(server, port=int(said[1]))
        status, told = wait_for(lambda: balanced.get("a.test"), "the first answer")
        assert (status, told["service"]) == (200, "shop/web")
        assert ["X-Forwarded-Port", "80"] in told["request"]["headers"]

        # without the key nginx is reached as before, and the balancer's port still works
        write(folder, "front.yaml", [*WEB, {**settings, "data": {}}])
        wait_for(lambda: server.get("a.test")[0] == 200, "nginx without a PROXY line")
        wait_for(lambda: balanced.get("a.test")[0] == 200, "the balancer without one")


def test_from_start_to_end(folder: Path) -> None:
    with serving(folder, "--echo", "web.yaml") as server:
        status, told = wait_for(lambda: server.get("a.test"), "the first answer")
        assert status == 200
        assert told["ingress"] == "shop/web"
        assert told["rule"] == "spec.rules[0].http.paths[0]"
        assert told["service"] == "shop/web"
        assert str(told["port"]) == "80"
        assert "serving on http://127.0.0.1:" in server.said()
        assert server.get("a.test", "/exact")[1]["rule"] == "spec.rules[0].http.paths[1]"
        assert server.get("other.test")[0] == 404

        # an edit: the new rules answer
        write(folder, "web.yaml", web(path("/new", "web")))
        wait_for(lambda: server.get("a.test", "/new")[0] == 200, "the answer of the new rule")
        wait_for(lambda: server.get("a.test", "/exact")[0] == 404, "the old rule is gone")

        # a wrong edit: the old rules still answer, and the findings are shown
        write(folder, "web.yaml", BAD)
        wait_for(lambda: "last good" in server.said(), "the word about the wrong edit")
        assert "error[ING201]" in server.said()
        assert server.get("a.test", "/new")[0] == 200

        # broken YAML too
        (folder / "web.yaml").write_text("a: [", encoding="utf-8")
        wait_for(lambda: "ING001" in server.said(), "the word about the broken file")
        assert server.get("a.test", "/new")[0] == 200

        # and a good one again
        write(folder, "web.yaml", web(path("/newer", "web")))
        wait_for(lambda: server.get("a.test", "/newer")[0] == 200, "the answer of the newest rule")

        scratch = str(server.scratch)
        assert processes_with(scratch)
        assert server.stop(signal.SIGINT) in (0, 130)
        assert "Traceback" not in server.said()
        wait_for(lambda: not processes_with(scratch), "no process left")
        assert not list(server.scratch.iterdir())
        with pytest.raises(OSError):
            server.get("a.test")


def test_new_and_removed_files_of_a_folder(folder: Path) -> None:
    manifests = folder / "manifests"
    manifests.mkdir()
    (folder / "web.yaml").rename(manifests / "web.yaml")
    with serving(folder, "--echo", "manifests") as server:
        wait_for(lambda: server.get("a.test")[0] == 200, "the first answer")
        write(manifests, "more.yaml", [ingress("shop/more", rule("b.test", path("/", "web")))])
        wait_for(lambda: server.get("b.test")[0] == 200, "the answer of the new file")
        (manifests / "more.yaml").unlink()
        wait_for(lambda: server.get("b.test")[0] == 404, "the end of the new file")
        assert server.get("a.test")[0] == 200
        assert server.stop(signal.SIGTERM) in (0, 130, 143)
        wait_for(lambda: not processes_with(str(server.scratch)), "no process left")
        assert not list(server.scratch.iterdir())


def test_an_input_that_is_wrong_from_the_start_ends_with_1(folder: Path) -> None:
    with serving(folder, "--echo", "bad.yaml") as server:
        assert server.process.wait(PATIENCE) == 1
        assert "error[ING201]" in server.said()
        assert not list(server.scratch.iterdir())


def test_a_temporary_folder_too_deep_for_a_socket(folder: Path) -> None:
    deep = folder / ("d" * 100)
    deep.mkdir()
    with serving(folder, "--echo", "web.yaml", scratch=deep) as server:
        assert wait_for(lambda: server.get("a.test")[0], "the first answer") == 200, server.said()
        assert server.stop(signal.SIGINT) in (0, 130)
        assert not list(deep.iterdir())


def test_a_port_that_is_taken_is_said_and_nothing_is_left(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(folder, "--echo", "web.yaml", port=port) as server:
            assert server.process.wait(PATIENCE) == 2
            assert f"port {port} of 127.0.0.1 is taken; pass --http-port" in server.said()
            assert "serving on" not in server.said()
            assert not processes_with(str(server.scratch))
            assert not list(server.scratch.iterdir())


def test_hosts_without_a_certificate_get_one_and_redirects_name_the_port(folder: Path) -> None:
    write(folder, "tls.yaml", NO_CERTIFICATE)
    with serving(folder, "--echo", "tls.yaml") as server:
        assert wait_for(lambda: server.get("tls.test", "/x")[0], "the first answer") == 308
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        address = ("127.0.0.1", server.https_port)
        with (
            socket.create_connection(address, 10) as plain,
            context.wrap_socket(plain, server_hostname="tls.test") as wrapped,
        ):
            wrapped.sendall(b"GET /x HTTP/1.1\r\nHost: tls.test\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := wrapped.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"shop/tls" in answer
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/x?y", headers={"Host": "tls.test"})
        location = connection.getresponse().getheader("Location")
        connection.close()
        assert location == f"https://tls.test:{server.https_port}/x?y"
        assert f" and https://127.0.0.1:{server.https_port} with nginx" in server.said()


PASSWORDS: list[Any] = [
    ingress(
        "shop/web",
        rule("a.test", path("/", "web")),
        annotations={
            "nginx.ingress.kubernetes.io/auth-type": "basic",
            "nginx.ingress.kubernetes.io/auth-secret": "users",
        },
    ),
    WEB[1],
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "users", "namespace": "shop"},
        "stringData": {"auth": "anna:{PLAIN}secret"},
    },
]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's nginx runs its workers as another")
def test_workers_of_root_are_not_root_and_reach_all_that_they_need(folder: Path) -> None:
    write(folder, "web.yaml", PASSWORDS)
    with serving(folder, "--echo", "web.yaml") as server:
        assert wait_for(lambda: server.get("a.test")[0], "the first answer") == 401
        login = {"Authorization": "Basic " + base64.b64encode(b"anna:secret").decode()}
        assert server.get("a.test", headers=login)[0] == 200, server.said()
        workers = workers_below(server.scratch)
        assert workers
        assert 0 not in {user_of(pid) for pid in workers}


def test_a_killed_run_leaves_a_folder_to_the_next_which_removes_it(folder: Path) -> None:
    with serving(folder, "--echo", "web.yaml") as server:
        wait_for(lambda: server.get("a.test")[0] == 200, "the first answer")
        (left,) = server.scratch.iterdir()
        server.process.kill()
        server.process.wait(PATIENCE)
        wait_for(lambda: not processes_with(str(left)), "the end of its nginx")
        assert (left / "nginx.conf").exists()
        with serving(folder, "--echo", "web.yaml", scratch=server.scratch) as after:
            wait_for(lambda: after.get("a.test")[0] == 200, "the first answer of the next")
            assert left not in list(server.scratch.iterdir())
            assert after.stop(signal.SIGINT) in (0, 130)
        assert not list(server.scratch.iterdir())


def test_standard_input_cannot_be_followed(folder: Path) -> None:
    with serving(folder, "-") as server:
        assert server.process.wait(PATIENCE) == 2
        assert "standard input" in server.said()


def test_files_behind_a_link_that_is_swapped(folder: Path) -> None:
    """So a mounted ConfigMap changes: its files are links through ``..data``, which is replaced."""
    for name in ("one", "two"):
        (folder / name).mkdir()
    (folder / "web.yaml").rename(folder / "one" / "web.yaml")
    write(folder / "two", "web.yaml", web(path("/new", "web")))
    (folder / "..data").symlink_to("one")
    (folder / "web.yaml").symlink_to(Path("..data", "web.yaml"))
    with serving(folder, "--echo", "web.yaml") as server:
        wait_for(lambda: server.get("a.test")[0] == 200, "the first answer")
        (folder / "..swap").symlink_to("two")
        (folder / "..swap").rename(folder / "..data")
        wait_for(lambda: server.get("a.test", "/new")[0] == 200, "the answer of the new rule")
        wait_for(lambda: server.get("a.test")[0] == 404, "the old rule is gone")
