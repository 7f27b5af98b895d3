"""Measures the reading of input: ``python bench/input.py [--ingresses 10000]``.

JSON: how long ingc's reader takes, beside the readers alone that it could be built upon, as far as
they are installed, and beside the cheapest way known to find duplicate keys, which none of them
reports. Below, what each makes of text that must not pass unseen. YAML: one process beside several.
Ratios, taken in the same run, are what to compare.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import json
import os
import time
from collections.abc import Callable
from typing import Any

import cluster
import table

import ingc
from ingc.diagnostics import Sink
from ingc.load import read, read_text
from ingc.load.yaml_shares import processors

PATHS = 5
CASES = {
    "a key twice": '{"a": 1, "a": 2}',
    "an integer of 30 digits": f"[{10**29 + 1}]",
    "1e999": "[1e999]",
    "NaN": "[NaN]",
    "half of a pair": r'["\ud83d"]',
    "1.0": "[1.0]",
    "5000 levels": "[" * 5000 + "]" * 5000,
}
Decode = Callable[[str], Any]


def main() -> None:
    """Measure, then print tables."""
    parser = argparse.ArgumentParser(prog="bench/input.py")
    parser.add_argument("--ingresses", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the fastest counts")
    args = parser.parse_args()
    with ingc.collector_paused():
        lines = [*_json(args.ingresses, args.repeat), "", *_exactness(), ""]
        print("\n".join([*lines, *_yaml(args.ingresses, args.repeat)]))


def _decoders() -> dict[str, Decode]:
    found: dict[str, Decode] = {"json": json.loads, "json, pairs hook": _hooked}
    for name, function in (("orjson", "loads"), ("msgspec.json", "decode")):
        try:
            found[name] = getattr(importlib.import_module(name), function)
        except ImportError:
            print(f"{name} is not installed")
    return found


def _hooked(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _json(ingresses: int, repeat: int) -> list[str]:
    text = _written(cluster.write_json, ingresses)
    value = json.loads(text)
    runs: dict[str, Callable[[], Any]] = {
        "ingc": lambda: read_text(text, "a.json", Sink()),
        **{name: _bound(decode, text) for name, decode in _decoders().items()},
        "keys counted in text and value": lambda: (_keys_in_text(text), _keys(value)),
    }
    seconds = _seconds(runs, repeat)
    base = seconds["json"]
    rows = [[n, table.seconds(s), table.ratio(s / base)] for n, s in seconds.items()]
    head = f"JSON, {len(text) / 1e6:.0f} MB, {ingresses} Ingresses; processor time"
    return [head, *table.lines(["reader", "time", "of json"], rows)]


def _bound(decode: Decode, text: str) -> Callable[[], Any]:
    return lambda: decode(text)


def _keys_in_text(text: str) -> int:
    """Count the keys, where no space stands before a colon and no key ends in a backslash."""
    odd = sum(text.count(part) for part in ('" :', '"\t:', '"\n:', '\\\\":'))
    return text.count('":') - text.count('\\":') - odd


def _keys(value: Any) -> int:
    found, todo = 0, [value]
    while todo:
        box = todo.pop()
        inner = box
        if box.__class__ is dict:
            found += len(box)
            inner = box.values()
        todo += [item for item in inner if item.__class__ is dict or item.__class__ is list]
    return found


def _exactness() -> list[str]:
    decoders = {"ingc": _of_ingc, **_decoders()}
    rows = [
        [name, *(_outcome(decode, text) for decode in decoders.values())]
        for name, text in CASES.items()
    ]
    return table.lines(["text", *decoders], rows)


def _of_ingc(text: str) -> Any:
    sink = Sink()
    documents = read_text(text, "a.json", sink)
    found = [item.code for item in sink.diagnostics()]
    values = [item.value for item in documents]
    return " ".join(found) if found else values


def _outcome(decode: Decode, text: str) -> str:
    try:
        return str(decode(text))[:36]
    except Exception as error:  # of whatever library
        return type(error).__name__


def _yaml(ingresses: int, repeat: int) -> list[str]:
    text = _written(cluster.write_yaml, ingresses)
    data = text.encode()
    counts = sorted({1, 2, 4, processors()})
    runs = {f"{n} process{'es' if n > 1 else ''}": _reading(data, n) for n in counts}
    rows = [[name] for name in runs]
    for seconds in (_seconds(runs, repeat, time.perf_counter), _seconds(runs, 1, _processor_time)):
        for row in rows:
            ratio = seconds[row[0]] / seconds["1 process"]
            row += [table.seconds(seconds[row[0]]), table.ratio(ratio)]
    load = os.getloadavg()[0]
    head = f"YAML, {len(text) / 1e6:.0f} MB; load average {load:.1f}"
    return [head, *table.lines(["ingc", "elapsed", "of one", "processor", "of one"], rows)]


def _processor_time() -> float:
    """Return the processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


def _reading(data: bytes, processes: int) -> Callable[[], Any]:
    return lambda: read(["-"], Sink(), stdin=io.BytesIO(data), processes=processes)


def _written(write: Callable[[Any, io.StringIO], None], ingresses: int) -> str:
    out = io.StringIO()
    write(cluster.objects(ingresses, PATHS), out)
    return out.getvalue()


def _seconds(
    runs: dict[str, Callable[[], Any]],
    repeat: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Return the least time of each, taken turn by turn."""
    seconds = dict.fromkeys(runs, float("inf"))
    for _ in range(repeat):
        for name, run in runs.items():
            gc.collect()
            began = clock()
            run()
            seconds[name] = min(seconds[name], clock() - began)
    return seconds


if __name__ == "__main__":
    main()
