"""A clock in a few sentences: from when, how many days, which were left out, and how it stands."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from gateway.cases.deadlines import Running

_UNITS = {"hours": "hours", "calendar_days": "calendar days", "working_days": "working days"}

_OFTEN = {"Saturday": "Saturdays", "Sunday": "Sundays", "Waiting for the resident": "days waiting for the resident"}


def explain(clock: Running, zone: ZoneInfo, now: datetime) -> str:
    """How this deadline was counted, in English, for staff. Empty while the clock has not begun."""
    if clock.starts_at is None:
        return ""
    said = [_limit(clock, zone), _left_out(clock), _doubts(clock), _standing(clock, zone, now)]
    return " ".join(sentence for sentence in said if sentence)


def plain_day(day: date) -> str:
    """`Monday 26 January 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def plain_moment(moment: datetime, zone: ZoneInfo, unit: str) -> str:
    """A day in words, and the hour too where hours are counted."""
    local = moment.astimezone(zone)
    return f"{plain_day(local.date())}, {local:%H:%M}" if unit == "hours" else plain_day(local.date())


def _limit(clock: Running, zone: ZoneInfo) -> str:
    unit, start = _UNITS[clock.rule.unit], clock.starts_at
    if start is None:
        return ""
    many = f"{clock.limit} {unit}"
    if clock.extended_by:
        many = f"{clock.limit - clock.extended_by} {unit} and {clock.extended_by} more"
    force = "by law" if clock.rule.law else "promised"
    since = f"{many} ({force}) from {plain_moment(start, zone, clock.rule.unit)}"
    if clock.rule.unit != "hours":
        since += ", that day left out"
    if clock.due_at is None:
        counted = sum(day.counted is not None for day in clock.counted.days)
        return f"{since}. It stands still while the resident is asked; {counted} counted so far."
    return f"{since}: until {plain_moment(clock.due_at, zone, clock.rule.unit)}."


def _left_out(clock: Running) -> str:
    whys = Counter(
        day.why.removeprefix("The last day was a rest day: ") for day in clock.counted.days if not day.counted
    )
    if not whys:
        return ""
    named = [
        f"{times} {_OFTEN[why]}" if why in _OFTEN and times > 1 else (f"a {why}" if why in _OFTEN else why)
        for why, times in whys.items()
    ]
    return f"Not counted: {', '.join(named)}."


def _doubts(clock: Running) -> str:
    return " ".join(f"{day.day}: {day.why}." for day in clock.counted.days if day.counted and day.why)


def _standing(clock: Running, zone: ZoneInfo, now: datetime) -> str:
    if clock.met_at is not None:
        late = clock.due_at is not None and clock.met_at > clock.due_at
        return f"Done on {plain_day(clock.met_at.astimezone(zone).date())}{', late' if late else ''}."
    if clock.due_at is not None and now > clock.due_at:
        days = (now.astimezone(zone).date() - clock.due_at.astimezone(zone).date()).days
        over = f"for {days} days" if days > 1 else "since yesterday" if days else "since today"
        return f"Over {over}." if clock.rule.window else f"Overdue {over}."
    return ""
