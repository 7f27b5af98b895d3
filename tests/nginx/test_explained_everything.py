"""Explain = nginx: generated requests to generated sites, over every feature of the card, also
behind a balancer: status, Service, rule, redirect, path as sent, and who would be refused.

``pytest tests/nginx/test_explained_everything.py`` asks 2,000 requests of each nginx at hand,
always the same; with ``--deep`` 20,000, with another seed each time, which the report names and
``INGC_SEED`` repeats. The report stands in pytest's summary.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

from ingc.nginx import Nginx
from tests.nginx.explaining.passing import explore_passthrough
from tests.nginx.explaining.run import Coverage, explore
from tests.nginx.harness import version_of
from tests.strategies import deep

QUICK, DEEP = 2_000, 20_000
ELSEWHERE = {
    "Firewall": "its module is not in stock nginx: test_modsecurity.py",
    "Traced": "its module is not in stock nginx: test_tracing.py",
    "LeastConnections": "only Routes request it: test_openshift.py",
    "KeptHeader": "only Routes request it: test_openshift.py",
}


def test_what_is_explained_is_what_nginx_does(
    nginx: Nginx, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("INGC_SEED") or (secrets.randbelow(1 << 32) if deep() else 1))
    requests = int(os.environ.get("INGC_REQUESTS") or (DEEP if deep() else QUICK))
    coverage = Coverage(without=dict(ELSEWHERE))
    explore_passthrough(nginx, seed, coverage)
    explore(nginx, seed, requests, coverage)
    record_property("explained", coverage.lines(version_of(nginx), seed))
    assert not coverage.differences, "\n\n".join(coverage.differences[:5])
    assert coverage.requests >= requests
    if requests >= QUICK:
        assert not coverage.never, f"features that no request met: {coverage.never}"
