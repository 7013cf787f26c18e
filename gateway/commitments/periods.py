"""Months and quarters that institutions report for, and the marks that follow from dates: late, stale, election."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.pack import Pack
from gateway.pack.promises import Election, Reporting

STALE_DAYS = 183
"""Calendar days without a word after which a promise is stale: OGP wants its repository refreshed twice a year."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month or a quarter of the calendar year, with its first and last day."""

    starts_on: date
    ends_on: date
    code: str

    @property
    def following(self) -> Period:
        return around(self.ends_on + timedelta(days=1), quarterly="Q" in self.code)


def around(day: date, *, quarterly: bool) -> Period:
    """The month or the quarter in which `day` lies."""
    first = day.month - (day.month - 1) % 3 if quarterly else day.month
    last = first + 2 if quarterly else first
    code = f"{day.year}-Q{(first + 2) // 3}" if quarterly else f"{day.year}-{first:02}"
    ends = date(day.year, last, calendar.monthrange(day.year, last)[1])
    return Period(date(day.year, first, 1), ends, code)


def named(code: str) -> Period:
    """The period with this code, `2026-11` or `2026-Q4`. Raises `ValueError` for any other text."""
    year, _, part = code.partition("-")
    month = int(part[1:]) * 3 - 2 if part.startswith("Q") else int(part)
    found = around(date(int(year), month, 1), quarterly=part.startswith("Q"))
    if found.code != code:
        raise ValueError(code)
    return found


def due_on(reporting: Reporting, period: Period) -> date:
    """The last day on which a report on `period` is in time."""
    return period.ends_on + timedelta(days=reporting.days)


def ended(reporting: Reporting, starts_on: date | None, ends_on: date | None, today: date) -> Iterator[Period]:
    """Every period over before `today` that a promise of these dates is reported for, the oldest first."""
    period = named(reporting.first)
    while period.ends_on < today and (ends_on is None or period.starts_on <= ends_on):
        if starts_on is None or period.ends_on >= starts_on:
            yield period
        period = period.following


def is_stale(last_word: date, today: date) -> bool:
    """Whether more than `STALE_DAYS` days passed without a word."""
    return (today - last_word).days > STALE_DAYS


def election_period(pack: Pack, day: date) -> Election | None:
    """The election period in which `day` lies: claims are then neither pushed nor put on posters."""
    return next((period for period in pack.elections if period.starts <= day <= period.ends), None)


def is_election(pack: Pack, now: datetime) -> bool:
    """Whether claims are not pushed just now."""
    return election_period(pack, now.astimezone(pack.about.zone).date()) is not None


def recent(reporting: Reporting, today: date, count: int) -> list[Period]:
    """The period of `today` and those before it, the newest first."""
    found = [around(today, quarterly=reporting.every == "quarterly")]
    while len(found) < count:
        found.append(around(found[-1].starts_on - timedelta(days=1), quarterly=reporting.every == "quarterly"))
    return found
