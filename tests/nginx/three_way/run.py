"""The run: generate, ask, count, and make small what went wrong."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from ingc.nginx import Nginx, NginxFailed
from tests.nginx.harness import version_of
from tests.nginx.three_way.askings import askings
from tests.nginx.three_way.case import Asking, Cluster
from tests.nginx.three_way.features import LEAST, kinds
from tests.nginx.three_way.regressions import FOLDER, save
from tests.nginx.three_way.shrink import shrink
from tests.nginx.three_way.site import Asked, ask, wrong
from tests.nginx.three_way.tenants import clusters

TENANTS = 11
"""In a cluster, each with up to five Ingresses."""
REQUESTS = 1000
"""To a cluster; a few of them the oracle can't be asked."""


@dataclass(slots=True)
class Report:
    """What a run has done."""

    nginx: str
    seed: int
    requests: int = 0
    clusters: int = 0
    ingresses: int = 0
    locations: int = 0
    """Routes of all hosts."""
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    failure: str = ""
    """The first thing that went wrong, made small; ``""``: nothing did."""

    @property
    def rare(self) -> list[str]:
        """The kinds of requests of which there were too few."""
        return [kind for kind, share in LEAST.items() if self.kinds[kind] < share * self.requests]

    def lines(self) -> list[str]:
        """Return the report for people."""
        counted = ", ".join(f"{kind} {number}" for kind, number in sorted(self.kinds.items()))
        rate = self.requests / self.seconds if self.seconds else 0
        return [
            f"nginx {self.nginx}, seed {self.seed}: {self.requests} requests to {self.clusters} "
            f"clusters, {self.ingresses} Ingresses, {self.locations} routes, "
            f"{self.seconds:.0f} s, {rate:.0f}/s, {self.wrong} differences",
            f"   {counted}",
        ]


def run(
    nginx: Nginx, seed: int, requests: int, *, folder: Path = FOLDER, layout: str = "readable"
) -> Report:
    """Ask at least so many requests; stop at the first cluster that shows a difference.

    ``layout`` is the option of that name.
    """
    report = Report(version_of(nginx), seed)
    began = time.monotonic()
    rounds = -(-requests // (REQUESTS * 9 // 10))

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=rounds,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(clusters(tenants=TENANTS), st.integers(0, 1 << 32))
    def explore(cluster: Cluster, chance: int) -> None:
        if not report.failure and report.requests < requests:
            drawn = random.Random(chance)  # noqa: S311 - a test's sample
            laid_out = dataclasses.replace(cluster, layout=layout)
            _one(nginx, laid_out, drawn, report, folder)

    explore()
    report.seconds = time.monotonic() - began
    return report


def _one(
    nginx: Nginx, cluster: Cluster, chance: random.Random, report: Report, folder: Path
) -> None:
    asked: list[Asked] = []
    try:
        asked, config = ask(nginx, cluster, askings(cluster, chance, REQUESTS))
    except (NginxFailed, AssertionError) as error:
        report.failure = _small(nginx, cluster, None, str(error), folder)
        return
    report.clusters += 1
    report.requests += len(asked)
    report.ingresses += len(cluster.ingresses)
    report.locations += sum(len(host.routes) for host in config.hosts)
    for item in asked:
        judged = item.judged
        report.kinds.update(kinds(cluster, config, judged.asking, item.match, judged.nginx))
    differences = wrong(asked)
    report.wrong += len(differences)
    if differences:
        report.failure = _small(nginx, cluster, differences[0].asking, "", folder)


def _small(nginx: Nginx, cluster: Cluster, asking: Asking | None, error: str, folder: Path) -> str:
    """Make a failure small, save it, and say all of it."""
    cluster, asking = shrink((cluster, asking), lambda *case: bool(difference(nginx, *case)))
    said = difference(nginx, cluster, asking) or {"error": error}
    said = {"version": version_of(nginx), **said}
    path = save(cluster, asking, said, folder)
    told = "\n".join(f"   {name}: {text}" for name, text in said.items())
    return f"{asking or 'the cluster alone'}\n{told}\nsaved as {path}:\n{path.read_text('utf-8')}"


def difference(nginx: Nginx, cluster: Cluster, asking: Asking | None) -> dict[str, str]:
    """Return what each of the three says; empty where they agree, or can't be asked."""
    try:
        asked, _ = ask(nginx, cluster, [] if asking is None else [asking])
    except (NginxFailed, AssertionError) as error:
        return {"error": str(error)} if asking is None else {}
    return {
        name: text
        for item in wrong(asked)
        for name, text in (
            ("nginx", str(item.nginx)),
            ("oracle", str(item.oracle)),
            ("model", str(item.model)),
        )
    }
