"""Oracle = model = real nginx: where generated requests to generated clusters go, what arrives
there, with which status and Location.

``pytest tests/nginx/test_three_way.py`` asks 20,000 requests of each nginx at hand, always the
same; with ``--deep`` a million, with another seed each time, which the report names and
``INGC_SEED`` repeats. The report stands in pytest's summary.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from ingc.nginx import Nginx
from tests.nginx.three_way.regressions import FOLDER, load
from tests.nginx.three_way.run import run
from tests.nginx.three_way.site import ask
from tests.strategies import deep

QUICK, DEEP = 20_000, 1_000_000


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_once_went_wrong(nginx: Nginx, path: Path) -> None:
    cluster, asking = load(path)
    asked, _ = ask(nginx, cluster, [asking] if asking is not None else [])
    assert len(asked) == (asking is not None), "the oracle can be asked"
    assert all(item.judged.agreed for item in asked), asked


def test_generated_clusters(nginx: Nginx, record_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("INGC_SEED") or (secrets.randbelow(1 << 32) if deep() else 1))
    requests = int(os.environ.get("INGC_REQUESTS") or (DEEP if deep() else QUICK))
    report = run(nginx, seed, requests)
    record_property("three_way", report.lines())
    assert report.failure == "", report.failure
    assert report.requests >= requests
    if requests >= QUICK:
        assert report.rare == [], "too few of these kinds"
