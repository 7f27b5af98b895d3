"""The proof's share of a compile: ``python bench/proof.py [--hosts 10000] [--kind rich]``.

Compiles the same cluster with nothing proved before (cold), again with all that was proved kept
(warm), and with one Ingress changed; each prints the processor time of the proof, of the rest, and
the ratio of the two. The kinds of Ingresses are those of ``bench/annotated.py``.
"""

from __future__ import annotations

import argparse
import copy
import gc
import time
from typing import Any

import cluster
from annotated import KINDS, annotated
from stages import PROOF, Stopwatch

import ingc


def measure(label: str, objects: list[Any], proofs: ingc.Proofs) -> None:
    """Compile once and print a line."""
    watch = Stopwatch()
    with watch:
        began = time.process_time()
        result = ingc.compile(objects, proofs=proofs)
        total = time.process_time() - began
    assert result.ok, result.errors[:3]
    parts = " ".join(f"{watch.seconds[name]:7.2f}" for name in PROOF)
    proof = sum(watch.seconds[name] for name in PROOF)
    rest = total - proof
    print(f"{label:12} {total:7.2f} {rest:7.2f} {proof:7.2f} {proof / rest:8.2f}   {parts}")


def changed(objects: list[Any]) -> list[Any]:
    """Return the same cluster with another path in its first Ingress."""
    first = copy.deepcopy(objects[0])
    first["spec"]["rules"][0]["http"]["paths"][0]["path"] = "/changed"
    return [first, *objects[1:]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--paths", type=int, default=5)
    parser.add_argument("--kind", choices=KINDS, default="plain")
    parser.add_argument("--repeat", type=int, default=2)
    args = parser.parse_args()
    gc.disable()  # as the command line does; it only ends
    objects = annotated(list(cluster.objects(args.hosts, args.paths)), KINDS[args.kind])
    ingc.compile(list(cluster.objects(10, 2)))
    print(f"{args.hosts} {args.kind} hosts, {args.paths} paths each; seconds of processor time")
    print(f"{'':12} {'total':>7} {'rest':>7} {'proof':>7} {'of rest':>8}   crossp. compare routing")
    for _ in range(args.repeat):
        proofs = ingc.Proofs()
        measure("cold", objects, proofs)
        measure("warm", objects, proofs)
        measure("one changed", changed(objects), proofs)


if __name__ == "__main__":
    main()
