"""A controller's rollout on each real nginx at hand, without an API server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.nginx import Nginx
from tests.controller.scene import Scene, scene
from tests.nginx.conftest import nginx, prefix

__all__ = ["nginx", "prefix"]


@pytest.fixture
def at(nginx: Nginx, prefix: Path) -> Iterator[Scene]:
    """A backend, and the folder of a rollout."""
    with scene(nginx, prefix) as made:
        yield made
