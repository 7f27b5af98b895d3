"""The run: sites are generated and served, clients ask, and what was about what is counted."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingc.compiler import Result
from ingc.ir import Config
from ingc.ir.features.rewrite import UseRegex
from ingc.ir.features.table import FEATURES
from ingc.match import Match
from ingc.nginx import Nginx
from tests.nginx.deciding import Question, Verdict, deciding
from tests.nginx.explaining.clients import Client, Sender, clients
from tests.nginx.explaining.judging import Seen, Told, difference
from tests.nginx.explaining.material import CONFIGMAP, Ground, ground
from tests.nginx.harness import serving
from tests.nginx.test_explained import explained
from tests.nginx.three_way.site import seen_socket

CLIENTS = 100
"""For each site."""
MOST = 10
"""Differences."""


@dataclass(slots=True)
class Coverage:
    """What was asked."""

    requests: int = 0
    sites: int = 0
    seconds: float = 0.0
    features: Counter[str] = field(default_factory=Counter)
    """Requests by the types of features of their host, route and upstream."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Requests by what came of them, and by what stands before nginx."""
    differences: list[str] = field(default_factory=list)
    without: dict[str, str] = field(default_factory=dict)
    """Features that this nginx can't have, and why."""

    @property
    def never(self) -> list[str]:
        """The features that no request met."""
        names = (kind.__name__ for kind in FEATURES)
        return [name for name in names if not self.features[name] and name not in self.without]

    def lines(self, version: str, seed: int) -> list[str]:
        """Return the report."""
        by_feature = ", ".join(f"{name} {count}" for name, count in self.features.most_common())
        by_kind = ", ".join(f"{name} {count}" for name, count in self.kinds.most_common())
        return [
            f"nginx {version}, seed {seed}: {self.requests} requests to {self.sites} sites in "
            f"{self.seconds:.0f} s, {len(self.differences)} differences",
            f"   features: {by_feature}",
            f"   kinds: {by_kind}",
            *(f"   without {name}: {why}" for name, why in self.without.items()),
        ]


def explore(nginx: Nginx, seed: int, requests: int, coverage: Coverage) -> None:
    """Ask so many requests of generated sites; stop where it goes wrong again and again."""
    began = time.monotonic()
    chance = random.Random(seed)  # noqa: S311 - a test's sample
    while coverage.requests < requests and len(coverage.differences) < MOST:
        number = chance.randrange(1 << 32)
        _one(nginx, number, coverage)
    coverage.seconds += time.monotonic() - began


def decide(question: Question) -> Verdict:
    """Answer as the client wants it; without a wish let it pass."""
    return Verdict(int(question.headers.get("x-verdict", "200")))


def _one(nginx: Nginx, seed: int, coverage: Coverage) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's sample
    made = ground(chance)
    options: dict[str, Any] = {
        "configmap": CONFIGMAP,
        "echo_socket": str(seen_socket()),
        "allow_snippets": ("*",),
    }
    if made.default_certificate:
        options["default_ssl_certificate"] = "default/cert"
    if made.default_backend:
        options["default_backend_service"] = "default/fallback:80"
    with (
        deciding(decide) as auth,
        serving(
            nginx, made.objects, on_error="isolate", outside={"auth.test": auth.port}, **options
        ) as site,
    ):
        coverage.sites += 1
        sender, ours = Sender(site), explained(site)
        for client in clients(made, chance, CLIENTS):
            _ask(sender, ours.result, client, made, seed, coverage)


def _ask(
    sender: Sender, result: Result, client: Client, made: Ground, seed: int, coverage: Coverage
) -> None:
    site = sender.site
    seen = Seen.of(sender.send(client))
    told = Told.of(result, client)
    found = difference(told, seen, client, site.config)
    if found:
        coverage.differences.append(
            f"seed {seed}: not {found}\n{client}\n{seen}\n{told.answer}\n{made.settings}"
        )
    coverage.requests += 1
    coverage.features.update(features_of(told.match, site.config))
    coverage.kinds.update(kinds_of(told, seen, client, made))


def features_of(match: Match, config: Config) -> set[str]:
    """Return the names of the features that a request met."""
    host, route = match.host, match.route
    found: list[object] = [*(host.features if host else ()), *(route.features if route else ())]
    names = {match.upstream, match.unopened, *(route.upstreams if route else ())}
    for upstream in config.upstreams:
        if upstream.name in names:
            found += upstream.features
    # Merging has acted upon ``use-regex``: the host is left with it, not the route.
    regex = {UseRegex.__name__} if host is not None and host.regex else set()
    return {type(item).__name__ for item in found} | regex


def kinds_of(told: Told, seen: Seen, client: Client, made: Ground) -> Iterator[str]:
    """Yield what a request was about."""
    refusal = told.match.refusal
    if seen.status is None:
        yield "TLS refused"
    elif seen.location is not None:
        yield "redirect"
    else:
        yield "passed on" if seen.upstream else str(seen.status)
    if refusal is not None:
        yield f"refused by {type(refusal.by).__name__}"
    if not client.known:
        yield "client not known"
        yield from ("would be refused",) if told.unless else ()
    if client.line is not None:
        yield "PROXY line"
    if any(name.startswith("X-Forwarded") for name, _ in client.headers):
        believed = "use-forwarded-headers" in made.settings
        yield "forwarded, believed" if believed else "forwarded, not believed"
