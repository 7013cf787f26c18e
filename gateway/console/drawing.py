"""A clock drawn as a line: one small bar a day, the days that count dark, today and the end marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.cases.schemas import ClockOut

WIDTH, GAP = 600.0, 1.0
MOST_DAYS = 120
"""Longer limits are drawn as one bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    kind: str
    """`counted` or `rest`, with `gone` for what is behind us."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where everything on the line is, in the units of its `viewBox`."""

    bars: list[Bar]
    today: float
    counted: int
    left: int
    """Counted days still to come."""
    is_late: bool
    is_met: bool


def line(clock: ClockOut, now: datetime, zone: ZoneInfo) -> Line | None:
    """The clock's line; None for one that has not begun or stands still."""
    if clock.starts_at is None or clock.due_at is None:
        return None
    end = clock.met_at or now
    span = (clock.due_at - clock.starts_at).total_seconds()
    reach = max(span, (end - clock.starts_at).total_seconds(), 1.0)
    today = min(1.0, max(0.0, (end - clock.starts_at).total_seconds() / reach)) * WIDTH
    here = now.astimezone(zone).date()
    return Line(
        bars=_bars(clock, here, span / reach * WIDTH) if 0 < len(clock.days) <= MOST_DAYS else [],
        today=today,
        counted=sum(1 for day in clock.days if day.counted),
        left=sum(1 for day in clock.days if day.counted and day.day > here),
        is_late=clock.met_at is None and now > clock.due_at,
        is_met=clock.met_at is not None,
    )


def _bars(clock: ClockOut, here: date, width: float) -> list[Bar]:
    step = width / len(clock.days)
    return [
        Bar(
            x=round(at * step, 2),
            width=round(max(step - GAP, 0.8), 2),
            kind=f"{'counted' if day.counted else 'rest'}{' gone' if day.day < here else ''}",
        )
        for at, day in enumerate(clock.days)
    ]
