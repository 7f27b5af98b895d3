"""What a layout costs nginx: ``python bench/layouts.py [--base FOLDER] [--nginx PATH]…``.

For five shapes of input, compiled with ``--layout readable`` and ``compact`` (``--layouts``: others
too), and by the ingc of another checkout where ``--base`` names one: processor time and peak memory
of ``nginx -t``, and how many requests nginx serves in a second of its worker's processor time, all
in one run. Ratios are to the first line of a shape: the base, or readable without one. ``--page``
also writes the tables to docs/performance/layouts.md.

- i: N hosts with a path each, to a Service each
- ii: N hosts with five paths each, to a Service each
- iii: N hosts with the same five paths to one Service, without TLS
- iv: one host with 2,000 caseless regexes, the last of which is requested, as it is written and in
  the other case, beside a host with one of them; nginx answers by itself there
- v: N wildcard hosts with a path each, to a Service each; the last of them is requested, and a name
  that nobody has
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import table
from process import Outcome, run, run_apart
from serving import requests_a_second
from shapes import PREFIX, object_of, path

Object = dict[str, Any]
_HERE = Path(__file__).resolve().parent
_PAGE = _HERE.parent / "docs" / "performance" / "layouts.md"
_ALONE = "one regex"
_TIMES = 3
"""So often nginx reads each configuration, in turns; the least time counts."""
_HEAD = """# What a layout costs nginx

Written by `python bench/layouts.py --page`, which measures all of it in one run: `nginx -t`, its
processor time and its peak memory, the least of three, taken in turns; and how many requests nginx
serves in a second of its worker's processor time, the last of its hosts and paths requested, the
most of three. `readable` and `compact` are what `--layout` takes; `base` is the ingc of an earlier
commit, and what the ratios are to. [compile.md](../compile.md#for-very-many-hosts-or-paths) says
what `compact` does."""


@dataclass(frozen=True)
class Shape:
    """An input, and what is requested of it."""

    about: str
    objects: Callable[[int], Iterator[Object]]
    size: int
    asked: Callable[[int], tuple[tuple[str, str, int], ...]]
    """The host, path and status of each request."""
    heads: tuple[str, ...] = ("requests/s",)
    """What each of these is called."""
    answers: bool = False
    """True where nginx answers by itself in place of passing requests on."""


def _ingress(name: str, host: str, paths: list[Object], **annotations: str) -> Object:
    made = object_of(
        "Ingress",
        name,
        "networking.k8s.io/v1",
        spec={"rules": [{"host": host, "http": {"paths": paths}}]},
    )
    made["metadata"]["annotations"] = {PREFIX + key: value for key, value in annotations.items()}
    return made


def _service(name: str) -> Object:
    spec = {"clusterIP": "10.96.0.1", "ports": [{"port": 80}]}
    return object_of("Service", name, spec=spec)


def _hosts(paths: tuple[str, ...], *, one_service: bool) -> Callable[[int], Iterator[Object]]:
    def objects(size: int) -> Iterator[Object]:
        for number in range(size):
            name = "web" if one_service else f"w{number}"
            made = [path(text, name) for text in paths]
            yield _ingress(f"w{number}", f"h{number}.example.com", made)
            if not one_service:
                yield _service(name)
        if one_service:
            yield _service("web")

    return objects


def _regexes(size: int) -> Iterator[Object]:
    for number in range(size):
        made = {**path(f"/svc{number}(/|$)(.*)", "web"), "pathType": "ImplementationSpecific"}
        yield _ingress(f"w{number}", "h.example.com", [made], **{"use-regex": "true"})
    yield _service("web")


def _wildcards(size: int) -> Iterator[Object]:
    for number in range(size):
        name = f"w{number}"
        yield _ingress(name, f"*.h{number}.example.com", [path("/", name)])
        yield _service(name)


def _last(path: str) -> Callable[[int], tuple[tuple[str, str, int], ...]]:
    return lambda size: ((f"h{size - 1}.example.com", path, 204),)


def _last_regex(_size: int) -> tuple[tuple[str, str, int], ...]:
    # The shortest stands behind all others.
    return ("h.example.com", "/svc0/x", 204), ("h.example.com", "/SVC0/x", 204)


def _last_wildcard(size: int) -> tuple[tuple[str, str, int], ...]:
    last = max(map(str, range(size)))  # names stand in order
    return (f"a.h{last}.example.com", "/x", 204), ("unknown.example.org", "/x", 404)


_FIVE = tuple(f"/p{number}" for number in range(5))
_MANY = 10_000
_ONE = _hosts(("/",), one_service=False)
_OWN = _hosts(_FIVE, one_service=False)
_SAME = _hosts(_FIVE, one_service=True)
SHAPES = {
    "i": Shape("N hosts, / each, a Service each", _ONE, _MANY, _last("/x")),
    "ii": Shape("N hosts, 5 paths each, a Service each", _OWN, _MANY, _last("/p4/x")),
    "iii": Shape("N hosts, the same 5 paths, one Service", _SAME, _MANY, _last("/p4/x")),
    "iv": Shape(
        "one host, N regexes",
        _regexes,
        2_000,
        _last_regex,
        ("as written/s", "other case/s"),
        answers=True,
    ),
    "v": Shape(
        "N wildcard hosts, / each, a Service each",
        _wildcards,
        _MANY,
        _last_wildcard,
        ("last wildcard/s", "unknown name/s"),
    ),
}


def main() -> int:
    """Measure, and print a table for each shape; or compile one, for the sake of the others."""
    args = _arguments()
    if args.compile:
        return _compile(*args.compile)
    binaries = args.nginx or ["nginx"]
    print(f"load average {os.getloadavg()[0]:.1f}")
    page = [_HEAD]
    for name in args.shapes.split(","):
        shape = SHAPES[name]
        size = min(args.size or shape.size, shape.size)
        page.append(f"## {name}: {shape.about}\n\nN = {size:,}.")
        print(f"\n{page[-1]}", flush=True)
        with tempfile.TemporaryDirectory(prefix="ingc-bench-") as folder:
            texts = dict(_texts(name, size, args, Path(folder)))
            for binary in binaries:
                head, *rows = _rows(shape, size, binary, texts, Path(folder))
                print("\n".join(table.lines(head, rows)), flush=True)
                rule = f"|---|{'---:|' * (len(head) - 1)}"
                lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
                page.append("\n".join([lines[0], rule, *lines[1:]]))
        if args.page:
            _PAGE.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/layouts.py", description=__doc__)
    parser.add_argument("--base", help="another checkout, whose ingc is the first line")
    parser.add_argument("--nginx", action="append", help="an nginx binary; may be given again")
    parser.add_argument("--layouts", default="readable;compact", help="with semicolons between")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--size", type=int, help="the most that N may be")
    parser.add_argument("--page", action="store_true", help="write the page too")
    parser.add_argument("--compile", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args()


def _texts(
    name: str, size: int, args: argparse.Namespace, folder: Path
) -> Iterator[tuple[str, str]]:
    """Yield the name of each line, and its nginx.conf; of regexes also one of them alone."""
    ways = [("base", "", args.base)] if args.base else []
    ways += [(layout, layout, str(_HERE.parent)) for layout in args.layouts.split(";")]
    for title, layout, package in ways:
        sizes = [(title, size)]
        if SHAPES[name].answers and title == ways[0][0]:
            sizes.append((_ALONE, 1))
        for called, count in sizes:
            out = folder / "out.conf"
            command = [sys.executable, __file__, "--compile", name, str(count), layout, str(out)]
            subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": package})
            yield called, out.read_text(encoding="utf-8")


def _compile(name: str, size: str, layout: str, out: str) -> int:
    import ingc

    options = ingc.Options(**({"layout": layout} if layout else {}))
    result = ingc.compile(list(SHAPES[name].objects(int(size))), options)
    if result.config is None:
        raise SystemExit(f"{name}: {result.errors[:3]}")
    Path(out).write_text(result.config, encoding="utf-8")
    return 0


def _tested(binary: str, text: str, folder: Path) -> Outcome:
    """Return how nginx reads a configuration."""
    (folder / "nginx.conf").write_text(text.replace("listen 80", "listen 18080"), "utf-8")
    tested = run_apart([binary, "-p", str(folder), "-t", "-c", str(folder / "nginx.conf")])
    if tested.code:
        raise SystemExit(tested.err[-500:])
    return tested


def _rows(
    shape: Shape, size: int, binary: str, texts: dict[str, str], folder: Path
) -> Iterator[list[str]]:
    """Yield the head of a table, and its rows."""
    version = run([binary, "-v"]).err.strip().rpartition("/")[2]
    heads = [head for name in ("-t", "peak", *shape.heads) for head in (name, "ratio")]
    yield [f"nginx {version}", *heads]
    first: list[float] = []
    runs = [
        {title: _tested(binary, text, folder) for title, text in texts.items()}
        for _ in range(_TIMES)
    ]
    for title, text in texts.items():
        tested = min((done[title] for done in runs), key=lambda done: done.total)
        asked = shape.asked(1 if title == _ALONE else size)
        served = requests_a_second(binary, text, asked, answers=shape.answers)
        figures = [tested.total, float(tested.peak), *served]
        first = first or figures
        ratios = [table.ratio(a / b) for a, b in zip(figures, first, strict=True)]
        rates = (f"{number:,.0f}" for number in served)
        shown = [table.seconds(tested.total), table.size(tested.peak), *rates]
        yield [title, *(cell for pair in zip(shown, ratios, strict=True) for cell in pair)]


if __name__ == "__main__":
    sys.exit(main())
