"""The tree of routes as a picture: four columns, hosts to endpoints, with curves between them.

Places depend on the routes alone, widths on the number of characters, so that the same routes give
the same bytes wherever they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingc.routes.chart import Branch, ChartTarget, Trunk

_ROW = 26
_BOX = 20
"""The height of a box; the rest of a row is room."""
_LETTER = 7.3
_SIZE = 12
_PAD = 9
_BETWEEN = 96
_MARGIN = 20
_TOP = 52
_GAP = 14
"""Between hosts."""
_LONGEST = 46
"""Characters of a box; all of them are in its title."""
_MOST = 6
"""So many endpoints of a Service are drawn."""
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_HEADINGS = ("Host", "Path", "Service", "Endpoint")
_INKS = ("#2563eb", "#0f766e", "#9333ea", "#b45309", "#be185d", "#4d7c0f", "#0369a1", "#7c3aed")
"""By host, so that a curve can be followed back."""
_FILLS = ("#e8effd", "#f8fafc", "#e7f6ec", "#f4f4f5")
_REFUSED = "#fde8e8"
_DIM = "#64748b"


@dataclass(slots=True)
class _Box:
    """A box of a column; ``y`` is its middle."""

    text: str
    title: str
    fill: str
    ink: str = "#334155"
    tag: str = ""
    """What stands at its right end, in grey."""
    dashed: bool = False
    y: float = 0.0

    @property
    def letters(self) -> int:
        """How many characters are visible."""
        return len(_cut(self.text)) + (len(self.tag) + 2 if self.tag else 0)


@dataclass(slots=True)
class _Service:
    """A box of the third column with its endpoints, and where its curves come from."""

    box: _Box
    ends: list[_Box]
    wanted: list[float] = field(default_factory=list)

    @property
    def height(self) -> float:
        """The room that it and its endpoints take."""
        return _ROW * max(1, len(self.ends))


@dataclass(frozen=True, slots=True)
class _Curve:
    """A line from a box to a box of the next column."""

    column: int
    start: _Box
    end: _Box
    ink: str
    dashed: bool = False


@dataclass(slots=True)
class _Scene:
    """All that is drawn."""

    columns: tuple[list[_Box], ...] = field(default_factory=lambda: ([], [], [], []))
    services: dict[str, _Service] = field(default_factory=dict)
    curves: list[_Curve] = field(default_factory=list)
    bands: list[tuple[float, float]] = field(default_factory=list)
    """Top and height of each host's part."""
    bottom: float = _TOP


def picture(trunks: Iterable[Trunk]) -> str:
    """Return the picture as SVG. Raises `ModuleNotFoundError` where drawsvg is not installed."""
    scene = _Scene()
    for number, trunk in enumerate(trunks):
        _add_trunk(scene, trunk, _INKS[number % len(_INKS)])
    _place_services(scene)
    return _drawn(scene)


def _add_trunk(scene: _Scene, trunk: Trunk, ink: str) -> None:
    height = _ROW * len(trunk.branches)
    host = _Box(trunk.label, trunk.label, _FILLS[0], ink, y=scene.bottom + height / 2)
    scene.columns[0].append(host)
    scene.bands.append((scene.bottom, height))
    for number, branch in enumerate(trunk.branches):
        box = _path_box(branch)
        box.y = scene.bottom + _ROW * (number + 0.5)
        scene.columns[1].append(box)
        scene.curves.append(_Curve(0, host, box, ink, dashed=bool(branch.dead)))
        for target in branch.targets:
            service = _service(scene, target)
            service.wanted.append(box.y)
            scene.curves.append(_Curve(1, box, service.box, ink, dashed=target.canary))
    scene.bottom += height + _GAP


def _path_box(branch: Branch) -> _Box:
    title = [f"{branch.path} {branch.kind}".strip(), branch.about]
    if branch.targets:
        title.append("to " + ", ".join(target.label for target in branch.targets))
    if branch.dead:
        title.append(f"never reached: {branch.dead}")
    return _Box(
        branch.path or branch.kind,
        " - ".join(filter(None, title)),
        _FILLS[1],
        _DIM if branch.dead else "#334155",
        tag=branch.kind if branch.path else "",
        dashed=bool(branch.dead),
    )


def _service(scene: _Scene, target: ChartTarget) -> _Service:
    known = scene.services.get(target.label)
    if known is not None:
        return known
    fill = _REFUSED if target.by_nginx else _FILLS[2]
    box = _Box(target.label, target.label, fill)
    drawn = target.endpoints[: _MOST if len(target.endpoints) <= _MOST else _MOST - 1]
    ends = [_Box(text, text, _FILLS[3]) for text in drawn]
    more = target.endpoints[len(drawn) :]
    if more:
        ends.append(_Box(f"… {len(more)} more", ", ".join(more), _FILLS[3], _DIM))
    made = scene.services[target.label] = _Service(box, ends)
    return made


def _place_services(scene: _Scene) -> None:
    """Put each Service near the middle of its paths, and none upon another."""
    services = sorted(scene.services.values(), key=_middle)
    tops = _apart([_middle(item) - item.height / 2 for item in services], services)
    for top, item in zip(tops, services, strict=True):
        item.box.y = top + item.height / 2
        scene.columns[2].append(item.box)
        for number, end in enumerate(item.ends):
            end.y = top + _ROW * (number + 0.5)
            scene.columns[3].append(end)
            scene.curves.append(_Curve(2, item.box, end, "#94a3b8"))
        scene.bottom = max(scene.bottom, top + item.height + _GAP)


def _middle(item: _Service) -> float:
    return sum(item.wanted) / len(item.wanted)


def _apart(wanted: Sequence[float], services: Sequence[_Service]) -> list[float]:
    """Return the tops that are nearest to those wanted, in their order and without overlap.

    What would overlap is pooled, and a pool stands where its members want it on average.
    """
    offsets = [0.0]
    for item in services:
        offsets.append(offsets[-1] + item.height)
    pools: list[tuple[float, int]] = []
    for place, offset in zip(wanted, offsets, strict=False):
        total, count = place - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    return [max(start, _TOP) + offset for start, offset in zip(starts, offsets, strict=False)]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _drawn(scene: _Scene) -> str:
    import drawsvg

    widths = [
        2 * _PAD + _LETTER * max([len(head), *(box.letters for box in boxes)])
        for head, boxes in zip(_HEADINGS, scene.columns, strict=True)
    ]
    lefts = [_MARGIN + sum(widths[:number]) + _BETWEEN * number for number in range(4)]
    width = round(lefts[3] + widths[3] + _MARGIN)
    drawing = drawsvg.Drawing(width, round(scene.bottom + _MARGIN), id_prefix="ingc")
    drawing.append(drawsvg.Rectangle(0, 0, "100%", "100%", fill="#ffffff"))
    for top, height in scene.bands:
        across = round(lefts[1] + widths[1] - _MARGIN / 2)
        drawing.append(
            drawsvg.Rectangle(_MARGIN / 2, round(top), across, round(height), rx=6, fill="#f1f5f9")
        )
    for head, left in zip(_HEADINGS, lefts, strict=True):
        drawing.append(_text(drawsvg, head, left + _PAD, 30, fill=_DIM, font_weight="bold"))
    for curve in scene.curves:
        ends = lefts[curve.column] + widths[curve.column], lefts[curve.column + 1]
        drawing.append(_curve(drawsvg, curve, *ends))
    for boxes, left, wide in zip(scene.columns, lefts, widths, strict=True):
        for box in boxes:
            _draw_box(drawsvg, drawing, box, left, wide)
    return str(drawing.as_svg()) + "\n"


def _curve(drawsvg: Any, curve: _Curve, left: float, right: float) -> Any:
    dashes = {"stroke_dasharray": "4 3"} if curve.dashed else {}
    path = drawsvg.Path(stroke=curve.ink, stroke_width=1.3, fill="none", opacity=0.6, **dashes)
    bend = round((left + right) / 2)
    start, end = round(curve.start.y), round(curve.end.y)
    return path.M(round(left), start).C(bend, start, bend, end, round(right), end)


def _draw_box(drawsvg: Any, drawing: Any, box: _Box, left: float, wide: float) -> None:
    dashes = {"stroke_dasharray": "4 3"} if box.dashed else {}
    top = round(box.y - _BOX / 2)
    outline = drawsvg.Rectangle(
        round(left), top, round(wide), _BOX, rx=4, fill=box.fill, stroke=box.ink, **dashes
    )
    outline.append_title(box.title)
    drawing.append(outline)
    label = _text(drawsvg, _cut(box.text), left + _PAD, box.y + 4, fill=box.ink)
    label.append_title(box.title)
    drawing.append(label)
    if box.tag:
        right = left + wide - _PAD
        drawing.append(_text(drawsvg, box.tag, right, box.y + 4, fill=_DIM, text_anchor="end"))


def _text(drawsvg: Any, text: str, x: float, y: float, **attributes: str) -> Any:
    return drawsvg.Text(
        text, _SIZE, round(x), round(y), font_family=_FONT, xml__space="preserve", **attributes
    )
