"""What is made of hosts that are alike is what is made of each, or nothing."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

import pytest

from ingc import ir
from tests.alike.copies import alike, multiplied, whole
from tests.engine.configs import golden_configs
from tests.strategies import deep

COPIES = 5


def goes_by_shapes(config: ir.Config) -> bool:
    return not (config.settings.fragment or config.settings.passes)


def test_hosts_of_each_golden_case_are_printed_as_one_by_one() -> None:
    seen: Counter[str] = Counter()
    for config in filter(goes_by_shapes, golden_configs()):
        many = multiplied(config, COPIES)
        expected = whole(many)
        if expected is None or len(many.hosts) == len(config.hosts):
            continue
        found = alike(many)
        seen["by shapes" if found is not None else "as a whole"] += 1
        assert found in (None, expected)
    assert seen["by shapes"] > 250, seen
    assert seen["as a whole"] < 20, seen


@pytest.mark.parametrize("seed", range(200 if deep() else 20))
def test_hosts_of_several_cases_are_printed_as_one_by_one(seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311
    some = chosen.sample([item for item in golden_configs() if goes_by_shapes(item)], 5)
    hosts = {host.name: host for config in some for host in config.hosts}
    upstreams = {item.name: item for config in some for item in config.upstreams}
    config = dataclasses.replace(
        some[-1],
        hosts=tuple(hosts[name] for name in sorted(hosts)),
        upstreams=tuple(upstreams[name] for name in sorted(upstreams)),
    )
    many = multiplied(config, COPIES)
    assert alike(many) in (None, whole(many))
