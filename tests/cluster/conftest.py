"""A cluster for all tests of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import NoReturn

import pytest

from ingc.nginx.find import ask
from tests.cluster.backends import backends
from tests.cluster.kit import Cluster, missing, new_cluster
from tests.cluster.network import NoNamespace, own_network
from tests.nginx.binaries import available

_numbers = count(1)
_KINDS = "ingresses,services,endpointslices,secrets,configmaps,pods"


def _lacks(what: str) -> NoReturn:
    """Skip, or fail where INGC_REQUIRE_CLUSTER is set."""
    if os.environ.get("INGC_REQUIRE_CLUSTER", "0") not in ("", "0"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="package")
def network() -> Iterator[str]:
    """A network namespace in which the addresses of Pods are this machine; or why there is none."""
    with ExitStack() as stack:
        why = ""
        try:
            stack.enter_context(own_network())
        except NoNamespace as error:
            why = f"no network namespace: {error}"
        yield why


@pytest.fixture(scope="package")
def pods(network: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Backends on every address of Pods; skipped as `cluster` is where nobody may have one."""
    if network:
        _lacks(network)
    folder = tmp_path_factory.mktemp("backends")
    for path in (folder, folder.parent):
        path.chmod(0o755)
    if not available():
        _lacks("no nginx on this machine")
    with backends(ask(next(iter(available().values()))), folder / "run"):
        yield


@pytest.fixture(scope="package")
def cluster(network: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server; skipped where the machine has none, unless INGC_REQUIRE_CLUSTER is set."""
    if lacking := missing():
        _lacks(f"no API server: {lacking}")
    found = new_cluster(tmp_path_factory.mktemp("cluster"))
    found.user("limited")
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace of the test's own, which is empty again for the tests that read all."""
    name = f"test-{next(_numbers)}"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.kubectl("delete", _KINDS, "--all", "-n", name, "--force", "--grace-period=0")
