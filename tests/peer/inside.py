"""The part of a replay that runs in the namespace: compiles a set, starts nginx, asks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ingc.nginx import Nginx, Running
from ingc.nginx.find import ask as ask_version
from ingc.nginx.find import find, packaged
from tests.objects import Object
from tests.peer.asking import ask
from tests.peer.backends import answering
from tests.peer.recorded import Exchange, Facts, Question, Recording

OPTIONS = (
    "--backends=endpoints",
    "--on-error=isolate",
    "--configmap=ingress-nginx/ingress-nginx-controller",
    "--default-ssl-certificate=ingress-nginx/default-cert",
    "--ingress-class=nginx",
    "--resolver=127.0.0.1",
    "--trust-namespaces",
    "--nginx-version=auto",
)
_AT_ONCE = 4


def newest() -> Nginx:
    """Return the nginx to run: ingress-nginx's own is nearest to the newest. Raises
    `NginxNotFound`.
    """
    path = packaged()
    return find() if path is None else ask_version(path)


@contextmanager
def backends() -> Iterator[None]:
    """Let every Service answer while it lasts."""
    with tempfile.TemporaryDirectory(prefix="ingc-peer-") as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
        command += ["-subj", "/CN=echo.test", "-addext", "subjectAltName=DNS:echo.test"]
        command += ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        with answering(certificate, key):
            yield


def answers(recording: Recording) -> Iterator[tuple[Exchange, Facts]]:
    """Yield each request with what the compiled input answers."""
    services = dict(_services(recording.objects))
    once = [item for item in recording.exchanges if item.question.times == 1]
    often = [item for item in recording.exchanges if item.question.times > 1]
    nginx = newest()
    with _compiled(recording.objects, nginx) as out, Running(nginx, out, out / "nginx.conf"):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(lambda item: ask(item.question, services), once))
        yield from zip(once, found, strict=True)
        for item in often:
            yield item, {"tally": _tally(item.question, services)}


def _tally(question: Question, services: Mapping[str, str]) -> Counter[str]:
    found = (ask(question, services) for _ in range(question.times))
    return Counter(f"{facts['status']} {facts.get('service', '')}" for facts in found)


@contextmanager
def _compiled(objects: Iterable[Object], nginx: Nginx) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ingc-peer-") as folder:
        path = Path(folder)
        path.chmod(0o755)  # nginx's workers run as another user
        source, out = path / "all.json", path / "out"
        source.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
        command = [sys.executable, "-m", "ingc", "compile", str(source), "-d", str(out)]
        command += [*OPTIONS, "--nginx", str(nginx.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not (out / "nginx.conf").exists():
            raise RuntimeError(f"ingc ends with {done.returncode}: {done.stderr[-1000:]}")
        yield out


def _services(objects: Iterable[Object]) -> Iterator[tuple[str, str]]:
    """Yield each endpoint with ``namespace/name:port`` of its Service."""
    objects = list(objects)
    ports = {
        (item["metadata"]["namespace"], item["metadata"]["name"]): item["spec"].get("ports", [])
        for item in objects
        if item["kind"] == "Service"
    }
    for item in objects:
        if item["kind"] != "EndpointSlice":
            continue
        namespace = item["metadata"]["namespace"]
        name = item["metadata"]["labels"]["kubernetes.io/service-name"]
        for port in item.get("ports") or ():
            number = _number(ports.get((namespace, name), ()), port)
            for endpoint in item.get("endpoints") or ():
                for address in endpoint["addresses"]:
                    yield f"{address}:{port['port']}", f"{namespace}/{name}:{number}"


def _number(ports: Iterable[Object], endpoint_port: Object) -> int:
    """Return the number of the Service's port that leads to a port of its endpoints."""
    name = endpoint_port.get("name") or ""
    named = (int(port["port"]) for port in ports if (port.get("name") or "") == name)
    return next(named, int(endpoint_port["port"]))
