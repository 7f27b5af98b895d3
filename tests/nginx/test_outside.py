"""docs/outside.md, tried: nginx on a machine of its own, the cluster in other network namespaces.

No address is one of nginx's machine, so that none has to be allowed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import ingc
from ingc.nginx import Nginx
from tests.cli.run import inside
from tests.nginx.harness import as_ourselves, version_of
from tests.nginx.lan import Lan, has_namespaces, lan
from tests.objects import Object

EXAMPLE = Path(__file__).parents[2] / "examples" / "outside.yaml"
HOST = "shop.example.com"
_STARTS_WITHIN = 10.0  # seconds

pytestmark = pytest.mark.skipif(not has_namespaces(), reason="it takes root and namespaces")


@pytest.fixture(scope="module")
def network() -> Iterator[Lan]:
    with lan() as made:
        yield made


def objects(**spec: Any) -> list[Object]:
    """Return the example; ``spec`` is more of the Service ``shop``."""
    found = list(yaml.safe_load_all(EXAMPLE.read_text(encoding="utf-8")))
    for item in found:
        if item["kind"] == "Service" and item["metadata"]["name"] == "shop":
            item["spec"] |= spec
    return found


class Outside:
    """nginx on its machine, with what it was made of."""

    def __init__(self, network: Lan, nginx: Nginx, folder: Path, made: list[Object], **given: Any):
        options = ingc.Options(
            nginx_version=version_of(nginx),
            http_port=8080,
            listen_address=("127.0.0.1",),
            access_log="off",
            **given,
        )
        result = ingc.compile(made, options)
        assert result.config is not None
        conf = folder / "nginx.conf"
        conf.write_text(result.config, encoding="utf-8")
        self._network = network
        command = [str(nginx.path), "-p", str(folder), "-c", str(conf), "-e", "error.log"]
        self._process = network.start("office", *command, "-g", f"daemon off; {as_ourselves()}")

    def __enter__(self) -> Outside:
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until:
            if self._network.listens("office", 8080):
                return self
            time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def asked(self, count: int = 12, path: str = "cart") -> dict[str, int]:
        """Send requests; return who answered, and how often."""
        found: dict[str, int] = {}
        for _ in range(count):
            got = self._network.run(
                "office",
                *("curl", "-s", "-m", "30", "-w", "\n%{http_code}"),
                *("-H", f"Host: {HOST}", f"http://127.0.0.1:8080/{path}"),
            )
            *body, status = got.split("\n")
            name = body[0] if status == "200" else status
            found[name] = found.get(name, 0) + 1
        return found


TRIED: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("node-port", "cart", {}, {"node-port-n1", "node-port-n2"}),
    ("node-port", "cart", {"node_selector": "example.com/edge"}, {"node-port-n1"}),
    ("host-port", "cart", {}, {"host-port-n1", "host-port-n2"}),
    ("load-balancer", "media", {}, {"balancer"}),
]


@pytest.mark.parametrize(("mode", "path", "options", "expected"), TRIED)
def test_the_ways_of_the_page(
    nginx: Nginx,
    network: Lan,
    tmp_path: Path,
    mode: str,
    path: str,
    options: dict[str, Any],
    expected: set[str],
) -> None:
    with Outside(network, nginx, tmp_path, objects(), backends=mode, **options) as outside:
        found = outside.asked(path=path)
    assert set(found) == expected
    # Each of nginx's workers goes round on its own.
    assert max(found.values()) - min(found.values()) <= 4


@pytest.mark.parametrize("mode", ["node-port", "host-port"])
def test_both_families(nginx: Nginx, network: Lan, tmp_path: Path, mode: str) -> None:
    made = objects(ipFamilies=["IPv6"])
    for item in made:
        if item["kind"] == "Pod":
            number = item["spec"]["nodeName"][1:]
            item["status"]["hostIPs"] = [{"ip": f"2001:db8::1{number}"}]
    with Outside(network, nginx, tmp_path, made, backends=mode) as outside:
        found = outside.asked()
    assert set(found) == {f"{mode}-n1", f"{mode}-n2"}


def test_pods_are_reached_by_the_routes_that_are_printed(
    nginx: Nginx, network: Lan, tmp_path: Path
) -> None:
    printed = inside("pod-routes", str(EXAMPLE), cwd=tmp_path)
    assert printed.code == 0
    made = objects(ipFamilies=["IPv4", "IPv6"])
    for item in made:
        if item["kind"] == "Pod":
            address = item["status"]["podIP"]
            network_number, number = address.split(".")[2:]
            six = f"fd00:244:{network_number}::{number}"
            item["status"]["podIPs"] = [{"ip": address}, {"ip": six}]
    with Outside(network, nginx, tmp_path, made, backends="pods") as outside:
        assert set(outside.asked(count=2)) <= {"502", "504"}
        network.run("office", "sh", stdin=printed.out)
        try:
            # Four servers: each Pod by both families.
            found = outside.asked(count=24)
        finally:
            for line in printed.out.splitlines():
                words = line.partition("#")[0].replace("replace", "del").split()
                network.run("office", *words)
    assert set(found) == {"shop-1", "shop-2"}
    assert abs(found["shop-1"] - found["shop-2"]) <= 4
