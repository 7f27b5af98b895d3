"""A cluster of loopback addresses: whom each way leads to is seen by who answers.

A Pod, a port of a Node, a load balancer: each has an address of its own, and a backend there whose
name tells which it is.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingc.nginx import free_ports
from tests.nginx.backend import Backend
from tests.nginx.bare import Talk
from tests.nginx.harness import Site
from tests.nginx.wire import get
from tests.objects import Object, service
from tests.ways import WEB, balanced, node, pod

_TRIES = 5
_PATIENCE = 5.0  # seconds
LOCAL: Mapping[str, tuple[str, str]] = {
    # what listens: its address, and the port that it has
    "pod-a": ("127.0.1.1", "pod"),
    "pod-b": ("127.0.1.2", "pod"),
    "node-1": ("127.0.2.1", "node"),
    "node-2": ("127.0.2.2", "node"),
    "host-1": ("127.0.2.1", "host"),
    "host-2": ("127.0.2.2", "host"),
    "balancer": ("127.0.3.1", "service"),
    "external": ("127.0.3.2", "service"),
    "cluster-ip": ("127.0.4.1", "service"),
    "out": ("127.0.5.1", "service"),
}
SIX: Mapping[str, tuple[str, str]] = {
    # all that the loopback has of IPv6 is one address
    "pod-6": ("::1", "pod"),
    "node-6": ("::1", "node"),
    "host-6": ("::1", "host"),
    "service-6": ("::1", "service"),
}


@dataclass(frozen=True)
class Reached:
    """Backends, and the numbers of their ports by what they are for."""

    backends: Mapping[str, Backend]
    ports: Mapping[str, int]

    @property
    def nodes(self) -> list[Object]:
        """Two Nodes that are ready, and one that is not."""
        return [
            node("n1", "127.0.2.1", "::1", external=("127.0.3.1",)),
            node("n2", "127.0.2.2", "::1"),
            node("n3", "127.0.2.3", ready=False),
        ]

    @property
    def pods(self) -> list[Object]:
        """A Pod of each Node, and one that is not ready."""
        host, port = self.ports["host"], self.ports["pod"]
        return [
            pod("a", "127.0.1.1", "::1", node="n1", port=port, host_port=host),
            pod("b", "127.0.1.2", "::1", node="n2", port=port, host_port=host),
            pod("c", "127.0.1.3", node="n2", port=port, host_port=host, ready=False),
        ]

    def service(self, name: str, **spec: object) -> Object:
        """Return a Service of the Pods."""
        listed = {"port": self.ports["service"], "targetPort": "http"}
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            listed["nodePort"] = self.ports["node"]
        status = spec.pop("status", None)
        made = service(name, listed, namespace="shop", **{"selector": WEB, **spec})
        return made if status is None else made | {"status": status}

    def services(self) -> list[Object]:
        """Return a Service of each type, by name."""
        own = {"clusterIP": "127.0.4.1"}
        return [
            self.service("clusterip", **own, externalIPs=["127.0.3.2"]),
            self.service("headless", clusterIP="None"),
            self.service("nodeport", type="NodePort", **own),
            self.service("balancer", type="LoadBalancer", **own, status=balanced("127.0.3.1")),
            self.service("outer", type="ExternalName", externalName="out.example.com"),
            self.service("bare", selector={}, **own),
        ]


@contextlib.contextmanager
def reached(places: Mapping[str, tuple[str, str]] = LOCAL) -> Iterator[Reached]:
    """Start a backend at each place; other ports where somebody else has one of them."""
    names = sorted({port for _, port in places.values()})
    for remaining in reversed(range(_TRIES)):
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        with contextlib.ExitStack() as stack:
            try:
                found = {
                    name: stack.enter_context(Backend(name, address, port=ports[port]))
                    for name, (address, port) in places.items()
                }
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not remaining:
                    raise
                continue
            yield Reached(found, ports)
            return


def answered(site: Site, path: str, count: int = 20, host: str = "a.test") -> dict[str, int]:
    """Send requests over one connection; return how often each backend answered, or the status.

    Since 1.27.3 nginx begins to look names up when it starts: requests before that get a 502.
    """
    until = time.monotonic() + _PATIENCE
    while site.config.settings.resolver and time.monotonic() < until:
        if site.ask(host, path).status != 502:
            break
        time.sleep(0.02)
    with Talk(site.http) as talk:
        responses = [talk.ask(get(path, host)) for _ in range(count)]
    found = Counter(
        response.body.decode() if response.status == 200 else str(response.status)
        for response in responses
    )
    return dict(found)
