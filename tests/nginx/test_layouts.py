"""Whatever the layout, the same answers: oracle, model and real nginx, with each pass alone, with
all of them, and with none.

``--deep`` asks more, with another seed each time, which the failure names.
"""

from __future__ import annotations

import random
import secrets

import pytest

from ingc.nginx import Nginx
from ingc.option_values import LAYOUT_PASSES
from tests.nginx.three_way.alike import alike_askings, alike_cluster
from tests.nginx.three_way.run import run
from tests.nginx.three_way.site import ask, wrong
from tests.strategies import deep

LAYOUTS = (*LAYOUT_PASSES, "compact", "readable")
CLUSTERS = 40 if deep() else 5
REQUESTS = 800


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clusters_made_for_the_passes(nginx: Nginx, layout: str) -> None:
    seed = secrets.randbelow(1 << 32) if deep() else 7
    for number in range(CLUSTERS):
        chance = random.Random(f"{seed} {number}")  # noqa: S311 - it has to be the same again
        cluster = alike_cluster(chance, layout)
        asked, _ = ask(nginx, cluster, alike_askings(cluster, chance, REQUESTS))
        assert len(asked) > REQUESTS * 0.9
        found = wrong(asked)
        assert not found, f"seed {seed} {number}: {found[0]}"


@pytest.mark.parametrize("layout", LAYOUTS[:-1])
def test_clusters_of_all_features(nginx: Nginx, layout: str) -> None:
    seed = secrets.randbelow(1 << 32) if deep() else 3
    report = run(nginx, seed, 100_000 if deep() else 4_000, layout=layout)
    assert report.failure == "", report.failure
