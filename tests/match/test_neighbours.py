"""A neighbour changes nothing: what its own paths do not take is answered as before.

A thousand pairs of clusters, ten thousand with ``--deep``; ``INGC_PAIRS`` says how many,
``INGC_SEED`` which.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence

from ingc import Options
from ingc.compiler import build_ir
from ingc.diagnostics import Sink
from ingc.ir import Config
from ingc.load.document import Document
from ingc.match import Match, Oracle
from tests.neighbours import Pair, difference, draw_pair, host_differences
from tests.nginx.certificates import certificate
from tests.nginx.three_way.askings import askings
from tests.nginx.three_way.case import Asking, Cluster
from tests.objects import Object, secret
from tests.strategies import deep

QUICK, DEEP = 1_000, 10_000
SEED = int(os.environ.get("INGC_SEED") or 1)
REQUESTS = 40
_SECRETS = tuple(
    secret("cert", *certificate("a.test"), namespace=space) for space in ("default", "other", "zz")
)


def test_what_a_neighbours_paths_do_not_take_is_answered_as_before() -> None:
    for number in range(int(os.environ.get("INGC_PAIRS") or (DEEP if deep() else QUICK))):
        chance = random.Random(SEED * 1_000_003 + number)  # noqa: S311
        pair = draw_pair(chance, number, hostless=True)
        options = _options(chance, trust=False)
        wrong = next(_differences(pair, options, chance), None)
        assert wrong is None, f"pair {number} of seed {SEED}: {wrong}\n{_shown(pair)}"


def test_namespaces_that_trust_one_another_do_change_something() -> None:
    changed = 0
    for number in range(100):
        chance = random.Random(number)  # noqa: S311
        pair = draw_pair(chance, number, hostless=True)
        changed += any(True for _ in _differences(pair, _options(chance, trust=True), chance))
    assert changed > 50


def _options(chance: random.Random, *, trust: bool) -> Options:
    return Options(
        trust_namespaces=trust,
        nginx_version=chance.choice(("1.22", "1.26")),
        enable_ssl_passthrough=chance.random() < 0.3,
        default_ssl_certificate="default/cert" if chance.random() < 0.2 else None,
        resolver=("10.0.0.10",),
    )


def _differences(pair: Pair, options: Options, chance: random.Random) -> Iterator[str]:
    without = _config(pair.older, options)
    beside = _config((*pair.older, *pair.younger), options)
    yield from host_differences(without, beside)
    before, after = Oracle(without), Oracle(beside)
    for asked in _requests(pair, chance):
        one, other = (_ask(oracle, asked) for oracle in (before, after))
        found = difference(other.uri, one, other)
        if found:
            yield f"{asked}: {found}"


def _ask(oracle: Oracle, asked: Asking) -> Match:
    return oracle.match(
        asked.host, asked.target, scheme=asked.scheme, method=asked.method, headers=asked.headers
    )


def _requests(pair: Pair, chance: random.Random) -> Sequence[Asking]:
    return askings(Cluster((*pair.older, *pair.younger)), chance, REQUESTS)


def _config(ingresses: Sequence[Object], options: Options) -> Config:
    documents = [Document(item) for item in (*ingresses, *_SECRETS)]
    return build_ir(documents, options, Sink())


def _shown(pair: Pair) -> str:
    return "\n".join(map(repr, (*pair.older, "younger:", *pair.younger)))
