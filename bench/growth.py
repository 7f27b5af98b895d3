"""How the time of a compile grows with its input: ``python bench/growth.py [WORD …]``.

Compiles each shape at 1, 2, 4 and 8 times its first size, and prints the processor time of each
and the exponent of growth, of the whole compile and of the proof alone: 1 is in proportion, 2 is
the square. It is the slope between the logarithms of size and time (least squares). Words choose
shapes by their names. The exit code says whether every exponent is at most ``--most``.
"""

from __future__ import annotations

import argparse
import gc
import math
import sys
import time
from collections.abc import Sequence

import table
from shapes import Shape, shapes
from stages import PROOF, Stopwatch
from ways import ways

import ingc

TIMES = (1, 2, 4, 8)


def seconds(shape: Shape, size: int, repeat: int) -> tuple[float, float]:
    """Return the least processor time of some compiles, and the proof's least share of one."""
    objects = list(shape.objects(size))
    best = proof = math.inf
    for _ in range(repeat):
        gc.collect()
        watch = Stopwatch()
        with watch:
            began = time.process_time()
            result = ingc.compile(objects, shape.options, on_error="isolate")
            best = min(best, time.process_time() - began)
        proof = min(proof, sum(watch.seconds[name] for name in PROOF))
        if not result.ok:
            raise SystemExit(f"{shape.name}: {[item.message for item in result.errors[:3]]}")
    return best, proof


def exponent(sizes: Sequence[int], taken: Sequence[float]) -> float:
    """Return the slope of the logarithms (least squares)."""
    xs, ys = list(map(math.log, sizes)), list(map(math.log, taken))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    pairs = list(zip(xs, ys, strict=True))
    return sum((a - x) * (b - y) for a, b in pairs) / sum((a - x) ** 2 for a, _ in pairs)


def main() -> int:
    """Measure and print; 1 where something grows too fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--most", type=float, default=1.15)
    parser.add_argument("--scale", type=float, default=1.0, help="of the first sizes")
    parser.add_argument("--repeat", type=int, default=2)
    args = parser.parse_args()
    shaped = (*shapes(), *ways())
    chosen = [s for s in shaped if not args.words or any(word in s.name for word in args.words)]
    ingc.compile(list(chosen[0].objects(3)), chosen[0].options)
    rows, most = [], 0.0
    for shape in chosen:
        sizes = [round(shape.first * args.scale) * times for times in TIMES]
        both = [seconds(shape, size, args.repeat) for size in sizes]
        taken, proof = ([pair[place] for pair in both] for place in (0, 1))
        grows = [exponent(sizes, item) for item in (taken, proof)]
        most = max(most, *grows)
        figures = map(table.seconds, (*taken, proof[-1]))
        rows.append([shape.name, str(sizes[0]), *figures, *map(table.ratio, grows)])
        print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    sizes_of = [*(f"{times}x" for times in TIMES), f"proof {TIMES[-1]}x"]
    head = ["shape", "first", *sizes_of, "exponent", "of the proof"]
    print("\n".join(table.lines(head, rows)))
    return int(most > args.most)


if __name__ == "__main__":
    sys.exit(main())
