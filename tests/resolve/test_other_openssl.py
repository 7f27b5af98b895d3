"""What our rules let through loads in other versions of OpenSSL, and they decide alike in each.

Each version of `cryptography` brings an OpenSSL of its own: `tests.material.environments` lays
some. Where none is laid, the tests skip; `tests/nginx/test_pem.py` asks real nginx.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

import pytest

import ingc
from tests.material import loads
from tests.material.cases import data_of
from tests.material.environments import VERSIONS, available
from tests.strategies import deep

QUICK, DEEP = 300, 6000
_AT_HAND = available()
_OURS = (str(Path(ingc.__file__).parents[1]), sysconfig.get_path("purelib"))


@pytest.fixture(scope="module", params=_AT_HAND or ["none"])
def version(request: pytest.FixtureRequest) -> str:
    """Return a version of `cryptography` that is laid."""
    if not _AT_HAND:
        pytest.skip("no other cryptography here: python -m tests.material.environments lays some")
    return str(request.param)


@cache
def judged(version: str) -> tuple[dict[str, str], ...]:
    """Return what becomes of each Secret in an environment: key → why it is refused."""
    numbers = range(DEEP if deep() else QUICK)
    told = [
        {key: base64.b64encode(text).decode() for key, text in data_of(number).items()}
        for number in numbers
    ]
    # Without PYTHONPATH its own cryptography comes first, and what is ours after it.
    command = [_AT_HAND[version], "-P", "-W", "ignore", loads.__file__, *_OURS]
    done = subprocess.run(
        command, input=json.dumps(told), capture_output=True, text=True, check=False, env={}
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


def test_openssl_loads_whatever_is_taken(version: str) -> None:
    found = judged(version)
    assert sum(not item["tls.crt"] for item in found) > len(found) / 8
    refused = {number: item["OpenSSL"] for number, item in enumerate(found) if item["OpenSSL"]}
    assert not refused


def test_each_version_of_the_library_takes_the_same(version: str) -> None:
    newest = judged(list(_AT_HAND)[-1])
    different = [
        (number, key, ours[key], theirs[key])
        for number, (ours, theirs) in enumerate(zip(judged(version), newest, strict=True))
        for key in ours
        if bool(ours[key]) != bool(theirs[key])
    ]
    assert not different


def test_the_versions_are_in_order() -> None:
    assert list(VERSIONS) == sorted(VERSIONS)
