"""Charts as SVG, drawn on the server: bars, months, a map. Each has a table of the same numbers under it.

What is hidden is drawn as an empty frame of one size, so that no length tells what it is. A chart is wide enough for a
small phone and its words are large enough there; colours and lines come from the style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 340
"""Units of the drawing, about the pixels of a small phone."""

_LINE = 38
_FRAME = 46
_HEIGHT = 130


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of a chart, with its name in the reader's language."""

    name: str
    number: int | None
    """None where it is hidden."""
    shown: str
    """The number as the reader's language writes it, or the word for hidden."""


def bars(title: str, rows: Sequence[Bar], *, colour: str = "") -> Markup:
    """Lying bars, one below the other, in the order given: never sorted by size."""
    most = max((row.number or 0 for row in rows), default=0) or 1
    parts = []
    for at, row in enumerate(rows):
        top = at * _LINE
        parts.append(Markup('<text class="name" x="0" y="{}">{}</text>').format(top + 13, row.name))
        room = WIDTH - 64
        if row.number is None:
            parts.append(Markup('<rect class="hidden" x="1" y="{}" width="{}" height="12"/>').format(top + 19, _FRAME))
            wide = _FRAME
        else:
            wide = max(2 if row.number else 0, round(room * row.number / most))
            parts.append(Markup('<rect class="bar" x="0" y="{}" width="{}" height="13"/>').format(top + 18.5, wide))
        parts.append(Markup('<text class="value" x="{}" y="{}">{}</text>').format(wide + 6, top + 29.5, row.shown))
    return _drawing(title, len(rows) * _LINE, parts, colour)


def months(title: str, rows: Sequence[Bar], *, colour: str = "") -> Markup:
    """Standing bars from left to right; every so many has its name below, the highest its number above."""
    if not rows:
        return Markup("")
    most = max((row.number or 0 for row in rows), default=0) or 1
    step = WIDTH / len(rows)
    wide = max(3.0, min(step - 3, 34))
    named = max(1, math.ceil(len(rows) / 6))
    highest = max(range(len(rows)), key=lambda at: rows[at].number or 0)
    parts = [Markup('<line class="base" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(_HEIGHT + 16, WIDTH)]
    for at, row in enumerate(rows):
        left = at * step + (step - wide) / 2
        if row.number is None:
            box = Markup('<rect class="hidden" x="{:.1f}" y="{}" width="{:.1f}" height="15"/>')
            parts.append(box.format(left, _HEIGHT, wide))
        else:
            high = max(1.5 if row.number else 0, _HEIGHT * row.number / most)
            bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
            parts.append(bar.format(left, _HEIGHT + 16 - high, wide, high))
        middle = at * step + step / 2
        if at == highest and row.number:
            label = Markup('<text class="value" text-anchor="{}" x="{:.1f}" y="11">{}</text>')
            parts.append(label.format(_anchor(middle), middle, row.shown))
        if (len(rows) - 1 - at) % named == 0:
            name = Markup('<text class="tick" text-anchor="{}" x="{:.1f}" y="{}">{}</text>')
            parts.append(name.format(_anchor(middle), middle, _HEIGHT + 32, row.name))
    return _drawing(title, _HEIGHT + 38, parts, colour)


def _anchor(middle: float) -> str:
    """Words at an edge grow inwards."""
    return "start" if middle < 24 else "end" if middle > WIDTH - 24 else "middle"


SHADES = 5


def ward_map(
    title: str, outlines: Mapping[str, Sequence[Sequence[tuple[float, float]]]], rows: Mapping[str, Bar]
) -> Markup:
    """Wards shaded in five steps of equal width; hidden ones are hatched by the style sheet's frame."""
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    if not points:
        return Markup("")
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    # Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
    narrow = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * narrow, 1e-9)
    most = max((row.number or 0 for row in rows.values()), default=0) or 1
    parts = []
    for code, rings in outlines.items():
        row = rows.get(code)
        number = row.number if row else None
        shade = "hidden" if number is None else f"shade{math.ceil(SHADES * number / most)}"
        path = " ".join(
            "M" + " ".join(f"{(x - west) * narrow * scale:.1f},{(north - y) * scale:.1f}" for x, y in ring) + "Z"
            for ring in rings
        )
        told = f"{row.name}: {row.shown}" if row else code
        parts.append(Markup('<path class="{}" d="{}"><title>{}</title></path>').format(shade, path, told))
    return _drawing(title, math.ceil((north - south) * scale) + 2, parts, "map")


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone on a line of time; days as shares of the whole, 0 to 1."""

    name: str
    starts: float | None
    due: float | None
    state: str
    """`complete`, `substantial`, `limited`, `not_started` or empty."""
    shown: str


def timeline(title: str, steps: Sequence[Step], today: float, *, ends: tuple[str, str], now: str) -> Markup:
    """Milestones one below the other, from their start to when they are due; a line stands at today.

    `ends` are the months that the line begins and ends with, `now` the word for today.
    """
    parts = []
    for at, step in enumerate(steps):
        top = at * _LINE
        parts.append(Markup('<text class="name" x="0" y="{}">{}</text>').format(top + 13, step.name))
        parts.append(Markup('<rect class="rail" x="0" y="{}" width="{}" height="5"/>').format(top + 22, WIDTH))
        due = step.due if step.due is not None else 1.0
        left = (step.starts if step.starts is not None else due) * WIDTH
        wide = max(due * WIDTH - left, 0)
        span = Markup('<rect class="span {}" x="{:.1f}" y="{}" width="{:.1f}" height="9"/>')
        parts.append(span.format(step.state, left, top + 20, max(wide, 2)))
        dot = Markup('<circle class="due {}" cx="{:.1f}" cy="{}" r="6"/>')
        parts.append(dot.format(step.state, min(max(due * WIDTH, 7), WIDTH - 7), top + 24.5))
    foot, here = len(steps) * _LINE, min(max(today, 0.004), 0.996) * WIDTH
    line = Markup('<line class="today" x1="{0:.1f}" y1="0" x2="{0:.1f}" y2="{1}"/>')
    tick = Markup('<text class="tick" text-anchor="{}" x="{:.1f}" y="{}">{}</text>')
    parts += [line.format(here, foot + 2), tick.format(_anchor(here), here, foot + 14, now)]
    parts += [tick.format("start", 0, foot + 30, ends[0]), tick.format("end", WIDTH, foot + 30, ends[1])]
    return _drawing(title, foot + 36, parts, "line")


@dataclass(frozen=True, slots=True)
class Gap:
    """One item that two sides scored from 1 to 5; None where a side is hidden."""

    name: str
    ours: float | None
    theirs: float | None
    shown_ours: str
    shown_theirs: str


_ITEM = 60
_EDGE = 10


def gaps(title: str, rows: Sequence[Gap], *, ends: tuple[str, str]) -> Markup:
    """A line from 1 to 5 for each item: ours a circle with its number below, theirs a square with its number above."""
    parts = []
    for at, row in enumerate(rows):
        parts += _gap(row, at * _ITEM)
    foot = len(rows) * _ITEM + 12
    tick = Markup('<text class="tick" text-anchor="{}" x="{}" y="{}">{}</text>')
    parts += [tick.format("start", 0, foot, f"1 {ends[0]}"), tick.format("end", WIDTH, foot, f"5 {ends[1]}")]
    return _drawing(title, foot + 6, parts, "gaps")


def _gap(row: Gap, top: int) -> list[Markup]:
    parts = [Markup('<text class="name" x="0" y="{}">{}</text>').format(top + 13, row.name)]
    rail = Markup('<rect class="rail" x="{}" y="{}" width="{}" height="5"/>')
    parts.append(rail.format(_EDGE, top + 34, WIDTH - 2 * _EDGE))
    parts += [
        Markup('<circle class="rail" cx="{:.1f}" cy="{}" r="4"/>').format(_mark(number), top + 36.5)
        for number in range(1, 6)
    ]
    if row.ours is not None and row.theirs is not None:
        left, right = sorted((_mark(row.ours), _mark(row.theirs)))
        between = Markup('<rect class="between" x="{:.1f}" y="{}" width="{:.1f}" height="5"/>')
        parts.append(between.format(left, top + 34, right - left))
    value = Markup('<text class="value" text-anchor="{}" x="{:.1f}" y="{}">{}</text>')
    if row.theirs is not None:
        x = _mark(row.theirs)
        square = Markup('<rect class="theirs" x="{:.1f}" y="{}" width="15" height="15"/>')
        parts += [square.format(x - 7.5, top + 29), value.format(_anchor(x), x, top + 26, row.shown_theirs)]
    if row.ours is not None:
        x = _mark(row.ours)
        circle = Markup('<circle class="ours" cx="{:.1f}" cy="{}" r="6"/>')
        parts += [circle.format(x, top + 36.5), value.format(_anchor(x), x, top + 55, row.shown_ours)]
    return parts


def _mark(mean: float) -> float:
    """Where a mean from 1 to 5 stands."""
    return _EDGE + (mean - 1) / 4 * (WIDTH - 2 * _EDGE)


def _drawing(title: str, height: float, parts: Sequence[Markup], colour: str) -> Markup:
    head = Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return head.format(colour, WIDTH, math.ceil(height), escape(title)) + Markup("").join(parts) + Markup("</svg>")
