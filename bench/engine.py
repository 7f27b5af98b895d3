"""What one change costs among many: ``python bench/engine.py [--ingresses 10000] [--changes 60]``.

An `ingc.Compiler` gets N Ingresses with a host and P paths each, their Services and EndpointSlices,
and for every tenth one a certificate. Then one object changes after the other, chosen at random: a
path, an annotation, an endpoint, a certificate, an Ingress that comes, one that goes. Printed are
the median and the 99th percentile of the processor time of each kind of change, of the whole and
of the part up to the IR, beside a compile from nothing in the same run. ``--memory`` makes so many
changes more, and prints how the memory grows with them.
"""

from __future__ import annotations

import argparse
import copy
import gc
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cluster
import table
from shapes import pair_secret

import ingc
from ingc.engine import compiler as engine

Object = dict[str, Any]
_WITH_TLS = 10
_SEED = 7


class Cluster:
    """Objects, and changes of them that chance chooses."""

    def __init__(self, ingresses: int, paths: int) -> None:
        self.chance = random.Random(_SEED)  # noqa: S311
        self.paths = paths
        self.next = ingresses
        self.versions: dict[int, int] = {}
        """Of certificates."""
        self.there = {number: self._ingress(number) for number in range(ingresses)}
        self.kinds: dict[str, Callable[[], tuple[list[Object], list[Object]]]] = {
            "path": self._path,
            "annotation": self._annotation,
            "endpoint": self._endpoint,
            "Secret": self._secret,
            "add": self._add,
            "delete": self._delete,
        }

    def objects(self) -> Iterator[Object]:
        """Yield all objects."""
        for number, ingress in self.there.items():
            yield ingress
            yield from self._beside(number)

    def _beside(self, number: int) -> Iterator[Object]:
        yield cluster.service(number)
        yield self._slice(number)
        if number % _WITH_TLS == 0:
            yield self._pair(number, 0)

    def _ingress(self, number: int) -> Object:
        made = cluster.ingress(number, self.paths)
        if number % _WITH_TLS == 0:
            host = cluster.host(number)
            made["spec"]["tls"] = [{"hosts": [host], "secretName": f"tls-{number}"}]
        return made

    def _slice(self, number: int) -> Object:
        address = f"10.200.{self.chance.randrange(256)}.{self.chance.randrange(1, 255)}"
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"app-{number}-x",
                "namespace": f"team-{number % 50}",
                "labels": {"kubernetes.io/service-name": f"app-{number}"},
            },
            "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        }

    def _pair(self, number: int, version: int) -> Object:
        names = "*.example.com,b.test" if version % 2 else "*.example.com"
        made = copy.deepcopy(pair_secret(f"tls-{number}", names))
        made["metadata"]["namespace"] = f"team-{number % 50}"
        return made

    def _any(self) -> int:
        return self.chance.choice(list(self.there))

    def _path(self) -> tuple[list[Object], list[Object]]:
        number = self._any()
        made = self.there[number] = copy.deepcopy(self.there[number])
        rules = made["spec"]["rules"][0]["http"]["paths"]
        self.chance.choice(rules)["path"] = f"/changed/{self.chance.random()}"
        return [made], []

    def _annotation(self) -> tuple[list[Object], list[Object]]:
        number = self._any()
        made = self.there[number] = copy.deepcopy(self.there[number])
        given = made["metadata"].setdefault("annotations", {})
        name = "nginx.ingress.kubernetes.io/proxy-read-timeout"
        given[name] = str(self.chance.randrange(1, 10**6))
        return [made], []

    def _endpoint(self) -> tuple[list[Object], list[Object]]:
        return [self._slice(self._any())], []

    def _secret(self) -> tuple[list[Object], list[Object]]:
        number = self.chance.choice([n for n in self.there if n % _WITH_TLS == 0])
        self.versions[number] = self.versions.get(number, 0) + 1
        return [self._pair(number, self.versions[number])], []

    def _add(self) -> tuple[list[Object], list[Object]]:
        number, self.next = self.next, self.next + 1
        self.there[number] = self._ingress(number)
        return [self.there[number], *self._beside(number)], []

    def _delete(self) -> tuple[list[Object], list[Object]]:
        number = self._any()
        return [], [self.there.pop(number), *self._beside(number)]


class Watch:
    """Times what comes after the IR, so that the rest is what comes before."""

    def __init__(self) -> None:
        self.after = 0.0
        whole = engine.compile_ir

        def timed(*args: Any) -> Any:
            began = time.process_time()
            try:
                return whole(*args)
            finally:
                self.after += time.process_time() - began

        engine.compile_ir = timed


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def memory() -> float:
    """Return the memory that is used now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return float(pages * resource.getpagesize())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ingresses", type=int, default=10000)
    parser.add_argument("--paths", type=int, default=5)
    parser.add_argument("--changes", type=int, default=60, help="of each kind")
    parser.add_argument("--memory", type=int, default=0, help="so many changes more")
    args = parser.parse_args()
    watch, objects = Watch(), Cluster(args.ingresses, args.paths)
    options = ingc.Options(nginx_version="1.26")
    began = time.process_time()
    ingc.compile(objects.objects(), options)
    nothing = time.process_time() - began
    compiler = ingc.Compiler(options)
    began = time.process_time()
    compiler.apply(objects.objects())
    print(f"from nothing {nothing:.2f} s, a compiler's first {time.process_time() - began:.2f} s")
    rows, every = [], []
    for kind, change in objects.kinds.items():
        whole, before = [], []
        for _ in range(args.changes):
            upserts, deletes = change()
            watch.after = 0.0
            began = time.process_time()
            done = compiler.apply(upserts, deletes)
            took = time.process_time() - began
            if not done.reload:
                print(f"a change of kind {kind} changes nothing", file=sys.stderr)
            whole.append(took)
            before.append(took - watch.after)
        every += whole
        rows.append((kind, *_figures(whole), *_figures(before)))
    head = ("change", "median", "99 %", "to the IR: median", "99 %")
    print("\n".join(table.lines(head, rows)))
    print(f"all: median {statistics.median(every) * 1000:.1f} ms,", end=" ")
    print(f"99 % {percentile(every, 0.99) * 1000:.1f} ms")
    if args.memory:
        print(_growth(compiler, objects, args.memory))
    return 0


def _figures(values: list[float]) -> tuple[str, str]:
    median, high = statistics.median(values), percentile(values, 0.99)
    return f"{median * 1000:.1f} ms", f"{high * 1000:.1f} ms"


def _growth(compiler: ingc.Compiler, objects: Cluster, count: int) -> str:
    """Return how much memory is used after changes, and after the same number more."""
    used = []
    for _ in range(2):
        for _ in range(count // 2):
            compiler.apply(*objects.chance.choice(list(objects.kinds.values()))())
        gc.collect()
        used.append(memory())
    return f"memory after {count // 2} changes {table.size(used[0])}, twice {table.size(used[1])}"


if __name__ == "__main__":
    sys.exit(main())
