"""Measures compiles: ``python bench/compile.py [--sizes 1000,10000] [--paths 5] [--nginx PATH]``.

For each size, from dicts, YAML and JSON: the time of every stage, peak memory, size of the
result, and what ``nginx -t`` takes for it. Every compile runs in a process of its own. Times are
processor time, so that other programs do not disturb them much. Absolute figures are this
machine's; the ratios, taken in the same run, are what to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import report
from process import run

from ingc.nginx import Nginx, NginxNotFound, find

WORKER = Path(__file__).with_name("worker.py")

Figures = dict[str, Any]


def main() -> int:
    """Measure, then print tables, or JSON."""
    args = _arguments()
    try:
        binaries = [] if args.no_nginx else [find(path) for path in args.nginx or [None]]
    except NginxNotFound as error:
        print(error, file=sys.stderr)
        return 2
    target = ".".join(map(str, min(b.version for b in binaries))) if binaries else "1.26"
    figures: Figures = {"paths": args.paths, "target": target, "package": _package(), "sizes": {}}
    figures["load_average_before"] = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="ingc-bench-") as folder:
        for size in args.sizes:
            figures["sizes"][str(size)] = _measure(size, args, binaries, target, Path(folder))
    figures["load_average_after"] = os.getloadavg()
    print(json.dumps(figures, indent=2) if args.json else "\n".join(report.write(figures)))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/compile.py", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument(
        "--sizes", type=_numbers, default=[1000, 10000], help="numbers of Ingresses"
    )
    parser.add_argument("--paths", type=int, default=5, help="paths of each Ingress")
    parser.add_argument("--sources", type=_words, default=["dicts", "yaml", "json"])
    parser.add_argument("--repeat", type=int, default=2, help="runs of each; the fastest counts")
    parser.add_argument("--nginx", action="append", help="an nginx binary; may be given again")
    parser.add_argument("--no-nginx", action="store_true", help="do not run nginx -t")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(word.replace("_", "")) for word in text.split(",")]


def _words(text: str) -> list[str]:
    return text.split(",")


def _measure(
    size: int, args: argparse.Namespace, binaries: list[Nginx], target: str, folder: Path
) -> Figures:
    common = ["--ingresses", str(size), "--paths", str(args.paths)]
    conf = folder / "nginx.conf"
    found: Figures = {"compile": {}, "baseline": {}, "input": {}, "nginx": {}}
    for source in args.sources:
        options = [*common]
        if source != "dicts":
            file = folder / f"input.{source}"
            options += ["--file", str(file)]
            found["input"][source] = _work("write", source, *options)["bytes"]
            runs = [_work("baseline", source, *options) for _ in range(args.repeat)]
            found["baseline"][source] = min(run["total"] for run in runs)
        options += ["--target", target, "--out", str(conf)]
        runs = []
        for number in range(args.repeat):
            _tell(f"{size} Ingresses from {source}, run {number + 1} of {args.repeat}")
            runs.append(_work("compile", source, *options))
        best = min(runs, key=lambda figures: float(figures["total"]))
        found["compile"][source] = best
        if source != "dicts":
            whole = [_command(file, target, conf) for _ in range(args.repeat)]
            best["command"] = min(whole, key=lambda figures: float(figures["total"]))
    for nginx in binaries:
        _tell(f"{size} Ingresses: {nginx} -t")
        found["nginx"][".".join(map(str, nginx.version))] = _nginx_test(nginx, conf)
    return found


def _work(task: str, source: str, *options: str) -> Figures:
    done = run([sys.executable, str(WORKER), task, source, *options])
    if done.code != 0:
        raise SystemExit(f"bench/worker.py {task} {source} failed:\n{done.err}")
    figures: Figures = json.loads(done.out)
    return figures


def _package() -> str:
    """Return the folder of the package that is measured; workers and command must agree on it."""
    code = "import ingc; print(ingc.__path__[0])"
    command = run([sys.executable, "-P", "-c", code]).out.strip()
    worker = _work("where", "dicts")["package"]
    if command != worker:
        raise SystemExit(f"two packages would be measured: {command} and {worker}")
    return command


def _command(file: Path, target: str, conf: Path) -> Figures:
    """Run ``ingc compile`` itself on a file, as a user does, from its start to its end."""
    # -P: not what lies in the working folder, but the same package that the worker measures.
    command = [
        sys.executable,
        "-P",
        "-c",
        "from ingc.cli import main; main()",
        "compile",
        str(file),
    ]
    options = ["--nginx-version", target, "--listen-address", "127.0.0.1"]
    ports = ["--http-port", "18080", "--https-port", "18443"]
    done = run([*command, "-o", str(conf), *options, *ports])
    if done.code != 0:
        raise SystemExit(f"ingc compile failed:\n{done.err}")
    return {"total": done.total, "wall": done.wall, "peak": done.peak}


def _nginx_test(nginx: Nginx, conf: Path) -> Figures:
    """Run ``nginx -t`` once; what it prints beside its own summary is kept."""
    done = run([str(nginx.path), "-t", "-p", str(conf.parent), "-c", str(conf), "-e", "stderr"])
    said = [line for line in done.err.splitlines() if f"configuration file {conf}" not in line]
    return {
        "ok": done.code == 0,
        "total": done.total,
        "wall": done.wall,
        "peak": done.peak,
        "said": said,
    }


def _tell(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
