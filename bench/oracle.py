"""Measures the oracle: ``python bench/oracle.py [--hosts 10000] [--paths 5]``.

How long one ``Result.match`` takes on that many routes, beside a plain scan over all of them,
which has to give the same answers. The ratio, taken in the same run, is what to compare.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cluster
import table

from ingc import Options, Result, Route
from ingc.compiler import build_ir
from ingc.diagnostics import Sink
from ingc.ir import ANY_HOST, Config, Host, Prefix
from ingc.load.document import Document
from ingc.syntax.uri import normalise

Request = tuple[str, str]
"""Host header and request target."""
Ask = Callable[[Request], object]

WILDCARD_EVERY = 10
SCANNED = 200
"""Requests of a case that the scan is asked; it takes too long for all."""


@dataclass(frozen=True, slots=True)
class Case:
    """Requests of one kind, and how long an answer takes, in microseconds."""

    name: str
    found: float
    first: float
    candidates: float
    scan: float


def main() -> int:
    """Measure, then print a table, or JSON."""
    parser = argparse.ArgumentParser(
        prog="bench/oracle.py", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--paths", type=int, default=5, help="paths of each host")
    parser.add_argument("--requests", type=int, default=20000, help="requests of each kind")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    config = _config(args.hosts, args.paths)
    chosen = random.Random(7)  # noqa: S311 - requests that are the same in every run
    cases = [
        _measure(name, [ask(chosen) for _ in range(args.requests)], config, args.repeat)
        for name, ask in _kinds(args.hosts, args.paths).items()
    ]
    routes = sum(len(host.routes) for host in config.hosts)
    if args.json:
        figures = [dict(zip(Case.__slots__, _values(case), strict=True)) for case in cases]
        print(json.dumps({"routes": routes, "unit": "microseconds", "cases": figures}, indent=2))
    else:
        print("\n".join(_report(cases, routes)))
    return 0


def _config(hosts: int, paths: int) -> Config:
    documents = map(Document, cluster.objects(hosts, paths, wildcard_every=WILDCARD_EVERY))
    return build_ir(documents, Options(), Sink())


def _kinds(hosts: int, paths: int) -> dict[str, Callable[[random.Random], Request]]:
    """Return the kinds of requests, as functions of a source of chance."""

    def named(r: random.Random) -> str:
        while (number := r.randrange(hosts)) % WILDCARD_EVERY == 0:
            pass
        return cluster.host(number)

    def covered(r: random.Random) -> str:
        label = r.choice("abc")
        return f"{label}.{cluster.host(r.randrange(0, hosts, WILDCARD_EVERY))}"

    def path(r: random.Random) -> str:
        return f"/svc/{r.randrange(paths)}"

    return {
        "a path itself": lambda r: (named(r), path(r)),
        "below a path, with a query": lambda r: (named(r), f"{path(r)}/items/{r.random()}?page=2"),
        "encoded, dots, double slash": lambda r: (named(r), f"//x/../%73vc{path(r)[4:]}/%C3%A9"),
        "Host with capitals and port": lambda r: (named(r).upper() + ":80", path(r)),
        "wildcard host": lambda r: (covered(r), path(r) + "/x"),
        "no path takes it": lambda r: (named(r), "/other"),
        "no host takes it": lambda r: (f"no-{r.randrange(hosts)}.example.org", path(r)),
    }


def _measure(name: str, requests: list[Request], config: Config, repeat: int) -> Case:
    result = Result(True, "", (), (), config)
    first = _time(lambda r: result.match(*r), requests)
    assert first > 0
    found = min(_time(lambda r: result.match(*r), requests) for _ in range(repeat))
    whole = min(_time(lambda r: result.match(*r).candidates, requests) for _ in range(repeat))
    few = requests[:SCANNED]
    scan = min(_time(lambda r: scan_for(r, config), few) for _ in range(2))
    for request in few:
        match = result.match(*request)
        assert match.host is not None
        assert (match.route or match.host.default) is scan_for(request, config), request
    return Case(name, found, first, whole, scan)


def scan_for(request: Request, config: Config) -> Route:
    """Look at every host and every route, as Kubernetes's documentation tells it."""
    name = request[0].partition(":")[0].lower()
    uri = normalise(request[1].partition("?")[0].encode()).decode()
    matching = [host for host in config.hosts if _names(host, name)]
    exact = [host for host in matching if not host.name.startswith("*")]
    host = next((host for host in exact + matching if host.name != ANY_HOST), matching[0])
    taking = [route for route in host.routes if _takes(route, uri)]
    return max(taking, key=lambda route: len(route.path)) if taking else host.default


def _names(host: Host, name: str) -> bool:
    if host.name.startswith("*."):
        return name.partition(".")[2] == host.name[2:]
    return host.name in (ANY_HOST, name)


def _takes(route: Route, uri: str) -> bool:
    assert isinstance(route.match, Prefix)
    wanted = route.match.path.rstrip("/")
    return uri == wanted or uri.startswith(wanted + "/")


def _time(ask: Ask, requests: Sequence[Request]) -> float:
    """Return the microseconds of processor time that one answer takes."""
    began = time.process_time()
    for request in requests:
        ask(request)
    return (time.process_time() - began) / len(requests) * 1e6


def _values(case: Case) -> list[str | float]:
    return [case.name, case.found, case.first, case.candidates, case.scan]


def _report(cases: list[Case], routes: int) -> list[str]:
    rows = [
        [
            case.name,
            f"{case.found:.2f} µs",
            f"{case.first:.2f} µs",
            f"{case.candidates:.2f} µs",
            f"{case.scan:.0f} µs",
            f"1/{case.scan / case.found:.0f}",
        ]
        for case in cases
    ]
    head = ["request", "match", "first time", "with candidates", "plain scan", "match / scan"]
    title = f"Result.match on {routes:,} routes; processor time of one answer"
    return [title, "", *table.lines(head, rows)]


if __name__ == "__main__":
    sys.exit(main())
