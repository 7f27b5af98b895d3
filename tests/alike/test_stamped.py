"""Clusters of stamped hosts come out as they do host by host, from nothing and step by step."""

from __future__ import annotations

from functools import partial
from unittest import mock

import pytest

import ingc
from ingc.alike import print_alike
from tests.alike.copies import alike, whole
from tests.alike.stamped import StampedCluster

BY_SHAPES = partial(print_alike, fewest=2, worth=1)


def test_stamped_hosts_are_printed_as_one_by_one() -> None:
    printed = 0
    for seed in range(24):
        made = StampedCluster(seed)
        config = ingc.compile(made.objects.values(), made.options, on_error="isolate").ir
        assert config is not None
        found = alike(config)
        assert found is None or found == whole(config), seed
        printed += found is not None
    assert printed > 10, printed


@pytest.mark.parametrize("seed", range(100, 104))
def test_steps_after_shapes_are_whole_compiles(seed: int) -> None:
    made = StampedCluster(seed)
    compiler = ingc.Compiler(made.options)
    with mock.patch("ingc.engine.printing.print_alike", BY_SHAPES):
        compiler.apply(made.objects.values())
        for _ in range(2):
            before = dict(made.objects)
            made.change()
            changed = [item for key, item in made.objects.items() if before.get(key) is not item]
            compiler.apply(changed, [before[key] for key in before if key not in made.objects])
            with mock.patch("ingc.compiler.print_alike", return_value=None):
                expected = ingc.compile(made.objects.values(), made.options, on_error="isolate")
            assert compiler.result.config == expected.config
