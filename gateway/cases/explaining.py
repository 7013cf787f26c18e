"""A clock in a few sentences: from when, how many days, which were left out, and how it stands."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

from gateway.cases import clocks
from gateway.words import Words, mark

if TYPE_CHECKING:
    from gateway.cases.deadlines import Running

_UNITS = {
    "hours": mark("{count} hours"),
    "calendar_days": mark("{count} calendar days"),
    "working_days": mark("{count} working days"),
}

_LIMITS = {
    True: mark("{limit} (by law) from {start}"),
    False: mark("{limit} (promised) from {start}"),
}

_OFTEN = {
    clocks.SATURDAY_SAID: mark("Saturdays: {count}"),
    clocks.SUNDAY_SAID: mark("Sundays: {count}"),
    clocks.WAITING: mark("days waiting for the resident: {count}"),
}

_WHYS = {
    clocks.SATURDAY_SAID: mark("Saturday"),
    clocks.SUNDAY_SAID: mark("Sunday"),
    clocks.WAITING: mark("Waiting for the resident"),
}


def explain(clock: Running, words: Words, now: datetime) -> str:
    """How this deadline was counted, for staff. Empty while the clock has not begun."""
    if clock.starts_at is None:
        return ""
    said = [_limit(clock, clock.starts_at, words), _left_out(clock, words), _doubts(clock, words)]
    said.append(_standing(clock, words, now))
    return " ".join(sentence for sentence in said if sentence)


def plain_day(day: date) -> str:
    """`Monday 26 January 2026`, in English."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def why(said: str, words: Words) -> str:
    """Why a day is not counted, or what is in doubt about it, as `clocks` says it, in the reader's language."""
    if not said:
        return ""
    if said.startswith(clocks.LAST_DAY):
        return words.say("The last day was a rest day: {why}", why=why(said.removeprefix(clocks.LAST_DAY), words))
    if said.endswith(clocks.MOVED):
        return words.say("{holiday}, moved from Sunday", holiday=words.holiday(said.removesuffix(clocks.MOVED)))
    if said.endswith(clocks.AWAITED):
        holiday = words.holiday(said.removesuffix(clocks.AWAITED))
        return words.say("{holiday} is expected on this day but not gazetted, so it counts", holiday=holiday)
    return words.say(_WHYS[said]) if said in _WHYS else words.holiday(said)


def _moment(moment: datetime, words: Words, unit: str) -> str:
    """A day in words, and the hour too where hours are counted."""
    return f"{words.whole_day(moment)}, {words.hour(moment)}" if unit == "hours" else words.whole_day(moment)


def _limit(clock: Running, start: datetime, words: Words) -> str:
    rule = clock.rule
    limit = words.say(_UNITS[rule.unit], count=clock.limit)
    if clock.extended_by:
        first = words.say(_UNITS[rule.unit], count=clock.limit - clock.extended_by)
        limit = words.say("{limit} and {more} more", limit=first, more=clock.extended_by)
    since = words.say(_LIMITS[rule.law], limit=limit, start=_moment(start, words, rule.unit))
    if rule.unit != "hours":
        since = words.say("{since}, that day left out", since=since)
    if clock.due_at is None:
        counted = sum(day.counted is not None for day in clock.counted.days)
        return words.say(
            "{since}. It stands still while the resident is asked; days counted so far: {counted}.",
            since=since,
            counted=counted,
        )
    return words.say("{since}: until {end}.", since=since, end=_moment(clock.due_at, words, rule.unit))


def _left_out(clock: Running, words: Words) -> str:
    whys = Counter(day.why.removeprefix(clocks.LAST_DAY) for day in clock.counted.days if not day.counted)
    if not whys:
        return ""
    named = [
        words.say(_OFTEN[said], count=times) if said in _OFTEN and times > 1 else why(said, words)
        for said, times in whys.items()
    ]
    return words.say("Not counted: {days}.", days=", ".join(named))


def _doubts(clock: Running, words: Words) -> str:
    doubtful = [day for day in clock.counted.days if day.counted and day.why]
    return " ".join(f"{words.day(day.day)}: {why(day.why, words)}." for day in doubtful)


def _standing(clock: Running, words: Words, now: datetime) -> str:
    if clock.met_at is not None:
        day = words.whole_day(clock.met_at)
        late = clock.due_at is not None and clock.met_at > clock.due_at
        return words.say("Done on {day}, late.", day=day) if late else words.say("Done on {day}.", day=day)
    if clock.due_at is None or now <= clock.due_at:
        return ""
    days = words.days_between(clock.due_at, now)
    if clock.rule.window:
        return words.say("Its time is over; days since: {days}.", days=days)
    return words.say("Overdue; days since: {days}.", days=days) if days else words.say("Overdue since today.")
