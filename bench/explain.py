"""Measures the debugger: ``python bench/explain.py [--hosts 10000] [--paths 5] [--lines 100000]``.

How long ``ingc.explain`` takes for one question on that many routes, beside a plain scan over all
of them, which has to give the same answers; and how long an access log takes. The ratio, taken in
the same run, is what to compare.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import cluster
import oracle
import table

import ingc
from ingc import Options, Result
from ingc.compiler import build_ir
from ingc.diagnostics import Sink
from ingc.explain import asker_of
from ingc.explain.log.reading import read_combined, read_json, tally
from ingc.load.document import Document

T = TypeVar("T")

SCANNED = 100
"""Questions that the scan is asked; it takes too long for all."""
LIMIT = 20.0
"""Microseconds of a question."""


def main() -> int:
    """Measure, then print a table, or JSON; 4 where a question takes longer than `LIMIT`."""
    parser = argparse.ArgumentParser(
        prog="bench/explain.py", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--paths", type=int, default=5, help="paths of each host")
    parser.add_argument("--questions", type=int, default=20000)
    parser.add_argument("--lines", type=int, default=100_000, help="lines of each log")
    parser.add_argument("--repeat", type=int, default=5, help="runs; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    documents = map(Document, cluster.objects(args.hosts, args.paths, wildcard_every=10))
    config = build_ir(documents, Options(), Sink())
    result = Result(True, "", (), (), config)
    chosen = random.Random(7)  # noqa: S311 - requests that are the same in every run
    asked = [_request(chosen, args.hosts, args.paths) for _ in range(args.questions)]
    urls = [f"http://{host}{target}" for host, target in asked]
    question = min(_each(partial(ingc.explain, result), urls) for _ in range(args.repeat))
    few = asked[:SCANNED]
    scan = _each(lambda request: oracle.scan_for(request, config), few)
    for (host, target), url in zip(few, urls, strict=False):
        route = ingc.explain(result, url).route
        assert route is not None
        assert route.route is oracle.scan_for((host, target), config)
    logs = {
        form: _log(form, args.lines, result, args.hosts, args.paths)
        for form in ("json", "combined")
    }
    figures = {
        "routes": sum(len(host.routes) for host in config.hosts),
        "question_us": round(question, 2),
        "scan_us": round(scan, 1),
        "ratio": round(question / scan, 6),
        "log_us_per_line": {form: round(found, 2) for form, found in logs.items()},
    }
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        print("\n".join(_report(figures, args.lines)))
    return 0 if question < LIMIT else 4


def _request(r: random.Random, hosts: int, paths: int) -> tuple[str, str]:
    while (number := r.randrange(hosts)) % 10 == 0:
        pass
    return cluster.host(number), f"/svc/{r.randrange(paths)}/items/{r.randrange(1000)}?page=2"


def _each(ask: Callable[[T], object], asked: Sequence[T]) -> float:
    """Return the microseconds of processor time that one answer takes."""
    began = time.process_time()
    for one in asked:
        ask(one)
    return (time.process_time() - began) / len(asked) * 1e6


def _log(form: str, lines: int, result: Result, hosts: int, paths: int) -> float:
    """Return the microseconds of processor time that a line of a log takes."""
    written = list(_lines(form, lines, hosts, paths))
    read = read_json if form == "json" else read_combined
    began = time.process_time()
    counts = tally(written, read, asker_of(result))
    spent = time.process_time() - began
    assert counts.requests == lines
    return spent / lines * 1e6


def _lines(form: str, lines: int, hosts: int, paths: int) -> Iterator[bytes]:
    chosen = random.Random(9)  # noqa: S311 - lines that are the same in every run
    for number in range(lines):
        host, target = _request(chosen, hosts, paths)
        if form == "json":
            found = {"time": "2026-11-24T10:00:00+00:00", "remote_addr": "10.0.0.1"}
            found |= {"scheme": "http", "host": host, "method": "GET", "uri": target}
            found |= {"protocol": "HTTP/1.1", "status": "200", "bytes_sent": "512", "route": "-"}
            found |= {"request_id": f"{number:032x}", "user_agent": "Mozilla/5.0 (X11; Linux)"}
            yield json.dumps(found).encode()
        else:
            yield (
                f'10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "GET {target} HTTP/1.1" 200 512 "-" '
                f'"Mozilla/5.0 (X11; Linux)" {host} http "-"\n'
            ).encode()


def _report(figures: dict[str, object], lines: int) -> list[str]:
    logs = figures["log_us_per_line"]
    assert isinstance(logs, dict)
    rows = [
        ["ingc.explain, one question", f"{figures['question_us']} µs"],
        ["plain scan over all routes", f"{figures['scan_us']} µs"],
        ["question / scan", f"{figures['ratio']}"],
        *([f"a line of a {form} log", f"{each} µs"] for form, each in logs.items()),
        *([f"a million lines, {form}", f"{each:.1f} s"] for form, each in logs.items()),
    ]
    title = f"ingc.explain on {figures['routes']:,} routes; processor time; logs of {lines:,} lines"
    return [title, "", *table.lines(["what", "time"], rows)]


if __name__ == "__main__":
    sys.exit(main())
