"""The clocks of one case: the pack's rules for it, started, paused and met by its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.clocks import Calendar, Deadline, Pause, deadline
from gateway.cases.models import Case, CaseEvent
from gateway.cases.schemas import ClockOut, ClocksOut, DayOut
from gateway.cases.states import Status
from gateway.pack import Pack
from gateway.pack.models import ClockRule

S = Status

# What meets a limit, by the second half of the rule's code: the case arrives at one of these statuses, or is answered.
_MET_BY: dict[str, frozenset[str]] = {
    "acknowledge": frozenset({"filed"}),  # the receipt is on the screen that ends the filing
    "triage": frozenset(set(Status) - {S.RECEIVED, S.TRIAGE}),
    "answer": frozenset({"replied", S.RESOLVED, S.REJECTED, S.REFERRED, S.WITHDRAWN}),
    "decision": frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    "confirm": frozenset({S.CONFIRMED, S.CLOSED_UNCONFIRMED, S.REOPENED}),
}

_NOT_BEGUN = {
    "reached_officer": "It starts when the information access officer has the request; that is not recorded yet.",
    "resolved": "It starts when the case is resolved.",
    "decided": "It starts with the decision.",
    "decision_due": "It starts when the decision is due.",
}


def calendar_of(pack: Pack) -> Calendar:
    """The pack's closed days."""
    yearly = {
        (int(holiday.day[:2]), int(holiday.day[3:])): holiday.name.get("en", holiday.day)
        for holiday in pack.holidays.holidays
    }
    return Calendar(pack.about.zone, yearly, pack.holidays.roll_over_sunday.value)


def clocks_of(session: Session, pack: Pack, case: Case, now: datetime) -> ClocksOut:
    """Every deadline of a case, computed from its events."""
    events = session.execute(
        sa.select(CaseEvent.kind, CaseEvent.at, CaseEvent.data)
        .where(CaseEvent.case_id == case.id, CaseEvent.kind.in_(("filed", "replied", "assigned", "moved")))
        .order_by(CaseEvent.id)
    ).all()
    rules = _rules(pack, case)
    if not rules:
        return ClocksOut(due_at=None, reason=f"The pack has no clock for a case of kind {case.kind}.", clocks=[])
    marks = _marks(case, events)
    clocks = [_clock(rule, marks, _pauses(marks), calendar_of(pack), now) for rule in rules]
    running = [clock.due_at for clock in clocks if clock.due_at and clock.met_at is None]
    return ClocksOut(
        due_at=min(running, default=None), reason=None if running else "No clock is running.", clocks=clocks
    )


def confirm_by(pack: Pack, case: Case, now: datetime) -> date | None:
    """Until when the resident may say whether a case resolved now is solved; None when the pack sets no limit."""
    rule = next((rule for rule in _rules(pack, case) if rule.begins == "resolved"), None)
    if rule is None:
        return None
    counted = deadline(now, rule.limit, rule.unit, calendar_of(pack), now=now)
    return counted.due_at.astimezone(pack.about.zone).date() if counted.due_at else None


def _rules(pack: Pack, case: Case) -> list[ClockRule]:
    """The rules whose code begins like the case's category, else those that begin with its kind."""
    special = [rule for rule in pack.clocks if case.category.startswith(_profile(rule))]
    return special or [rule for rule in pack.clocks if _profile(rule) == case.kind]


def _profile(rule: ClockRule) -> str:
    return rule.code.partition(".")[0]


Marks = list[tuple[str, datetime]]
"""What counts for clocks, in order: `filed`, `replied`, or the status a case arrived at."""


def _marks(case: Case, events: Sequence[sa.Row[str, datetime, dict[str, str]]]) -> Marks:
    marks: Marks = [("filed", case.filed_at)]
    for event in events:
        if event.kind == "replied":
            marks.append(("replied", event.at))
        elif event.kind != "filed" and event.data["from"] != event.data["to"]:
            marks.append((event.data["to"], event.at))
    return marks


def _pauses(marks: Marks) -> list[Pause]:
    """The times a case waited for its resident."""
    moves = [mark for mark in marks if mark[0] not in ("filed", "replied")]
    ends: Iterable[datetime | None] = [*(at for _, at in moves[1:]), None]
    return [Pause(at, until) for (status, at), until in zip(moves, ends, strict=False) if status == S.WAITING_RESIDENT]


def _clock(rule: ClockRule, marks: Marks, pauses: list[Pause], calendar: Calendar, now: datetime) -> ClockOut:
    starts_at = _last(marks, "filed" if rule.begins == "received" else rule.begins)
    counted = Deadline(None)
    if starts_at is not None:
        # A limit of law does not wait for the resident; a promise of service does.
        standing = [] if rule.law else pauses
        counted = deadline(starts_at, rule.limit, rule.unit, calendar, pauses=standing, now=now)
    return ClockOut(
        code=rule.code,
        name=rule.name.get("en", rule.code),
        limit=rule.limit,
        unit=rule.unit,
        law=rule.law,
        confirmed=rule.confirmed,
        source=rule.source,
        starts_at=starts_at,
        due_at=counted.due_at,
        met_at=_met(rule, marks, starts_at),
        reason=_why_none(rule, starts_at, counted),
        days=[DayOut(day=day.day, counted=day.counted, why=day.why) for day in counted.days],
    )


def _last(marks: Marks, name: str) -> datetime | None:
    return next((at for mark, at in reversed(marks) if mark == name), None)


def _met(rule: ClockRule, marks: Marks, starts_at: datetime | None) -> datetime | None:
    met_by = _MET_BY.get(rule.code.rpartition(".")[2], frozenset())
    return next((at for mark, at in marks if starts_at and at >= starts_at and mark in met_by), None)


def _why_none(rule: ClockRule, starts_at: datetime | None, counted: Deadline) -> str | None:
    if starts_at is None:
        return _NOT_BEGUN.get(rule.begins, f"It starts with {rule.begins}, which has not happened.")
    return None if counted.due_at else "It stands still while the resident is asked."
