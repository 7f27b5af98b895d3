"""etcd and kube-apiserver on loopback, in a folder of their own, and kubectl on them."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ADMIN = "admin"
START_LIMIT = 60.0
"""Seconds for each of the two to answer; alone they need three."""
_ADVERTISED = "10.250.255.1"
"""The API server refuses to name a loopback address to clients; nobody uses this one."""


@dataclass(slots=True)
class Process:
    """A program that runs in the background, with its words in a file."""

    command: list[str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, *, kill: bool = False) -> None:
        if self.running is None:
            return
        self.running.kill() if kill else self.running.terminate()
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.running = None


@dataclass(slots=True)
class Cluster:
    """An API server with its store; the ports stay the same when it is started again."""

    folder: Path
    apiserver: str
    """The path of kube-apiserver."""
    kubectl_path: str = "kubectl"
    more: tuple[str, ...] = ()
    """More flags of kube-apiserver."""
    users: dict[str, str] = field(default_factory=dict)
    """The token of each user."""
    etcd_port: int = 0
    port: int = 0
    _etcd: Process | None = None
    _api: Process | None = None

    def start(self) -> None:
        """Start both; return once the API server is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.etcd_port, peer, self.port = free_ports(3)
        self._write_users()
        _make_key(self.folder / "sa.key")
        etcd, peers = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{peer}"
        self._etcd = Process(self._etcd_command(etcd, peers), self.folder / "etcd.log")
        self._api = Process(self._api_command(etcd), self.folder / "apiserver.log")
        self._etcd.start()
        self._api.start()
        self._await_ready()
        self.kubeconfig(ADMIN)

    def stop(self) -> None:
        """Stop both."""
        for process in (self._api, self._etcd):
            if process is not None:
                process.stop(kill=True)

    def stop_api(self, *, kill: bool = False) -> None:
        """Stop the API server alone."""
        assert self._api is not None
        self._api.stop(kill=kill)

    def start_api(self) -> None:
        """Start the API server again, where it was."""
        assert self._api is not None
        self._api.start()
        self._await_ready()

    def compact(self) -> int:
        """Have etcd forget all history; return the revision that is the first now."""
        found = self._ask_etcd("kv/range", {"key": "AA=="})
        revision = int(found["header"]["revision"])
        self._ask_etcd("kv/compaction", {"revision": str(revision), "physical": True})
        return revision

    def user(self, name: str) -> Path:
        """Make a user without rights; return the kubeconfig. Before `start` alone."""
        self.users[name] = secrets.token_hex(16)
        return self.folder / f"{name}.kubeconfig"

    def kubeconfig(self, user: str = ADMIN, *, port: int | None = None) -> Path:
        """Return the kubeconfig of a user; ``port`` is that of a proxy before the API server."""
        server = f"https://127.0.0.1:{port or self.port}"
        authority = str(self.folder / "certs" / "apiserver.crt")
        cluster = {"server": server, "certificate-authority": authority}
        name = f"{user}.kubeconfig" if port is None else f"{user}-{port}.kubeconfig"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "kit", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self.users[user]}}],
            "contexts": [{"name": "kit", "context": {"cluster": "kit", "user": user}}],
            "current-context": "kit",
        }
        path = self.folder / name
        path.write_text(yaml.safe_dump(config))
        path.chmod(0o600)
        return path

    def kubectl(self, *arguments: str, given: str | None = None, user: str = ADMIN) -> str:
        """Run kubectl, with a text as its input; return what it prints."""
        done = subprocess.run(
            [self.kubectl_path, *arguments, "--kubeconfig", str(self.kubeconfig(user))],
            input=given,
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "HOME": str(self.folder)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Apply objects with kubectl."""
        items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl(
            "apply", "--server-side", "--force-conflicts", "-f", "-", given=json.dumps(items)
        )

    def _write_users(self) -> None:
        """Write who there is: the admin, and users who have what is bound to them."""
        self.users.setdefault(ADMIN, secrets.token_hex(16))
        rows = []
        for number, (name, token) in enumerate(self.users.items()):
            group = ',"system:masters"' if name == ADMIN else ""
            rows.append(f"{token},{name},{number}{group}\n")
        (self.folder / "tokens.csv").write_text("".join(rows))

    def _etcd_command(self, own: str, peers: str) -> list[str]:
        flags = {
            "data-dir": "etcd",
            "listen-client-urls": own,
            "advertise-client-urls": own,
            "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers,
            "initial-cluster": f"default={peers}",
            "unsafe-no-fsync": "true",
            "quota-backend-bytes": str(4 << 30),
            "max-request-bytes": str(10 << 20),
        }
        return ["etcd", *(f"--{name}={value}" for name, value in flags.items())]

    def _api_command(self, etcd: str) -> list[str]:
        flags = {
            "etcd-servers": etcd,
            "cert-dir": "certs",
            "bind-address": "127.0.0.1",
            "secure-port": str(self.port),
            "advertise-address": _ADVERTISED,
            "service-cluster-ip-range": "10.96.0.0/16",
            "authorization-mode": "RBAC",
            "token-auth-file": "tokens.csv",
            "service-account-issuer": "https://kubernetes.default",
            "service-account-signing-key-file": "sa.key",
            "service-account-key-file": "sa.key",
            "disable-admission-plugins": "ServiceAccount",
            "endpoint-reconciler-type": "none",
        }
        return [self.apiserver, *(f"--{name}={value}" for name, value in flags.items()), *self.more]

    def _await_ready(self) -> None:
        def ready() -> bool:
            done = subprocess.run(
                [self.kubectl_path, "get", "--raw", "/readyz", "--kubeconfig", self.kubeconfig()],
                capture_output=True,
                check=False,
                env={**os.environ, "HOME": str(self.folder)},
            )
            return done.returncode == 0

        await_true(ready, START_LIMIT, lambda: (self.folder / "apiserver.log").read_text()[-2000:])

    def _ask_etcd(self, what: str, body: Mapping[str, Any]) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.etcd_port}/v3/{what}", json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


def missing() -> str:
    """Return what this machine lacks to run a cluster; nothing where it lacks nothing."""
    found = os.environ.get("INGC_KUBE_APISERVER", "")
    if not Path(found).is_file():
        return (
            "INGC_KUBE_APISERVER names no kube-apiserver; python -m tests.cluster.build FOLDER "
            "makes one"
        )
    lacking = [name for name in ("etcd", _kubectl(), "openssl") if shutil.which(name) is None]
    return f"not on PATH: {', '.join(lacking)}" if lacking else ""


def new_cluster(folder: Path, *more: str) -> Cluster:
    """Return a cluster that is not started yet, of the programs that the environment names."""
    return Cluster(folder, os.environ["INGC_KUBE_APISERVER"], _kubectl(), more)


def _kubectl() -> str:
    return os.environ.get("INGC_KUBECTL", "kubectl")


def _make_key(path: Path) -> None:
    if not path.exists():
        command = ["openssl", "genrsa", "-out", str(path), "2048"]
        subprocess.run(command, check=True, capture_output=True)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody has at the moment."""
    taken = [socket.socket() for _ in range(count)]
    try:
        for item in taken:
            item.bind(("127.0.0.1", 0))
        return [int(item.getsockname()[1]) for item in taken]
    finally:
        for item in taken:
            item.close()


def await_true(
    condition: Callable[[], bool], limit: float, why: Callable[[], str] = lambda: ""
) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {why()}")
        time.sleep(0.1)
