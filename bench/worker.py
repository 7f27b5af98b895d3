"""What runs in a process of its own, so that its peak memory is its own; prints one JSON object.

``where`` tells which package is measured, ``write`` makes an input file, ``compile`` compiles,
``change`` compiles once and then again after changes of one Ingress, ``baseline`` reads a file with
the plain libraries, to compare with.
"""

from __future__ import annotations

import argparse
import copy
import gc
import io
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import cluster
from stages import Stopwatch

Report = dict[str, Any]

_CHANGES = 5


def main() -> None:
    """Do what the arguments say and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["where", "write", "compile", "change", "baseline"])
    parser.add_argument("source", choices=["dicts", "yaml", "json"])
    parser.add_argument("--ingresses", type=int, default=1)
    parser.add_argument("--paths", type=int, default=5)
    parser.add_argument("--file", type=Path, help="the YAML or JSON text")
    parser.add_argument("--target", default="1.26", help="the version to compile for")
    parser.add_argument("--out", type=Path, help="where to write the configuration")
    args = parser.parse_args()
    tasks = {
        "where": where,
        "write": write,
        "compile": compile_once,
        "change": change,
        "baseline": baseline,
    }
    gc.disable()  # as the command line does, and a controller may: docs/library.md
    json.dump(tasks[args.task](args), sys.stdout)


def where(_: argparse.Namespace) -> Report:
    """Tell which package is measured."""
    import ingc

    return {"package": ingc.__path__[0]}


def write(args: argparse.Namespace) -> Report:
    """Write the input as text."""
    writer = {"yaml": cluster.write_yaml, "json": cluster.write_json}[args.source]
    with args.file.open("w", encoding="utf-8") as out:
        writer(cluster.objects(args.ingresses, args.paths), out)
    return {"bytes": args.file.stat().st_size}


def compile_once(args: argparse.Namespace) -> Report:
    """Compile once, after a tiny compile that loads the libraries and templates."""
    from ingc import Options, collector_paused
    from ingc.compiler import compile_documents
    from ingc.diagnostics import Sink
    from ingc.load.document import Document

    options = Options(
        nginx_version=args.target, listen_address=("127.0.0.1",), http_port=18080, https_port=18443
    )
    first = _warm_up(options)
    objects = []
    if args.source == "dicts":
        objects = list(cluster.objects(args.ingresses, args.paths))
    before = _resident()
    sink, watch = Sink(), Stopwatch()
    with watch, collector_paused():
        began_wall, began = time.perf_counter(), time.process_time()
        documents = (
            map(Document, objects)
            if args.source == "dicts"
            else watch.timed("load", _load)(args.file, sink)
        )
        result = compile_documents(documents, options, sink, on_error="fail")
        total = time.process_time() - began
        wall = time.perf_counter() - began_wall
    if result.config is None:
        raise SystemExit(f"it does not compile: {[d.message for d in result.diagnostics][:3]}")
    if args.out:
        args.out.write_text(result.config, encoding="utf-8")
    return {
        "stages": watch.seconds,
        "other": total - sum(watch.seconds.values()),
        "total": total,
        "wall": wall,
        "first": first,
        "before": before,
        "peak": peak(),
        "config": len(result.config.encode()),
        "routes": sum(len(host.routes) for host in result.ir.hosts) if result.ir else 0,
        "diagnostics": len(result.diagnostics),
    }


def change(args: argparse.Namespace) -> Report:
    """Compile, then change one Ingress after the other."""
    import ingc

    objects = list(cluster.objects(args.ingresses, args.paths))
    ingresses = [item for item in objects if item["kind"] == "Ingress"]
    compiler = ingc.Compiler(ingc.Options(nginx_version=args.target))
    began = time.process_time()
    compiler.apply(objects)
    first = time.process_time() - began
    taken: list[float] = []
    for number in range(_CHANGES):
        changed = copy.deepcopy(ingresses[number % len(ingresses)])
        path = changed["spec"]["rules"][0]["http"]["paths"][0]
        path["path"] = f"/changed-{number}"
        began = time.process_time()
        done = compiler.apply([changed])
        taken.append(time.process_time() - began)
        if not done.reload:
            raise SystemExit("a changed path changes nothing")
    return {"first": first, "median": statistics.median(taken), "peak": peak()}


def _warm_up(options: Any) -> float:
    """Return the seconds of reading and compiling one Ingress, with the imports that it needs."""
    began = time.process_time()
    import ingc
    from ingc.diagnostics import Sink
    from ingc.load import read_text

    for file, writer in (("a.yaml", cluster.write_yaml), ("a.json", cluster.write_json)):
        text = io.StringIO()
        writer(cluster.objects(1, 1), text)
        read_text(text.getvalue(), file, Sink())
    ingc.compile(cluster.objects(1, 1), options)
    return time.process_time() - began


def _load(file: Path, sink: Any) -> Any:
    from ingc.load import read

    return read([str(file)], sink).documents


def baseline(args: argparse.Namespace) -> Report:
    """Read the text with ``yaml.CSafeLoader`` or ``json``, and check that it says the same."""
    import yaml

    text = args.file.read_text(encoding="utf-8")
    gc.collect()
    began = time.process_time()
    found: Any
    if args.source == "yaml":
        found = list(yaml.load_all(text, yaml.CSafeLoader))
    else:
        found = json.loads(text)["items"]
    total = time.process_time() - began
    wanted = list(cluster.objects(args.ingresses, args.paths))
    if args.source == "json":
        assert found == wanted, "the JSON text is not what the dicts say"
    else:
        # CSafeLoader makes a datetime of a timestamp; Kubernetes keeps the text.
        assert len(found) == len(wanted), "the YAML text has other documents"
        assert all(a["spec"] == b["spec"] for a, b in zip(found, wanted, strict=True))
    return {"total": total}


def _resident() -> int:
    """Return the memory in use now, in bytes; 0 where the system does not tell."""
    return _status("VmRSS")


def peak() -> int:
    """Return the most memory that this process ever used, in bytes."""
    # ru_maxrss also counts what the parent had when it started us.
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _status(name: str) -> int:
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(x.split()[1]) * 1024 for x in text.splitlines() if x.startswith(name)), 0)


if __name__ == "__main__":
    main()
