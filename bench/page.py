"""Writes docs/performance.md and its curves: ``python bench/page.py [--sizes 500,1000,2000,5000]``.

Everything on the page is measured in this one run, so that the ratios on it are of the same
machine at the same time. ``--base`` names a checkout of an earlier version, which compiles the same
objects in turns with this one. Sizes beyond 10,000 are compiled alone. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import table
from curves import Curve, draw
from growth import exponent
from process import run
from stages import PROOF

from ingc.nginx import NginxNotFound, find

WORKER = Path(__file__).with_name("worker.py")
FROM_NOTHING = Path(__file__).with_name("from_nothing.py")
DOCS = Path(__file__).parents[1] / "docs"
SIZES = (500, 1000, 2000, 5000, 10000, 50000)
_ALONE = 10_000
"""More are not given to nginx, which needs the square of the time."""
TARGET = "1.26"

Row = dict[str, float]


def main() -> int:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--nginx", help="the binary to test the result with")
    parser.add_argument("--base", help="a checkout of an earlier version to compare with")
    args = parser.parse_args()
    try:
        nginx = find(args.nginx)
    except NginxNotFound as error:
        print(error, file=sys.stderr)
        return 2
    rows: dict[int, Row] = {}
    for size in map(int, args.sizes.split(",")):
        print(f"{size} Ingresses", file=sys.stderr, flush=True)
        rows[size] = _measure(size, str(nginx.path), args.base)
    folder = DOCS / "performance"
    folder.mkdir(exist_ok=True)
    for name, title, curves, write in _pictures(rows):
        (folder / f"{name}.svg").write_text(draw(title, curves, write), encoding="utf-8")
    version = ".".join(map(str, nginx.version))
    (DOCS / "performance.md").write_text(_page(rows, version), encoding="utf-8")
    return 0


def _measure(size: int, nginx: str, base: str | None) -> Row:
    row = _compiled(size, base if size <= _ALONE else None)
    return row | _served(size, nginx) if size <= _ALONE else row


def _compiled(size: int, base: str | None) -> Row:
    common = ["dicts", "--ingresses", str(size), "--target", TARGET]
    whole = _work("compile", *common)
    row = {
        "total": whole["total"],
        "proof": sum(whole["stages"][name] for name in PROOF),
        "peak": whole["peak"],
        "config": whole["config"],
    }
    for name, folder in (("here", str(DOCS.parent)), ("base", base)) if base else ():
        done = run(["env", f"PYTHONPATH={folder}", sys.executable, str(FROM_NOTHING), str(size)])
        if done.code != 0:
            raise SystemExit(f"{FROM_NOTHING.name} failed with {folder}:\n{done.err}")
        row |= {f"{name}_{key}": value for key, value in json.loads(done.out).items()}
    return row


def _served(size: int, nginx: str) -> Row:
    with tempfile.TemporaryDirectory(prefix="ingc-bench-") as folder:
        conf = Path(folder) / "nginx.conf"
        common = ["dicts", "--ingresses", str(size), "--target", TARGET]
        _work("compile", *common, "--out", str(conf))
        changed = _work("change", *common)
        tested = run([nginx, "-t", "-q", "-p", folder, "-c", str(conf)])
    if tested.code != 0:
        raise SystemExit(f"nginx -t: {tested.err}")
    return {
        "change": changed["median"],
        "kept": changed["peak"],
        "nginx": tested.total,
        "nginx_peak": tested.peak,
    }


def _work(task: str, *options: str) -> Any:
    done = run([sys.executable, str(WORKER), task, *options])
    if done.code != 0:
        raise SystemExit(f"bench/worker.py {task} failed:\n{done.err}")
    return json.loads(done.out)


def _pictures(
    rows: dict[int, Row],
) -> list[tuple[str, str, list[Curve], Callable[[float], str]]]:
    def curve(name: str, key: str) -> Curve:
        near = {size: row for size, row in rows.items() if size <= _ALONE}
        return Curve(name, tuple((float(size), row[key]) for size, row in near.items()))

    times = [
        curve("compile and prove", "total"),
        curve("one Ingress changed", "change"),
        curve("of it the proof", "proof"),
        curve("nginx -t", "nginx"),
    ]
    memory = [curve("ingc compile", "peak"), curve("ingc.Compiler", "kept")]
    memory.append(curve("nginx -t", "nginx_peak"))
    return [
        ("time", "Processor time", times, lambda value: f"{value:g} s"),
        ("memory", "Peak memory", memory, lambda value: f"{value / 1e6:g} MB"),
    ]


def _page(rows: dict[int, Row], version: str) -> str:
    sizes = list(rows)
    head = ["Ingresses", "from nothing", "of it the proof", "one changed", "nginx -t"]
    head += ["peak", "peak of nginx -t", "nginx.conf"]
    lines = [f"| {' | '.join(head)} |", f"|{'---:|' * len(head)}"]
    for size, row in rows.items():
        cells = [f"{size:,}"]
        times, sizes_of = ("total", "proof", "change", "nginx"), ("peak", "nginx_peak", "config")
        cells += [table.seconds(row[key]) if key in row else "" for key in times]
        cells += [table.size(row[key]) if key in row else "" for key in sizes_of]
        lines.append(f"| {' | '.join(cells)} |")
    keys = ("total", "proof", "peak")
    grows = {key: exponent(sizes, [row[key] for row in rows.values()]) for key in keys}
    largest = max(size for size in sizes if size <= _ALONE)
    last = rows[largest]
    share = last["proof"] / (last["total"] - last["proof"])
    return _TEXT.format(
        table="\n".join(lines),
        total=table.ratio(grows["total"]),
        proof=table.ratio(grows["proof"]),
        memory=table.ratio(grows["peak"]),
        share=table.ratio(share),
        change=table.ratio(last["change"] / last["total"]),
        largest=f"{largest:,}",
        base=_beside(largest, last),
        nginx=version,
        python=platform.python_version(),
        cores=os.cpu_count(),
    )


def _beside(size: int, row: Row) -> str:
    if "base_total" not in row:
        return ""
    time, peak = (table.ratio(row[f"here_{key}"] / row[f"base_{key}"]) for key in ("total", "peak"))
    return f"""
- **Beside the version in which each host was planned and proved by itself**, in the same run: a
  compile of {size:,} Ingresses takes {time} of its processor time and {peak} of its memory."""


_TEXT = """# Performance

Written by `python bench/page.py`, which measures all of it in one run. Seconds are processor time;
they are those of one machine, and the ratios are what to compare. The input is N Ingresses with
five paths and a Service each, from dicts, compiled for nginx and proved. Their hosts differ in
names alone; `python bench/annotated.py` has Ingresses of which none is like another.

{table}

Python {python}, nginx {nginx}, {cores} cores. Python's collector is paused, as the command line
does it; docs/library.md has what it costs otherwise. One changed: the median of five changes of one
Ingress, by `ingc.Compiler`, proof included.

![Processor time by the number of Ingresses](performance/time.svg)

![Peak memory by the number of Ingresses](performance/memory.svg)

- **Growth**: the exponents (1 is in proportion) are {total} for the whole compile, {proof} for the
  proof, {memory} for peak memory. `python bench/growth.py` has them for other shapes of input.
- **The proof** takes {share} of the rest, at {largest} Ingresses; `python bench/proof.py` has more.
- **One change** takes {change} of a compile from nothing, at {largest} Ingresses: what it touches
  is read, merged, laid out, printed and proved anew, and nothing else. `python bench/engine.py` has
  each kind of change.{base}
- **`--layout compact`**: [layouts.md](performance/layouts.md) has what it saves nginx.
- `python bench/compile.py` has the stages, from YAML and JSON too.
"""


if __name__ == "__main__":
    sys.exit(main())
