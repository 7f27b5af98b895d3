"""Measures what Python's collector costs: ``python bench/collector.py [--ingresses 300 2000]``.

A compile from nothing with the collector as it is, beside ways to have less of it, in one process
and turn by turn. ``--held`` objects are held by the program meanwhile, as a controller holds its
cluster. The ratio to a paused collector is what to compare.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import cluster
import table

import ingc

PATHS = 5


@contextmanager
def _frozen() -> Iterator[None]:
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _seldom() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "paused": ingc.collector_paused,
    "as it is": nullcontext,
    "gc.freeze around": _frozen,
    "threshold raised": _seldom,
}


def main() -> None:
    """Measure, then print a table."""
    parser = argparse.ArgumentParser(prog="bench/collector.py")
    parser.add_argument("--ingresses", type=int, nargs="+", default=[300, 2000])
    parser.add_argument("--held", type=int, nargs="+", default=[0, 500_000])
    parser.add_argument("--repeat", type=int, default=2, help="runs of each; the fastest counts")
    args = parser.parse_args()
    rows = []
    for held in args.held:
        kept = [{"held": [number]} for number in range(held)]
        for ingresses in args.ingresses:
            seconds = _measured(ingresses, args.repeat)
            ratios = [f"{seconds[name] / seconds['paused']:.2f}" for name in WAYS]
            rows.append([str(ingresses), str(len(kept)), f"{seconds['paused']:.2f} s", *ratios])
    print("\n".join(table.lines(["Ingresses", "held", "paused", *WAYS], rows)))


def _measured(ingresses: int, repeat: int) -> dict[str, float]:
    """Return the least processor time of a compile in each way."""
    objects = list(cluster.objects(ingresses, PATHS))
    ingc.compile(objects[:2])
    seconds: dict[str, float] = dict.fromkeys(WAYS, float("inf"))
    for _ in range(repeat):
        for name, way in WAYS.items():
            gc.collect()
            began = time.process_time()
            with way():
                result = ingc.compile(objects)
            seconds[name] = min(seconds[name], time.process_time() - began)
            assert result.ok
            del result
    return seconds


if __name__ == "__main__":
    main()
