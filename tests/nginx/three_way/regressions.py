"""Small cases that once went wrong, as files: each run asks them again, before anything else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from tests.nginx.three_way.case import Asking, Cluster

FOLDER = Path(__file__).parent / "regressions"


def save(cluster: Cluster, asking: Asking | None, said: dict[str, str], folder: Path) -> Path:
    """Write a case and what each of the three said; its name is made of the content."""
    case = {
        "request": None if asking is None else _written(asking),
        "default_backend": cluster.default_backend,
        "default_certificate": cluster.default_certificate,
        "settings": dict(cluster.settings),
        **({"layout": cluster.layout} if cluster.layout != "readable" else {}),
        "ingresses": list(cluster.ingresses),
    }
    digest = hashlib.sha256(repr(case).encode()).hexdigest()[:12]
    text = yaml.safe_dump({"said": said, **case}, sort_keys=False, width=100)
    folder.mkdir(exist_ok=True)
    path = folder / f"{digest}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path) -> tuple[Cluster, Asking | None]:
    """Read a case."""
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    cluster = Cluster(
        tuple(case["ingresses"]),
        case["default_backend"],
        case["default_certificate"],
        tuple(case.get("settings", {}).items()),
        case.get("layout", "readable"),
    )
    return cluster, None if case["request"] is None else _read(case["request"])


def _written(asking: Asking) -> dict[str, object]:
    """Bytes are written as Latin-1."""
    return {
        "scheme": asking.scheme,
        "server_name": asking.server_name,
        "source": asking.source,
        "certificate": asking.certificate,
        "prelude": asking.prelude,
        "method": asking.method,
        "host": asking.host.decode("latin-1"),
        "target": asking.target.decode("latin-1"),
        "headers": [list(pair) for pair in asking.headers],
    }


def _read(written: dict[str, Any]) -> Asking:
    given = dict(written)
    for name in ("host", "target"):
        given[name] = given[name].encode("latin-1")
    given["headers"] = tuple((name, value) for name, value in given["headers"])
    return Asking(**given)
