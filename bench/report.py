"""The figures of `compile.py` as tables: stages, memory, nginx, and the ratios of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import table
from stages import NAMES

Figures = dict[str, Any]
Row = list[str]

_TITLES = {
    "emit": "emit (render)",
    "crossplane": "prove: crossplane's parse",
    "compare": "prove: what was laid out",
    "routing": "prove: the routing",
}


def write(figures: Figures) -> list[str]:
    """Return the lines to print."""
    sizes: dict[str, Figures] = figures["sizes"]
    load = f"{figures['load_average_before'][0]:.1f} to {figures['load_average_after'][0]:.1f}"
    return [
        f"N Ingresses of {figures['paths']} paths, N Services; for nginx {figures['target']}; "
        f"processor time; load average {load}",
        f"package: {figures['package']}",
        "",
        *_stages(sizes),
        "",
        *_nginx(sizes),
        "",
        *_ratios(sizes),
    ]


def _stages(sizes: dict[str, Figures]) -> list[str]:
    columns = [
        (f"{int(size):,} {source}", compiled)
        for size, found in sizes.items()
        for source, compiled in found["compile"].items()
    ]

    def row(title: str, value: Callable[[Figures], str]) -> Row:
        return [title, *(value(compiled) for _, compiled in columns)]

    def stage(name: str) -> Row:
        return row(_TITLES.get(name, name), lambda c: table.seconds(c["stages"][name] or None))

    return table.lines(
        ["stage", *(title for title, _ in columns)],
        [
            *(stage(name) for name in NAMES),
            row("between", lambda c: table.seconds(c["other"])),
            [],
            row("total", lambda c: table.seconds(c["total"])),
            row("total, by the clock", lambda c: table.seconds(c["wall"])),
            row("a first tiny compile", lambda c: table.seconds(c["first"])),
            [],
            row("peak memory", lambda c: table.size(c["peak"])),
            row("of it before the compile", lambda c: table.size(c["before"])),
            [],
            row("ingc compile, the command", lambda c: _command(c, "total", table.seconds)),
            row("its peak memory", lambda c: _command(c, "peak", table.size)),
            [],
            row("nginx.conf", lambda c: table.size(c["config"])),
            row("routes", lambda c: f"{c['routes']:,}"),
        ],
    )


def _command(compiled: Figures, figure: str, shown: Callable[[float | None], str]) -> str:
    return shown(compiled["command"][figure] if "command" in compiled else None)


def _nginx(sizes: dict[str, Figures]) -> list[str]:
    columns = [
        (f"{int(size):,} by {version}", tested)
        for size, found in sizes.items()
        for version, tested in found["nginx"].items()
    ]
    if not columns:
        return []
    made = table.lines(
        ["nginx -t", *(title for title, _ in columns)],
        [
            ["result", *("ok" if t["ok"] else "refused" for _, t in columns)],
            ["total", *(table.seconds(t["total"]) for _, t in columns)],
            ["total, by the clock", *(table.seconds(t["wall"]) for _, t in columns)],
            ["peak memory", *(table.size(t["peak"]) for _, t in columns)],
            ["lines it printed", *(str(len(t["said"])) for _, t in columns)],
        ],
    )
    said = dict.fromkeys(line for _, tested in columns for line in tested["said"])
    return made + [f"  {line}" for line in [*said][:10]]


def _ratios(sizes: dict[str, Figures]) -> list[str]:
    return table.lines(["ratio, in this run", ""], [*_against_others(sizes), [], *_growth(sizes)])


def _against_others(sizes: dict[str, Figures]) -> Iterator[Row]:
    for size, found in sizes.items():
        count = f"{int(size):,}"
        for version, tested in found["nginx"].items():
            for source, compiled in found["compile"].items():
                told = f"{count} from {source}: compile / nginx {version} -t"
                for figure, name in (("total", "time"), ("peak", "memory")):
                    yield [f"{told}, {name}", table.ratio(compiled[figure] / tested[figure])]
        for source, baseline in found["baseline"].items():
            plain = {"yaml": "yaml.CSafeLoader", "json": "json.loads"}[source]
            loaded = found["compile"][source]["stages"]["load"]
            yield [f"{count}: load / {plain}", table.ratio(loaded / baseline)]


def _growth(sizes: dict[str, Figures]) -> Iterator[Row]:
    """Time per Ingress at one size against the size before it; 1 is linear."""
    for (small, before), (large, after) in pairwise(sizes.items()):
        factor = int(large) / int(small)
        told = f"{int(large):,} / {int(small):,}, per Ingress"
        for source, compiled in after["compile"].items():
            earlier = before["compile"][source]
            yield [f"{told}: total from {source}", _per(compiled, earlier, factor)]
        first = next(iter(after["compile"]), None)
        for name in NAMES if first else ():
            now, then = (found["compile"][first]["stages"][name] for found in (after, before))
            if then:
                title = f"{told}: {_TITLES.get(name, name)}"
                yield [title, table.ratio(now / then / factor)]
        for version, tested in after["nginx"].items():
            earlier = before["nginx"][version]
            yield [f"{told}: nginx {version} -t", _per(tested, earlier, factor)]


def _per(now: Figures, then: Figures, factor: float) -> str:
    return table.ratio(now["total"] / then["total"] / factor)
