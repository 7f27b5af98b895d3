"""Faults of the API server cost a host that they do not touch no request; see `faults`."""

from __future__ import annotations

import pytest

from ingc.nginx.find import ask
from tests.cluster.faults import FAULTS, measure
from tests.cluster.ground import lay
from tests.cluster.kit import Cluster
from tests.nginx.binaries import available


@pytest.mark.usefixtures("pods", "real_nginx")
@pytest.mark.parametrize("name", FAULTS)
def test_no_request_is_lost_and_nothing_else(cluster: Cluster, name: str) -> None:
    lay(cluster)
    row = measure(name, cluster, ask([*available().values()][-1]))
    print(f"\n{row}")
    assert row.lost == ()
    assert row.requests > 100
    assert row.recovery < 60
