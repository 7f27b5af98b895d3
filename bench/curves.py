"""Curves as SVG: both axes logarithmic, so that growth in proportion is a straight line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 170, 40, 50
_COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#7e22ce", "#b91c1c")
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.g{stroke:#ddd}.t{font-weight:600}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn: a value for each size."""

    name: str
    points: tuple[tuple[float, float], ...]


def draw(title: str, curves: Sequence[Curve], write: Callable[[float], str]) -> str:
    """Return an SVG; ``write`` writes a value at the axis."""
    xs = sorted({x for curve in curves for x, _ in curve.points})
    ys = [y for curve in curves for _, y in curve.points if y > 0]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def across(x: float) -> float:
        span = math.log(xs[-1] / xs[0]) or 1
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(x / xs[0]) / span

    def down(y: float) -> float:
        share = (math.log10(y) - low) / ((high - low) or 1)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    parts = [_text(_LEFT, 22, title, "t")]
    for power in range(low, high + 1):
        y = down(10.0**power)
        parts.append(_line(_LEFT, y, _WIDTH - _RIGHT, y))
        parts.append(_text(_LEFT - 8, y + 4, write(10.0**power), anchor="end"))
    for x in xs:
        parts.append(_line(across(x), _TOP, across(x), _HEIGHT - _BOTTOM))
        parts.append(_text(across(x), _HEIGHT - _BOTTOM + 20, f"{int(x):,}", anchor="middle"))
    parts.append(_text(_LEFT, _HEIGHT - 8, "Ingresses, each with five paths and a Service"))
    taken: list[float] = []
    for curve, colour in zip(curves, _COLOURS, strict=False):
        places = [(across(x), down(y)) for x, y in curve.points if y > 0]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        label = places[-1][1]
        while any(abs(label - other) < 16 for other in taken):
            label += 4
        taken.append(label)
        text = _text(_WIDTH - _RIGHT + 12, label + 4, curve.name)
        parts.append(text.replace("<text", f'<text style="fill:{colour}"', 1))
    body = "\n".join(parts)
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">'
    return f"{svg}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="g" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
