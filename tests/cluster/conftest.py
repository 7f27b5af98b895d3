"""A cluster for all tests of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.cluster.kit import Cluster, missing, new_cluster

_numbers = count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server; skipped where the machine has none, unless INGC_REQUIRE_CLUSTER is set."""
    lacking = missing()
    if lacking:
        if os.environ.get("INGC_REQUIRE_CLUSTER", "0") not in ("", "0"):
            pytest.fail(lacking)
        pytest.skip(f"no API server: {lacking}")
    found = new_cluster(tmp_path_factory.mktemp("cluster"))
    found.user("limited")
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    """A namespace of the test's own."""
    name = f"test-{next(_numbers)}"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name
