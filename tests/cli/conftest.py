"""A folder with manifests, which is the working directory of the runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.objects import path, rule
from tests.resolve.pairs import certificate, key_pem
from tests.shop import ingress, secret, service, slice_of

_TODAY = datetime.now(UTC).replace(microsecond=0)


def current(common_name: str = "ingc test") -> bytes:
    """A certificate for ``tls.test`` that is valid by the clock, for the key of `key_pem`."""
    begins, ends = _TODAY - timedelta(days=1), _TODAY + timedelta(days=1)
    return certificate("tls.test", begins=begins, ends=ends, common_name=common_name)


WEB = [
    ingress("shop/web", rule("a.test", path("/", "web"), path("/exact", "web", "Exact"))),
    service("web", clusterIP="10.96.0.1"),
]
EMPTY = [
    ingress("shop/empty", rule("e.test", path("/", "empty"))),
    service("empty"),
    slice_of("empty"),
]
BAD = [ingress("shop/bad", rule("Not.a.host", path("no-slash", "web")))]
TLS = [
    ingress("shop/tls", rule("tls.test", path("/", "web")), tls=[{"secretName": "pair"}]),
    secret("pair", current(), key_pem()),
    service("web", clusterIP="10.96.0.1"),
]
NO_CERTIFICATE = [TLS[0], TLS[2]]
OTHER_CLASS = [ingress("shop/other", rule("o.test", path("/", "web")), class_name="traefik")]


def write(folder: Path, name: str, objects: list[Any]) -> None:
    """Write objects as a JSON stream, which is YAML too."""
    text = "\n---\n".join(json.dumps(item, indent=1) for item in objects)
    (folder / name).write_text(text + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """web: fine. empty: a warning. bad: errors. tls, no-certificate, other-class."""
    inputs = {
        "web": WEB,
        "empty": EMPTY,
        "bad": BAD,
        "tls": TLS,
        "no-certificate": NO_CERTIFICATE,
        "other-class": OTHER_CLASS,
    }
    for name, objects in inputs.items():
        write(tmp_path, f"{name}.yaml", objects)
    return tmp_path
