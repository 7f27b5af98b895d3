"""A neighbour changes nothing, on real nginx: many pairs of clusters in one configuration.

Fifty pairs, five hundred with ``--deep``; ``INGC_NGINX_PAIRS`` says how many, ``INGC_SEED`` which.
"""

from __future__ import annotations

import dataclasses
import os
import random
import re

from ingc.nginx import Nginx
from tests.neighbours import NEIGHBOUR, Pair, draw_pair
from tests.nginx.three_way.askings import askings
from tests.nginx.three_way.case import Answer, Asking, Cluster
from tests.nginx.three_way.site import Asked, ask
from tests.strategies import deep

QUICK, DEEP = 50, 500
SEED = int(os.environ.get("INGC_SEED") or 1)
AT_ONCE = 50
"""Pairs in one configuration."""
REQUESTS = 20
_PORT = re.compile(r":[0-9]+(?=[/?]|$)")


def test_what_a_neighbours_paths_do_not_take_is_answered_as_before(nginx: Nginx) -> None:
    pairs_in_all = int(os.environ.get("INGC_NGINX_PAIRS") or (DEEP if deep() else QUICK))
    for first in range(0, pairs_in_all, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, pairs_in_all))
        chance = random.Random(SEED * 1_000_003 + first)  # noqa: S311
        pairs = [draw_pair(chance, number, hostless=number == first) for number in numbers]
        _hold(nginx, pairs, chance)


def _hold(nginx: Nginx, pairs: list[Pair], chance: random.Random) -> None:
    older = tuple(item for pair in pairs for item in pair.older)
    both = (*older, *(item for pair in pairs for item in pair.younger))
    default = chance.random() < 0.5
    asked = [
        request
        for pair in pairs
        for request in askings(Cluster((*pair.older, *pair.younger)), chance, REQUESTS)
    ]
    without = _answers(nginx, Cluster(older, default_backend=default), asked)
    beside = _answers(nginx, Cluster(both, default_backend=default), asked)
    compared = 0
    for request, found in beside.items():
        assert found.judged.agreed, found.judged
        if _takes(found) or request not in without:
            continue
        compared += 1
        assert _seen(found) == _seen(without[request]), request
    assert compared > len(asked) // 3


def _answers(nginx: Nginx, cluster: Cluster, asked: list[Asking]) -> dict[Asking, Asked]:
    found, _ = ask(nginx, cluster, asked)
    return {item.judged.asking: item for item in found}


def _takes(found: Asked) -> bool:
    """Tell whether a path of the neighbour takes a request."""
    route = found.match.route
    return route is not None and route.origin.namespace == NEIGHBOUR and route.path_type != ""


def _seen(found: Asked) -> Answer:
    """Return nginx's answer; it names its port, which is another one each time."""
    answer = found.judged.nginx
    location = None if answer.location is None else _PORT.sub(":0", answer.location)
    told = tuple(item for item in answer.told if item[0] != "x-forwarded-port")
    return dataclasses.replace(answer, location=location, told=told)
