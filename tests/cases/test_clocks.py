"""Deadlines against days counted by hand. The dates are real; the arithmetic is beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.cases.clocks import Calendar, Pause, Unit, deadline, easter
from gateway.cases.deadlines import calendar_of
from gateway.pack import load
from tests.desk import Office

NAIROBI = ZoneInfo("Africa/Nairobi")
HOLIDAYS = {(1, 1): "New Year's Day", (6, 1): "Madaraka Day", (12, 12): "Jamhuri Day", (12, 25): "Christmas Day"} | {
    (12, 26): "Boxing Day"
}
KENYA = Calendar(NAIROBI, HOLIDAYS, roll_over_sunday=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NAIROBI)


LONG_AFTER = at("2030-01-01T00:00")


@pytest.mark.parametrize(
    ("start", "limit", "unit", "expected"),
    [
        # Mon 5 Jan 2026 + 21: the 26th, a Monday.
        ("2026-01-05T09:00", 21, "calendar_days", "2026-01-26"),
        # Late at night the day is still left out: the same end.
        ("2026-01-05T23:59", 21, "calendar_days", "2026-01-26"),
        # Sun 4 Jan + 21 is Sun 25 Jan: ends on Monday.
        ("2026-01-04T09:00", 21, "calendar_days", "2026-01-26"),
        # Fri 4 Dec 2026 + 21 is Christmas, a Friday; Boxing Day, a Saturday; Sunday: ends on Mon 28 Dec.
        ("2026-12-04T09:00", 21, "calendar_days", "2026-12-28"),
        # 21 Nov + 21 is Sat 12 Dec 2026, Jamhuri Day; 13 Dec is a Sunday: ends on Mon 14 Dec.
        ("2026-11-21T09:00", 21, "calendar_days", "2026-12-14"),
        # A Saturday that is no holiday may end a limit of calendar days: 3 Jan + 7 is Sat 10 Jan.
        ("2026-01-03T09:00", 7, "calendar_days", "2026-01-10"),
        # Five days or six: Sundays are not counted. Thu 8 Jan: 9, 10, (11), 12, 13, 14.
        ("2026-01-08T09:00", 5, "calendar_days", "2026-01-14"),
        # Working days: Fri 9 Jan + 3 is Mon, Tue, Wed 14 Jan.
        ("2026-01-09T09:00", 3, "working_days", "2026-01-14"),
        # Over Christmas 2026: Wed 23 Dec, then Thu 24; Fri and Sat are holidays, Sun; Mon 28, Tue 29.
        ("2026-12-23T09:00", 3, "working_days", "2026-12-29"),
        # Boxing Day 2027 is a Sunday and moves to Mon 27: Fri 24, Tue 28, Wed 29.
        ("2027-12-23T09:00", 3, "working_days", "2027-12-29"),
        # Madaraka Day 2025 was a Sunday: Mon 2 June was off. Fri 30 May + 1 is Tue 3 June.
        ("2025-05-30T09:00", 1, "working_days", "2025-06-03"),
    ],
)
def test_a_limit_ends_on_the_day_counted_by_hand(start: str, limit: int, unit: Unit, expected: str) -> None:
    counted = deadline(at(start), limit, unit, KENYA, now=LONG_AFTER)
    assert counted.due_at is not None
    assert counted.due_at.astimezone(NAIROBI) == at(f"{expected}T23:59:59")
    numbers = [day.counted for day in counted.days if day.counted]
    assert numbers == list(range(1, limit + 1)), "each counted day is listed once, numbered"
    assert counted.days[0].day == at(start).date() + timedelta(days=1)
    assert counted.days[-1].day == date.fromisoformat(expected)
    assert all(day.why for day in counted.days if not day.counted)


COUNTY = calendar_of(load("kakamega"))


@pytest.mark.parametrize(
    ("start", "limit", "unit", "expected"),
    [
        # Good Friday 2026 is 3 April: Fri 13 Mar + 21 is it, so the Saturday after, on which a limit of days may end.
        ("2026-03-13T09:00", 21, "calendar_days", "2026-04-04"),
        # Sun 22 Mar + 14 is Easter Sunday, 5 April; Easter Monday is a holiday: Tue 7 April.
        ("2026-03-22T09:00", 14, "calendar_days", "2026-04-07"),
        # Wed 1 Apr 2026 + 3 working days: Thu 2; Fri, Sat, Sun, Mon are out; Tue 7, Wed 8.
        ("2026-04-01T09:00", 3, "working_days", "2026-04-08"),
        # Easter 2025 was 20 April. Wed 16 + 3 working days: Thu 17; Fri 18 to Mon 21 are out; Tue 22, Wed 23.
        ("2025-04-16T09:00", 3, "working_days", "2025-04-23"),
        # Easter 2027 is 28 March. Wed 24 + 5: Thu 25; Fri 26 to Mon 29 are out; Tue 30, Wed 31, Thu 1, Fri 2 April.
        ("2027-03-24T09:00", 5, "working_days", "2027-04-02"),
        # The transfer's five days are six or less: Thu 2 Apr 2026, then Sat 4, Tue 7, Wed 8, Thu 9, Fri 10.
        ("2026-04-02T09:00", 5, "calendar_days", "2026-04-10"),
        # To tell of it there are seven, which are more than six: all count, Thu 9 April.
        ("2026-04-02T09:00", 7, "calendar_days", "2026-04-09"),
        # A day of mourning by notice of the day before: Wed 15 Oct 2025: Thu 16; Fri 17 out; Mon 20 Mashujaa; Tue, Wed.
        ("2025-10-15T09:00", 3, "working_days", "2025-10-22"),
        # Idd-ul-Fitr 2025 was gazetted for Mon 31 March: Fri 28 + 1 is Tue 1 April.
        ("2025-03-28T09:00", 1, "working_days", "2025-04-01"),
        # Idd-ul-Azha 2025 was Fri 6 June, and Madaraka Day moved to Mon 2: Fri 30 May: 3, 4, 5, Mon 9, Tue 10.
        ("2025-05-30T09:00", 5, "working_days", "2025-06-10"),
        # Idd-ul-Fitr 2026 is expected on Fri 20 March, not gazetted: it counts.
        ("2026-03-19T09:00", 1, "working_days", "2026-03-20"),
        # Mazingira Day 2027 is a Sunday, Mon 11 October is off: Fri 8 + 1 is Tue 12.
        ("2027-10-08T09:00", 1, "working_days", "2027-10-12"),
        # Sun 21 Nov 2027 + 21 is Sun 12 Dec, Jamhuri Day, moved to Mon 13: Tue 14.
        ("2027-11-21T09:00", 21, "calendar_days", "2027-12-14"),
        # 21 working days from Mon 1 Dec 2025: 2-5 (4), 8-11 (8), 12 Jamhuri, 15-19 (13), 22-24 (16), 25 and 26 out,
        # 29-31 (19), 1 Jan out, Fri 2 (20), Mon 5 Jan (21).
        ("2025-12-01T09:00", 21, "working_days", "2026-01-05"),
        # Extended: 21 and 14 more are 35 days; Tue 6 Jan 2026 + 35 is Tue 10 Feb.
        ("2026-01-06T10:00", 35, "calendar_days", "2026-02-10"),
        # Review in 30 days: Mon 26 Jan 2026 + 30 is Wed 25 Feb.
        ("2026-01-26T10:00", 30, "calendar_days", "2026-02-25"),
        # Ten days to confirm: Fri 2 Jan 2026 + 10 is Mon 12 Jan. From Thu 22 Jan it is Sun 1 Feb: Mon 2.
        ("2026-01-02T10:00", 10, "calendar_days", "2026-01-12"),
        ("2026-01-22T10:00", 10, "calendar_days", "2026-02-02"),
        # Christmas 2022 was a Sunday and Boxing Day the Monday, so Tuesday was off (gazetted so): Fri 23 + 1 is Wed 28.
        ("2022-12-23T09:00", 1, "working_days", "2022-12-28"),
    ],
)
def test_the_countys_calendar_against_days_counted_by_hand(start: str, limit: int, unit: Unit, expected: str) -> None:
    counted = deadline(at(start), limit, unit, COUNTY, now=LONG_AFTER)
    assert counted.due_at == at(f"{expected}T23:59:59")


def test_easter_by_the_almanac() -> None:
    known = {2008: (3, 23), 2011: (4, 24), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known


def test_a_holiday_only_expected_counts_and_says_so() -> None:
    counted = deadline(at("2026-03-19T09:00"), 1, "working_days", COUNTY, now=LONG_AFTER)
    assert [(day.counted, day.why) for day in counted.days] == [
        (1, "Idd-ul-Fitr is expected on this day but not gazetted, so it counts")
    ]


def test_a_pause_over_easter() -> None:
    # Asked Thu 2 Apr, answered Tue 7 at ten: Thursday ended in waiting. Tue 7 (1), 8, 9, 10, Mon 13 (5).
    pause = Pause(at("2026-04-02T10:00"), at("2026-04-07T10:00"))
    counted = deadline(at("2026-04-01T09:00"), 5, "working_days", COUNTY, pauses=[pause], now=LONG_AFTER)
    assert counted.due_at == at("2026-04-13T23:59:59")


def test_48_hours_run_through_a_weekend() -> None:
    assert deadline(at("2026-01-09T17:30"), 48, "hours", COUNTY, now=LONG_AFTER).due_at == at("2026-01-11T17:30")


def test_a_day_left_out_says_why() -> None:
    counted = deadline(at("2027-12-23T09:00"), 3, "working_days", KENYA, now=LONG_AFTER)
    assert [(day.day.day, day.counted, day.why) for day in counted.days] == [
        (24, 1, ""),
        (25, None, "Christmas Day"),
        (26, None, "Boxing Day"),
        (27, None, "Boxing Day, moved from Sunday"),
        (28, 2, ""),
        (29, 3, ""),
    ]


def test_hours_are_hours_and_a_pause_adds_its_length() -> None:
    start = at("2026-01-09T20:00")
    assert deadline(start, 48, "hours", KENYA, now=LONG_AFTER).due_at == at("2026-01-11T20:00")
    pause = Pause(at("2026-01-10T08:00"), at("2026-01-10T11:30"))
    assert deadline(start, 48, "hours", KENYA, pauses=[pause], now=LONG_AFTER).due_at == at("2026-01-11T23:30")


def test_days_that_ended_in_waiting_are_not_counted() -> None:
    # Asked on Tue 6 Jan, answered on Thu 8 Jan: the 6th and the 7th ended in waiting. 5 working days after Mon 5 Jan:
    # 8, 9, 12, 13, 14.
    pause = Pause(at("2026-01-06T10:00"), at("2026-01-08T10:00"))
    counted = deadline(at("2026-01-05T09:00"), 5, "working_days", KENYA, pauses=[pause], now=LONG_AFTER)
    assert counted.due_at == at("2026-01-14T23:59:59")
    assert [day.why for day in counted.days[:2]] == ["Waiting for the resident"] * 2


def test_while_the_resident_is_asked_there_is_no_end() -> None:
    pause = Pause(at("2026-01-06T10:00"), None)
    counted = deadline(at("2026-01-05T09:00"), 5, "working_days", KENYA, pauses=[pause], now=at("2026-01-08T12:00"))
    assert counted.due_at is None
    assert [day.day.day for day in counted.days] == [6, 7, 8]


LATER = {"complaint.confirm", "complaint.reopened"}
"""What starts only once it is said to be done."""


def test_a_case_shows_its_clocks(office: Office) -> None:
    filed = office.file()
    shown = office.get(f"/cases/{filed.serial}/clock")
    clocks = {clock["code"]: clock for clock in shown["clocks"]}
    assert set(clocks) == {"complaint.acknowledge", "complaint.triage", "complaint.answer", *LATER}
    triage = clocks["complaint.triage"]
    assert (triage["unit"], triage["limit"], triage["law"], triage["met_at"]) == ("working_days", 3, False, None)
    assert sum(day["counted"] is not None for day in triage["days"]) == 3
    assert shown["due_at"] == triage["due_at"]
    assert clocks["complaint.confirm"]["due_at"] is None
    assert "silence counts for nothing" in clocks["complaint.confirm"]["reason"]


def test_what_was_done_stops_its_clock(office: Office) -> None:
    filed = office.file()
    office.post(f"/cases/{filed.serial}/assign", {"department": "environment"})
    office.post(f"/cases/{filed.serial}/replies", {"text": "An answer"})
    shown = office.get(f"/cases/{filed.serial}/clock")
    met = {clock["code"] for clock in shown["clocks"] if clock["met_at"]}
    assert met == {"complaint.acknowledge", "complaint.triage", "complaint.answer"}
    assert (shown["due_at"], shown["reason"]) == (None, "No clock is running.")


def test_waiting_for_the_resident_holds_a_promise_but_not_the_law(office: Office) -> None:
    filed = office.file()
    office.change_case(filed.serial, status="assigned")
    office.post(f"/cases/{filed.serial}/transitions", {"to": "waiting_resident", "reason": "Which borehole?"})
    clocks = {clock["code"]: clock for clock in office.get(f"/cases/{filed.serial}/clock")["clocks"]}
    assert clocks["complaint.answer"]["due_at"] is None
    assert clocks["complaint.answer"]["reason"] == "It stands still while the resident is asked."


def test_a_request_waits_for_the_officer_of_the_law(office: Office) -> None:
    filed = office.file(kind="information", category="new")
    shown = office.get(f"/cases/{filed.serial}/clock")
    clocks = {clock["code"]: clock for clock in shown["clocks"]}
    decision = clocks["information.decision"]
    assert (decision["law"], decision["limit"], decision["due_at"]) == (True, 21, None)
    assert "information access officer" in decision["reason"]
    assert shown["due_at"] == clocks["information.forward"]["due_at"], "until then it is ours to hand it over"
    assert "information.life_or_liberty" not in clocks, "only where life or liberty is at stake"


def test_a_request_about_ones_own_data_has_a_clock_of_its_own(office: Office) -> None:
    filed = office.file(kind="information", category="my_data_erase")
    shown = office.get(f"/cases/{filed.serial}/clock")
    assert [clock["code"] for clock in shown["clocks"]] == ["my_data.erase"]
    office.post(f"/cases/{filed.serial}/assign", {"department": "environment"})
    office.post(f"/cases/{filed.serial}/transitions", {"to": "resolved", "reason": "Erased"})
    assert office.get(f"/cases/{filed.serial}/clock")["due_at"] is None


def test_praise_has_clocks_of_its_own(office: Office) -> None:
    filed = office.file(kind="feedback", category="praise")
    codes = {clock["code"] for clock in office.get(f"/cases/{filed.serial}/clock")["clocks"]}
    assert codes == {"feedback.triage", "feedback.answer", "feedback.confirm", "feedback.reopened"}


def test_times_are_given_in_utc(office: Office) -> None:
    clock = office.get(f"/cases/{office.file().serial}/clock")["clocks"][1]
    due = datetime.fromisoformat(clock["due_at"])
    assert due.tzinfo is not None
    assert due.utcoffset() == timedelta()
    assert due.astimezone(UTC).time().isoformat() == "20:59:59"
