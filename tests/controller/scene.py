"""A backend, objects that lead to it, and a rollout on a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ingc
from ingc.controller.rollout import Rollout
from ingc.nginx import Nginx, Running, free_ports
from tests.nginx.conf import answers, conf, write
from tests.nginx.wire import fetch, get
from tests.objects import Object, endpoint_slice, ingress, rule, secret, service, tls
from tests.objects import prefix as prefixed

UNTOUCHED = "untouched.test"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rollout works, and what its objects lead to."""

    nginx: Nginx
    folder: Path
    options: ingc.Options
    backend_port: int

    def rollout(self) -> Rollout:
        """Return a new rollout on the folder, which is another start of the controller."""
        return Rollout(self.options, self.folder, binary=str(self.nginx.path), drain=2.0)

    @property
    def https(self) -> tuple[str, int]:
        """Where nginx takes https."""
        return (LOOPBACK, self.options.https_port)

    @property
    def address(self) -> tuple[str, int]:
        """Where nginx takes http."""
        return (LOOPBACK, self.options.http_port)

    def objects(self, *hosts: str) -> list[Object]:
        """Return a Service with its endpoints, and an Ingress for each host."""
        made = [ingress(host.partition(".")[0], rule(host, prefixed("/", "web"))) for host in hosts]
        return [service("web", 80), self.endpoints(), *made]

    def secured(self, host: str, certificate: tuple[bytes, bytes]) -> list[Object]:
        """Return an Ingress for a host with a certificate, and its Secret."""
        name = host.partition(".")[0]
        to = ingress(name, rule(host, prefixed("/", "web")), tls=[tls(host, by=name)])
        return [secret(name, *certificate), to]

    def endpoints(self, address: str = LOOPBACK) -> Object:
        """Return the EndpointSlice of the Service."""
        return endpoint_slice("web", address, port=self.backend_port)

    def body(self, host: str) -> bytes:
        """Return what is answered for a host, on a new connection."""
        return fetch(self.address, get("/", host)).body


@contextmanager
def scene(nginx: Nginx, folder: Path) -> Iterator[Scene]:
    """Run a backend, which is an nginx too, in a folder of its own beside the rollout's."""
    http, https, backend = free_ports(3)
    (folder / "backend").mkdir()
    work = folder / "run"
    options = ingc.Options(
        nginx_version=ingc.Nginx(work, str(nginx.path)).version,
        http_port=http,
        https_port=https,
        listen_address=(LOOPBACK,),
        allow_address=("127.0.0.0/8",),
        access_log="off",
    )
    text = conf(answers(f"{LOOPBACK}:{backend}", "served"), connections=1024)
    with Running(nginx, folder / "backend", write(folder / "backend", text)):
        yield Scene(nginx, work, options, backend)
