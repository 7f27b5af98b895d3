"""Faults under constant load cost a host that they do not touch no request; see `faults`."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.controller.faults import FAULTS, measure


@pytest.mark.parametrize("name", FAULTS)
def test_no_request_of_an_untouched_host_is_lost(nginx: Nginx, name: str) -> None:
    row = measure(name, nginx)
    assert row.lost == ()
    assert row.requests > 100
    assert row.recovery < 30
