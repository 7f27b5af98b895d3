"""``kubectl ingc`` through the real kubectl, on a real API server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import objects
from tests.cluster.kit import ADMIN, Cluster

_MAIN = "import sys; from ingc.cli.kubectl_plugin import main; sys.exit(main())"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder with ``kubectl-ingc``, for PATH."""
    found = tmp_path / "kubectl-ingc"
    found.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{_MAIN}" "$@"\n')
    found.chmod(0o755)
    return tmp_path


def _kubectl(
    cluster: Cluster, plugin: Path, *arguments: str, user: str = ADMIN
) -> subprocess.CompletedProcess[str]:
    path = f"{plugin}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [cluster.kubectl_path, "ingc", *arguments, "--kubeconfig", str(cluster.kubeconfig(user))],
        env={**os.environ, "PATH": path, "HOME": str(plugin), "NO_COLOR": "1"},
        cwd=plugin,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def filled(cluster: Cluster, namespace: str) -> str:
    """A namespace with an Ingress to a Pod that is killed, and to a Service that is not there."""
    meta = {"name": "web-1", "namespace": namespace, "labels": {"app": "web"}}
    container = {"name": "web", "image": "web", "ports": [{"containerPort": 8080}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}}
    endpoint = {
        "addresses": ["10.1.2.3"],
        "conditions": {"ready": False},
        "targetRef": {"kind": "Pod", "name": "web-1", "namespace": namespace},
    }
    port = {"port": 80, "targetPort": 8080}
    paths = objects.path("/", "web"), objects.path("/none", "none")
    cluster.apply(
        objects.service("web", port, namespace=namespace, selector={"app": "web"}),
        objects.ingress("web", objects.rule(f"{namespace}.test", *paths), namespace=namespace),
        pod,
        objects.endpoint_slice("web", endpoint, port=8080, namespace=namespace),
    )
    patch = json.dumps({"status": KILLED})
    cluster.kubectl("patch", "pod", "web-1", "-n", namespace, "--subresource=status", "-p", patch)
    return namespace


KILLED: Any = {
    "phase": "Running",
    "podIP": "10.1.2.3",
    "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [
        {
            "name": "web",
            "image": "web",
            "imageID": "",
            "ready": False,
            "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
        }
    ],
}


def test_explain_says_why_a_request_reaches_nobody(
    cluster: Cluster, filled: str, plugin: Path
) -> None:
    done = _kubectl(cluster, plugin, "explain", f"http://{filled}.test/cart")
    assert (done.returncode, done.stderr) == (0, "")
    assert "answer    503" in done.stdout
    assert f"route     {filled}/web spec.rules[0].http.paths[0]: Prefix /" in done.stdout
    assert f"Container web of Pod {filled}/web-1 is killed again and again" in done.stdout
    missing = _kubectl(cluster, plugin, "explain", f"http://{filled}.test/none", "-n", filled)
    assert f"The rule names Service {filled}/none, which does not exist" in missing.stdout
    nobody = _kubectl(cluster, plugin, "explain", f"http://{filled}-2.test/")
    assert "no rule names this host" in nobody.stdout


def test_explain_finds_what_works_now(cluster: Cluster, filled: str, plugin: Path) -> None:
    ready = {"addresses": ["10.1.2.3"], "conditions": {"ready": True}}
    cluster.apply(objects.endpoint_slice("web", ready, port=8080, namespace=filled))
    done = _kubectl(cluster, plugin, "explain", f"http://{filled}.test/cart", "-n", filled)
    assert "503" not in done.stdout
    assert f"{filled}/web" in done.stdout


def test_with_the_rights_of_a_user(cluster: Cluster, filled: str, plugin: Path) -> None:
    url = f"http://{filled}.test/cart"
    done = _kubectl(cluster, plugin, "explain", url, user="limited")
    assert done.returncode == 2
    assert 'ingresses.networking.k8s.io is forbidden: User "limited"' in done.stderr
    kinds = "ingresses,services,endpointslices,pods,events"
    role = ("create", "role", "viewer", "--verb=get,list", f"--resource={kinds}")
    cluster.kubectl(*role, "-n", filled)
    bind = ("create", "rolebinding", "viewer", "--role=viewer", "--user=limited")
    cluster.kubectl(*bind, "-n", filled)
    done = _kubectl(cluster, plugin, "explain", url, "-n", filled, user="limited")
    assert done.returncode == 0
    assert f"Container web of Pod {filled}/web-1 is killed again and again" in done.stdout
    assert "ingressclasses.networking.k8s.io is forbidden" in done.stderr
