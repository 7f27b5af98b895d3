"""`examples/controller.py` on a real API server: nginx serves what kubectl has applied."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import objects
from tests.cluster.kit import Cluster, await_true, free_ports
from tests.cluster.network import PODS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "controller.py"
LIMIT = 30.0
"""Seconds; a machine that does other things too is slow."""


class Answer(BaseHTTPRequestHandler):
    """A backend that says its name."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"shop")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def backend(pods: None) -> Iterator[tuple[str, int]]:
    """A server on an address that a Pod could have."""
    server = ThreadingHTTPServer((str(PODS[7]), 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[0], server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def example(cluster: Cluster, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the example, with what it prints in a file of the folder."""
    given = (str(folder / "run"), str(port), "192.0.2.7")
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, str(EXAMPLE), *given],
            env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig())},
            stdout=log,
            stderr=log,
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


def answer(port: int, host: str, path: str = "/") -> int | str:
    """Return the body of an answer, or its status where that is an error; 0: nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5) as found:
            return str(found.read().decode())
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


@pytest.mark.usefixtures("real_nginx")
def test_it_serves_what_kubectl_has_applied(
    cluster: Cluster, namespace: str, backend: tuple[str, int], tmp_path: Path
) -> None:
    for path in (tmp_path, tmp_path.parent):
        path.chmod(0o755)
    (port,) = free_ports(1)
    host = f"{namespace}.test"

    def ingress(name: str, to: str) -> Any:
        return objects.ingress(name, objects.rule(f"{name}.{host}", objects.path("/", to)))

    def apply(*items: Any) -> None:
        for item in items:
            item["metadata"]["namespace"] = namespace
        cluster.apply(*items)

    def log() -> str:
        return (tmp_path / "log").read_text()

    service = objects.service("web", {"port": 80, "targetPort": backend[1]}, clusterIP="None")
    apply(service, objects.endpoint_slice("web", backend[0], port=backend[1]))
    with example(cluster, tmp_path, port) as running:
        apply(ingress("one", "web"))
        await_true(lambda: answer(port, f"one.{host}") == "shop", LIMIT, log)
        apply(ingress("two", "web"), ingress("bad", "none"))
        await_true(lambda: answer(port, f"two.{host}") == "shop", LIMIT, log)
        assert answer(port, f"three.{host}") == 404

        def described(name: str) -> str:
            return cluster.kubectl("describe", "ingress", name, "-n", namespace)

        await_true(lambda: "ServiceNotInInput" in described("bad"), LIMIT, log)
        assert "192.0.2.7" in described("one")
        cluster.stop_api(kill=True)
        assert answer(port, f"one.{host}") == "shop"
        cluster.start_api()
        cluster.kubectl("delete", "ingress", "one", "-n", namespace)
        await_true(lambda: answer(port, f"one.{host}") == 404, LIMIT, log)
        assert answer(port, f"two.{host}") == "shop"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0, log()
        assert answer(port, f"two.{host}") == 0
    events = json.loads(cluster.kubectl("get", "events", "-n", namespace, "-o", "json"))["items"]
    assert [item["reason"] for item in events] == ["ServiceNotInInput"]


def test_it_is_typed_and_short() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(EXAMPLE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    code = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(code) <= 110
