"""Deadlines that explain themselves: pure functions from an instant, a limit and a calendar to each counted day.

Days are counted as the Interpretation and General Provisions Act (Cap. 2), section 57, is understood: the day of the
event is left out; a limit whose last day is a Sunday or a public holiday ends on the next day that is neither; a limit
of six days or less does not count Sundays and holidays. To be confirmed by the county's counsel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["hours", "calendar_days", "working_days"]

SATURDAY, SUNDAY = 5, 6
_SHORT = 6

SATURDAY_SAID, SUNDAY_SAID, WAITING = "Saturday", "Sunday", "Waiting for the resident"
LAST_DAY = "The last day was a rest day: "
MOVED = ", moved from Sunday"
AWAITED = " is expected on this day but not gazetted, so it counts"
"""Why a day is not counted, in English; `explaining` says the same in the reader's language."""
_DAY = timedelta(days=1)
_REMEMBERED = 4096
"""Counts a calendar keeps: some months of filings under every rule of a pack."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are closed in one jurisdiction. `yearly` is holidays by (month, day)."""

    zone: ZoneInfo
    yearly: Mapping[tuple[int, int], str]
    roll_over_sunday: bool
    """A holiday on a Sunday makes the next day that is none a holiday too (Kenya: Public Holidays Act, section 4)."""
    easter: Mapping[int, str] = field(default_factory=dict)
    """Holidays by so many days after Easter Sunday."""
    dated: Mapping[date, str] = field(default_factory=dict)
    """Holidays of one year alone, as gazetted."""
    awaited: Mapping[date, str] = field(default_factory=dict)
    """Holidays that are expected on a day but not gazetted: such a day counts until they are."""
    _years: dict[int, dict[date, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _counted: dict[tuple[date, int, Unit], Deadline] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Limits counted without a pause, by the day they were counted from: a day's filings all count the same."""

    def holiday(self, day: date) -> str:
        """The holiday's name, empty when it is none."""
        return self.holidays(day.year).get(day, "")

    def holidays(self, year: int) -> Mapping[date, str]:
        """The holidays of a year, those moved from a Sunday among them."""
        if year not in self._years:
            self._years[year] = self._of(year)
        return self._years[year]

    def _of(self, year: int) -> dict[date, str]:
        named = {day: name for (month, number), name in self.yearly.items() if (day := _day(year, month, number))}
        named |= {easter(year) + offset * _DAY: name for offset, name in self.easter.items()}
        named |= {day: name for day, name in self.dated.items() if day.year == year}
        if self.roll_over_sunday:
            for day in sorted(day for day in named if day.weekday() == SUNDAY):
                free = day + _DAY
                while free in named:
                    free += _DAY
                named[free] = f"{named[day]}{MOVED}"
        return dict(sorted(named.items()))

    def rest(self, day: date) -> str:
        """Why no limit ends on this day: a Sunday or a holiday. Empty when one may."""
        return self.holiday(day) or (SUNDAY_SAID if day.weekday() == SUNDAY else "")

    def closed(self, day: date) -> str:
        """Why this is no working day, empty when it is one."""
        return self.rest(day) or (SATURDAY_SAID if day.weekday() == SATURDAY else "")

    def doubt(self, day: date) -> str:
        """What is expected on a day that counts all the same; empty for most."""
        expected = self.awaited.get(day)
        return f"{expected}{AWAITED}" if expected else ""


def _day(year: int, month: int, day: int) -> date | None:
    """A day of a year; None for 29 February in a year without it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus, as in Meeus, Astronomical Algorithms)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    leap, odd = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clock stands still; `until` is None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day looked at: its number in the count, or why it is not counted; of a counted one, what is in doubt."""

    day: date
    counted: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a limit ends and the days that led there; `due_at` is None while a pause keeps it open."""

    due_at: datetime | None
    days: tuple[Day, ...] = ()


def deadline(
    start: datetime, limit: int, unit: Unit, calendar: Calendar, *, pauses: Sequence[Pause] = (), now: datetime
) -> Deadline:
    """When `limit` units after `start` are over. While a pause lasts there is no end; days are listed up to `now`."""
    if unit == "hours":
        return _hours(start, limit, pauses)
    first = start.astimezone(calendar.zone).date()
    if pauses:
        return _count(first, limit, unit, calendar, pauses, now)
    known = calendar._counted.get((first, limit, unit))
    if known is None:
        if len(calendar._counted) >= _REMEMBERED:
            calendar._counted.clear()
        known = calendar._counted[first, limit, unit] = _count(first, limit, unit, calendar, pauses, now)
    return known


def _count(first: date, limit: int, unit: Unit, calendar: Calendar, pauses: Sequence[Pause], now: datetime) -> Deadline:
    days: list[Day] = []
    counted = 0
    for day in _days_after(first):
        why = _uncounted(day, limit, unit, calendar, pauses)
        if not why and counted < limit:
            counted += 1
            days.append(Day(day, counted, calendar.doubt(day)))
        elif counted < limit:
            days.append(Day(day, None, why))
        if counted == limit:
            return _ended(day, days, unit, calendar)
        if _open(pauses) and day >= now.astimezone(calendar.zone).date():
            break
    return Deadline(None, tuple(days))


def _hours(start: datetime, limit: int, pauses: Sequence[Pause]) -> Deadline:
    if _open(pauses):
        return Deadline(None)
    stood = sum((pause.until - pause.since for pause in pauses if pause.until), timedelta())
    return Deadline((start + timedelta(hours=limit) + stood).astimezone(UTC))


def _open(pauses: Sequence[Pause]) -> bool:
    return any(pause.until is None for pause in pauses)


def _days_after(day: date) -> Iterator[date]:
    while True:
        day += _DAY
        yield day


def _uncounted(day: date, limit: int, unit: Unit, calendar: Calendar, pauses: Sequence[Pause]) -> str:
    """Why a day is left out of the count, empty when it counts."""
    if unit == "working_days" and (why := calendar.closed(day)):
        return why
    if unit == "calendar_days" and limit <= _SHORT and (why := calendar.rest(day)):
        return why
    end = _end(day, calendar.zone)
    if any(pause.since <= end and (pause.until is None or end < pause.until) for pause in pauses):
        return WAITING
    return ""


def _ended(last: date, days: list[Day], unit: Unit, calendar: Calendar) -> Deadline:
    """The end of the last counted day, or of the next day on which a limit may end."""
    while unit == "calendar_days" and (why := calendar.rest(last)):
        last += _DAY
        days.append(Day(last, None, f"{LAST_DAY}{why}"))
    return Deadline(_end(last, calendar.zone).astimezone(UTC), tuple(days))


def _end(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59), zone)
