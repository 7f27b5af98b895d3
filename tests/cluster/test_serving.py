"""The whole program, as people start it: what kubectl applies is answered by a Pod."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import objects
from tests.cluster.kit import Cluster, Process, await_true
from tests.cluster.program import ROOT, fetch, seconds_until, stand_in

LIMIT = 60.0
"""Seconds; a machine that does other things too is slow."""


def readme_command() -> str:
    """Return the line of the README that starts the controller."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^ingc controller .*$", text, re.MULTILINE)
    return str(found)


def pod(name: str, namespace: str, app: str) -> dict[str, Any]:
    """Return a Pod."""
    meta = {"name": name, "namespace": namespace, "labels": {"app": app}}
    spec = {"containers": [{"name": "web", "image": "web"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def shop(namespace: str, name: str) -> list[dict[str, Any]]:
    """Return an Ingress for a host, its Service, and a Pod."""
    port = {"port": 80, "targetPort": 9376}
    rule = objects.rule(f"{name}.{namespace}.test", objects.path("/", name))
    return [
        pod(name, namespace, name),
        objects.service(name, port, namespace=namespace, selector={"app": name}),
        objects.ingress(name, rule, namespace=namespace),
    ]


@contextmanager
def home(cluster: Cluster, folder: Path) -> Iterator[dict[str, str]]:
    """Give a home with ~/.kube/config, and ``ingc`` on PATH."""
    for path in (folder, folder.parent):
        path.chmod(0o755)
    (folder / ".kube").mkdir()
    (folder / ".kube" / "config").write_text(cluster.kubeconfig().read_text())
    script = folder / "bin" / "ingc"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ingc "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    yield {"HOME": str(folder), "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.usefixtures("pods", "real_nginx")
def test_the_command_of_the_readme_serves_what_kubectl_applies(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    aside = stand_in(cluster)
    aside.start()
    try:
        cluster.apply(*shop(namespace, "first"))
        with home(cluster, tmp_path) as environment:
            command = f"exec {readme_command()}"
            program = Process(["sh", "-c", command], tmp_path / "log", environment)
            began = time.monotonic()
            program.start()

            def body(name: str) -> str:
                return fetch(8080, "/", f"{name}.{namespace}.test")[1]

            try:
                seconds_until(lambda: body("first").startswith("10.250."), LIMIT, program.words)
                started = time.monotonic() - began
                cluster.apply(*shop(namespace, "second"))
                applied = seconds_until(
                    lambda: body("second").startswith("10.250."), LIMIT, program.words
                )
                assert body("second") != body("first")
            finally:
                code = program.stop()
            assert code == 0, program.words()
    finally:
        aside.stop()
    print(f"\nfrom the command to an answer {started:.2f} s; one more Ingress {applied:.2f} s")


def test_the_kit_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = (
        "import time\nfrom pathlib import Path\nfrom tests.cluster.kit import Process\n"
        f"process = Process(['sleep', '1000'], Path({str(log)!r}))\nprocess.start()\n"
        "print(process.pid, flush=True)\ntime.sleep(1000)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    pid = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    await_true(lambda: not Path(f"/proc/{pid}").exists(), 10)
