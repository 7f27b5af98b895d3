"""`ingc controller` as a program of its own, on the kit's API server."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import ingc
from tests.cluster.kit import Cluster, Process, await_true, free_ports

ROOT = Path(__file__).parents[2]
READY = 120.0
"""Seconds for the first configuration; a machine that does other things too is slow."""


def three_ports() -> tuple[int, int, int]:
    """Return ports that nobody has at the moment."""
    first, second, third = free_ports(3)
    return first, second, third


@dataclass(slots=True)
class Program:
    """One replica."""

    folder: Path
    kubeconfig: Path
    nginx: str
    more: tuple[str, ...] = ()
    """More options."""
    module: str = "ingc"
    """What is run in its place."""
    ports: tuple[int, int, int] = field(default_factory=three_ports)
    """http, https, health."""
    process: Process | None = None

    @property
    def http_port(self) -> int:
        """Where its nginx takes http."""
        return self.ports[0]

    @property
    def conf(self) -> str:
        """The nginx.conf that it has written."""
        return (self.folder / "run" / "nginx.conf").read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """The process id of the controller."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it."""
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        http_port, https, health = map(str, self.ports)
        command = [sys.executable, "-m", self.module, "controller"]
        command += ["--folder", str(self.folder / "run"), "--kubeconfig", str(self.kubeconfig)]
        command += ["--http-port", http_port, "--https-port", https, "--nginx", self.nginx]
        command += ["--healthz-host", "127.0.0.1", "--healthz-port", health, "--drain", "2"]
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self.process = Process(
            [*command, *self.more],
            self.folder / "controller.log",
            {"PYTHONPATH": path, "POD_NAMESPACE": "default"},
        )
        self.process.start()

    def await_ready(self, limit: float = READY) -> None:
        """Wait until it serves what the cluster holds."""
        await_true(lambda: self.page("/readyz")[0] == 200, limit, self.words)

    def stop(self, *, kill: bool = False) -> int | None:
        """Stop it; return its exit code."""
        return self.process.stop(kill=kill) if self.process is not None else None

    def words(self) -> str:
        """Return the last of what it printed."""
        return self.process.words() if self.process is not None else ""

    def page(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page of its health server; 0: no answer."""
        return fetch(self.ports[2], path, "health")

    def metric(self, name: str) -> float:
        """Return a metric, with labels or the sum of all; 0 where there is none of that name."""
        starts = (f"ingc_controller_{name} ", f"ingc_controller_{name}{{")
        lines = self.page("/metrics")[1].splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(starts))

    def answer(self, host: str, path: str = "/") -> tuple[int, str]:
        """Return the status and the body that its nginx answers; 0: no answer."""
        return fetch(self.http_port, path, host)

    def expected_conf(self, cluster: Cluster) -> str:
        """Compile all that the cluster holds, in one go, with the options that it has."""
        kinds = "ingress,ingressclass,service,endpointslice"
        version = ingc.Nginx(self.folder / "run", self.nginx).version
        options = ingc.Options(
            nginx_version=version, http_port=self.ports[0], https_port=self.ports[1]
        )
        compiler = ingc.Compiler(options)
        compiler.apply(cluster.objects(kinds))
        assert compiler.config is not None
        return compiler.config


def fetch(port: int, path: str, host: str) -> tuple[int, str]:
    """Return the status and the body of an answer; 0: there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def stand_in(cluster: Cluster) -> Process:
    """Return our EndpointSlice controller and kubelet for a cluster, not started yet."""
    command = [sys.executable, "-m", "tests.cluster.stand_in", str(cluster.kubeconfig())]
    return Process(command, cluster.folder / "stand-in.log", {"PYTHONPATH": str(ROOT)}, ROOT)


def seconds_until(condition: Callable[[], bool], limit: float, why: Callable[[], str]) -> float:
    """Wait until a condition holds, looking often; return how long that took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() > began + limit:
            raise AssertionError(f"not within {limit} s: {why()}")
        time.sleep(0.01)
    return time.monotonic() - began
