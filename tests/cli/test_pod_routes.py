"""``ingc pod-routes``: which routes, and what keeps them from working."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import Done, inside
from tests.objects import Object
from tests.ways import node

NODES = [
    node("n2", "192.0.2.12", networks=("10.244.2.0/24",), ready=False),
    node(
        "n1",
        "192.0.2.11",
        "2001:db8::11",
        external=("203.0.113.1",),
        networks=("10.244.1.0/24", "fd00:244:1::/64"),
    ),
]
BOTH = """\
ip route replace 10.244.1.0/24 via 192.0.2.11         # n1
ip -6 route replace fd00:244:1::/64 via 2001:db8::11  # n1
ip route replace 10.244.2.0/24 via 192.0.2.12         # n2
"""


def run(folder: Path, nodes: list[Object], *options: str) -> Done:
    items = {"apiVersion": "v1", "kind": "List", "items": nodes}
    (folder / "nodes.json").write_text(json.dumps(items), encoding="utf-8")
    return inside("pod-routes", "nodes.json", *options, cwd=folder)


def test_a_route_for_each_network_of_a_node(tmp_path: Path) -> None:
    done = run(tmp_path, NODES, "--own-network", "192.168.0.0/16,10.0.0.0/16")
    assert (done.code, done.out, done.err) == (0, BOTH, "")


def test_by_external_addresses(tmp_path: Path) -> None:
    done = run(tmp_path, NODES, "--node-address", "external")
    assert done.out == "ip route replace 10.244.1.0/24 via 203.0.113.1  # n1\n"
    assert done.err.splitlines() == [
        "note: Node n1 has no IPv6 address of type ExternalIP to route fd00:244:1::/64 by",
        "note: Node n2 has no IPv4 address of type ExternalIP to route 10.244.2.0/24 by",
    ]
    assert done.code == 0


@pytest.mark.parametrize(
    ("more", "own", "why"),
    [
        (
            node("n3", "192.0.2.13", networks=("10.244.0.0/16",)),
            (),
            "10.244.0.0/16 of Node n3 overlaps 10.244.1.0/24 of Node n1",
        ),
        (
            node("n3", "192.0.2.13", networks=("192.0.2.0/24",)),
            (),
            "192.0.2.0/24 of Node n3 holds 192.0.2.11, the address of Node n1",
        ),
        (
            node("n3", "192.0.2.13"),
            ("10.244.2.128/25",),
            "10.244.2.0/24 of Node n2 overlaps 10.244.2.128/25, which is yours",
        ),
        (
            node("n3", "192.0.2.13"),
            ("fd00::/8", "10.0.0.0/8"),
            "fd00:244:1::/64 of Node n1 overlaps fd00::/8, which is yours",
        ),
    ],
)
def test_networks_that_overlap(
    tmp_path: Path, more: Object, own: tuple[str, ...], why: str
) -> None:
    options = (word for item in own for word in ("--own-network", item))
    done = run(tmp_path, [*NODES, more], *options)
    assert done.code == 1
    assert f"error: {why}\n" in done.err


def test_a_node_without_networks_and_one_that_is_broken(tmp_path: Path) -> None:
    broken = node("n3", "192.0.2.13", networks=("everywhere",))
    done = run(tmp_path, [node("n1", "192.0.2.11"), broken])
    assert (done.code, done.out) == (0, "")
    assert "note: Node n1 has no podCIDRs\n" in done.err
    assert "warning: Node n3 is left out: " in done.err


@pytest.mark.parametrize(
    ("nodes", "options", "why"),
    [
        ([], (), "the input has no Node"),
        (NODES, ("--own-network", "office"), "--own-network: "),
        (NODES, ("--node-address", "any"), "--node-address"),
    ],
)
def test_wrong_usage(
    tmp_path: Path, nodes: list[Object], options: tuple[str, ...], why: str
) -> None:
    done = run(tmp_path, nodes, *options)
    assert done.code == 2
    assert why in done.err


def test_many_nodes_take_no_longer_than_their_number(tmp_path: Path) -> None:
    nodes = [
        node(f"n{n}", f"192.0.{n >> 8}.{n & 255}", networks=(f"10.{n >> 8}.{n & 255}.0/24",))
        for n in range(500)
    ]
    assert run(tmp_path, nodes).out.count("\n") == 500
