"""The real nginx with a folder for it, and a responder, for tests of what stands around nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.serve.echo import Responder
from tests.nginx.conftest import nginx, prefix

__all__ = ["ROUTE", "SERVICES", "echo", "nginx", "prefix", "responder"]

SERVICES = {"shop_web_80": {"service": "shop/web", "port": "80"}}
ROUTE = "shop/front spec.rules[0].http.paths[1]"


@pytest.fixture
def responder(prefix: Path) -> Iterator[Responder]:
    with Responder(prefix / "echo.sock", describe=SERVICES) as responder:
        yield responder


@pytest.fixture
def echo(responder: Responder, prefix: Path) -> Path:
    return prefix / "echo.sock"
