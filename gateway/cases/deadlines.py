"""The clocks of one case: the pack's rules for it, started, paused and met by its events.

Everything here is computed from facts of the case and its events; `projection` keeps the next deadline beside the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.clocks import Calendar, Deadline, Pause, deadline
from gateway.cases.desk_models import Resolution
from gateway.cases.explaining import explain, why
from gateway.cases.models import Case, CaseEvent
from gateway.cases.schemas import ClockOut, ClocksOut, DayOut
from gateway.cases.states import Status
from gateway.pack import Pack
from gateway.pack.models import ClockRule, HolidaysFile
from gateway.words import Words, mark

S = Status

_DECIDED = frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN, S.CONFIRMED, S.CLOSED_UNCONFIRMED})

# What meets a limit, by the second half of the rule's code: the case arrives at one of these statuses, or is answered.
_MET_BY: dict[str, frozenset[str]] = {
    "acknowledge": frozenset({"filed"}),  # the receipt is on the screen that ends the filing
    "triage": frozenset(set(Status) - {S.RECEIVED, S.TRIAGE}),
    "forward": frozenset({"reached_officer", "transferred", *_DECIDED}),
    "answer": frozenset({"replied", S.REFERRED, *_DECIDED}),
    "reopened": frozenset({S.REFERRED, *_DECIDED}),
    "decision": _DECIDED,
    "life_or_liberty": _DECIDED,
    "extension": frozenset({"extended", *_DECIDED}),
    "transfer": frozenset({"transferred", *_DECIDED}),
    "transfer_told": frozenset({"transferred"}),  # the transfer itself tells the resident
    "access": frozenset({"replied", *_DECIDED}),
    "erase": _DECIDED,
    "confirm": frozenset({S.CONFIRMED, S.CLOSED_UNCONFIRMED, S.REOPENED}),
}

ANSWERS = frozenset({"answer", "reopened", "decision", "life_or_liberty", "access", "erase"})
"""The clocks that residents wait for, by the second half of the rule's code."""

_NOT_BEGUN = {
    "reached_officer": mark("It starts when the information access officer has the request; that is not recorded yet."),
    "resolved": mark(
        "It starts when the resident is known to have the question whether it is solved: delivered as an SMS, "
        "or seen under My cases. Until then silence counts for nothing."
    ),
    "reopened": mark("It starts when the case is opened again."),
    "decided": mark("It starts with the decision."),
    "decision_due": mark("It is asked for before the decision is due."),
}

_NOT_YET = mark("What it starts with has not happened.")

Marks = Sequence[tuple[str, datetime]]
"""What counts for clocks, in order: `filed`, `replied`, the status a case arrived at, or an event of the law."""

_STATUSES = frozenset(str(status) for status in Status)

_NAMED = frozenset({"replied", "reached_officer", "extended", "transferred", "deemed_refused"})
"""Events that are marks by their own name."""


class Subject(Protocol):
    """What of a case its rules depend on; a `Case` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def urgent(self) -> bool: ...
    @property
    def filed_at(self) -> datetime: ...


class Facts(NamedTuple):
    """A case not yet filed, or a row of one."""

    kind: str
    category: str
    urgent: bool
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """One clock of a case at a moment."""

    rule: ClockRule
    limit: int
    """The rule's limit, and the extension when there is one."""
    extended_by: int
    starts_at: datetime | None
    counted: Deadline
    met_at: datetime | None

    @property
    def due_at(self) -> Any:
        """The end as an instant, or None while there is none."""
        return self.counted.due_at

    @property
    def is_duty(self) -> bool:
        """Whether the office must do something by its end, and has not."""
        return self.due_at is not None and self.met_at is None and not self.rule.window

    @property
    def is_answer(self) -> bool:
        """Whether the resident waits for it."""
        return self.rule.code.rpartition(".")[2] in ANSWERS


_CALENDARS: dict[int, tuple[HolidaysFile, Calendar]] = {}
"""By the identity of a pack's holidays, which are kept here so that it stays theirs."""


def calendar_of(pack: Pack) -> Calendar:
    """The pack's closed days, put together once."""
    known = _CALENDARS.get(id(pack.holidays))
    if known is None:
        known = _CALENDARS[id(pack.holidays)] = (pack.holidays, _calendar(pack))
    return known[1]


def _calendar(pack: Pack) -> Calendar:
    holidays = pack.holidays.holidays
    named = {holiday.when: holiday.name.get("en", holiday.when) for holiday in holidays}
    return Calendar(
        zone=pack.about.zone,
        yearly={(int(one.day[:2]), int(one.day[3:])): named[one.when] for one in holidays if one.day},
        roll_over_sunday=pack.holidays.roll_over_sunday.value,
        easter={one.easter: named[one.when] for one in holidays if one.easter is not None},
        dated={one.on: named[one.when] for one in holidays if one.on and one.gazetted},
        awaited={one.on: named[one.when] for one in holidays if one.on and not one.gazetted},
    )


def running(pack: Pack, case: Subject, marks: Marks, now: datetime) -> list[Running]:
    """Every clock of a case, computed from its marks."""
    pauses = _pauses(marks)
    return [_clock(pack, rule, marks, pauses, now) for rule in rules(pack, case, marks)]


def due_at(pack: Pack, case: Subject, marks: Marks) -> datetime | None:
    """The next deadline the office must keep; None when none is running. What `cases.due_at` holds."""
    # The present is only for how many days of an open pause are listed.
    return min((clock.due_at for clock in running(pack, case, marks, case.filed_at) if clock.is_duty), default=None)


def first_due(pack: Pack, case: Subject) -> datetime | None:
    """The deadline of a case filed just now: as `due_at`, for which rules run from the filing is found out once."""
    began, calendar = case.filed_at, calendar_of(pack)
    ends = [deadline(began, rule.limit, rule.unit, calendar, now=began).due_at for rule in _from_filing(pack, case)]
    return min([end for end in ends if end], default=None)


_FROM_FILING: dict[tuple[int, str, str, bool], tuple[Sequence[ClockRule], list[ClockRule]]] = {}
"""By the identity of a pack's clocks, which are kept here so that it stays theirs, and what of a case rules look at."""


def _from_filing(pack: Pack, case: Subject) -> list[ClockRule]:
    """The rules of which the office must keep the end when a case was filed and nothing else happened yet."""
    key = (id(pack.clocks), case.kind, case.category, case.urgent)
    known = _FROM_FILING.get(key)
    if known is None:
        clocks = running(pack, case, [("filed", case.filed_at)], case.filed_at)
        known = _FROM_FILING[key] = (pack.clocks, [clock.rule for clock in clocks if clock.is_duty])
    return known[1]


def answer_due(pack: Pack, case: Subject, marks: Marks) -> datetime | None:
    """Until when the resident may expect an answer; None when no such clock runs."""
    clocks = running(pack, case, marks, case.filed_at)
    return min((clock.due_at for clock in clocks if clock.is_duty and clock.is_answer), default=None)


def clocks_of(session: Session, words: Words, case: Case, now: datetime) -> ClocksOut:
    """Every deadline of a case, with each day that was looked at, in the reader's language."""
    pack = words.pack
    marks = [*marks_of(session, [(case.id, case.filed_at)])[case.id], *_reached(session, case)]
    clocks = running(pack, case, marks, now)
    if not clocks:
        return ClocksOut(due_at=None, reason=words.say("The pack has no clock for such a case."), clocks=[])
    due = min((clock.due_at for clock in clocks if clock.is_duty), default=None)
    shown = [_shown(clock, words, explain(clock, words, now)) for clock in clocks]
    return ClocksOut(due_at=due, reason=None if due else words.say("No clock is running."), clocks=shown)


REACHED = "question_reached"
"""The mark from which the time to say whether it is solved counts: the question was delivered, or seen."""


def _reached(session: Session, case: Case) -> Marks:
    """Since when the resident knows the question of the last time that staff said it is done; none while unknown."""
    last = session.execute(
        sa.select(Resolution.reached_at).where(Resolution.case_id == case.id).order_by(Resolution.id.desc()).limit(1)
    ).first()
    return [(REACHED, last.reached_at)] if last and last.reached_at else []


def confirm_by(pack: Pack, case: Subject, now: datetime) -> date | None:
    """Until when the resident may say whether a case resolved now is solved; None when the pack sets no limit."""
    return _window(pack, case, "resolved", now)


def review_by(pack: Pack, case: Subject, now: datetime) -> date | None:
    """Until when a decision or refusal of now may be taken to review; None when the pack sets no limit."""
    return _window(pack, case, "decided", now)


def _window(pack: Pack, case: Subject, begins: str, now: datetime) -> date | None:
    rule = next((rule for rule in rules(pack, case, ()) if rule.begins == begins), None)
    if rule is None:
        return None
    counted = deadline(now, rule.limit, rule.unit, calendar_of(pack), now=now)
    return counted.due_at.astimezone(pack.about.zone).date() if counted.due_at else None


def rules(pack: Pack, case: Subject, marks: Marks) -> list[ClockRule]:
    """The rules that apply: those whose code begins like the case's category, else those that begin with its kind."""
    special = [rule for rule in pack.clocks if case.category.startswith(_profile(rule))]
    found = special or [rule for rule in pack.clocks if _profile(rule) == case.kind]
    return [rule for rule in found if _applies(rule, case, marks)]


def _applies(rule: ClockRule, case: Subject, marks: Marks) -> bool:
    if rule.categories and case.category not in rule.categories:
        return False
    return not rule.when or (case.urgent if rule.when == "urgent" else any(name == rule.when for name, _ in marks))


def _profile(rule: ClockRule) -> str:
    return rule.code.partition(".")[0]


def marks_of(session: Session, cases: Sequence[tuple[UUID, datetime]]) -> dict[UUID, list[tuple[str, datetime]]]:
    """The marks of cases, given as (id, filed at), in one query."""
    marks: dict[UUID, list[tuple[str, datetime]]] = {case: [("filed", filed_at)] for case, filed_at in cases}
    events = session.execute(
        sa.select(CaseEvent.case_id, CaseEvent.kind, CaseEvent.at, CaseEvent.data)
        .where(CaseEvent.case_id.in_(list(marks)))
        .order_by(CaseEvent.id)
    )
    for event in events:
        marks[event.case_id].extend(_marks(event.kind, event.at, event.data))
    return marks


def marks_in(event: CaseEvent) -> list[tuple[str, datetime]]:
    """The marks of one event, not yet in the database."""
    return list(_marks(event.kind, event.at, event.data))


def _marks(kind: str, at: datetime, data: Mapping[str, Any]) -> Iterable[tuple[str, datetime]]:
    """What one event means for clocks: its own name, the status it leads to, or both."""
    if kind in _NAMED:
        yield kind, datetime.fromisoformat(data["on"]) if "on" in data else at
    to = str(data.get("to"))
    if to in _STATUSES and data.get("from") != to:
        yield to, at


def _pauses(marks: Marks) -> list[Pause]:
    """The times a case waited for its resident."""
    moves = [mark for mark in marks if mark[0] in _STATUSES]
    ends: Iterable[datetime | None] = [*(at for _, at in moves[1:]), None]
    return [Pause(at, until) for (status, at), until in zip(moves, ends, strict=False) if status == S.WAITING_RESIDENT]


def _clock(pack: Pack, rule: ClockRule, marks: Marks, pauses: list[Pause], now: datetime) -> Running:
    starts_at = _start(rule.begins, marks)
    more = _extension(pack, rule, marks)
    counted = Deadline(None)
    if starts_at is not None:
        # A limit of law does not wait for the resident; a promise of service does.
        standing = [] if rule.law else pauses
        counted = deadline(starts_at, rule.limit + more, rule.unit, calendar_of(pack), pauses=standing, now=now)
    return Running(rule, rule.limit + more, more, starts_at, counted, _met(rule, marks, starts_at))


def _start(begins: str, marks: Marks) -> datetime | None:
    """When a rule starts. Of several dates for day zero the first counts: the stricter reading."""
    if begins == "reached_officer":
        return min((at for name, at in marks if name == begins), default=None)
    if begins == "resolved":  # silence counts from here, as `resolution` closes on it
        begins = REACHED
    names = {"received": {"filed"}, "decided": {S.RESOLVED, S.REJECTED, "deemed_refused"}}.get(begins, {begins})
    return next((at for name, at in reversed(marks) if name in names), None)


def _extension(pack: Pack, rule: ClockRule, marks: Marks) -> int:
    """By how many of its units a decision's clock was extended, once."""
    if not rule.code.endswith(".decision") or not any(name == "extended" for name, _ in marks):
        return 0
    extension = extension_rule(pack, _profile(rule))
    return extension.limit if extension else 0


def extended(pack: Pack, clock: Running, rule: ClockRule, now: datetime) -> datetime:
    """When a running decision's clock would end, extended by `rule`."""
    if clock.starts_at is None:
        raise ValueError("the clock has not begun")
    longer = deadline(clock.starts_at, clock.limit + rule.limit, clock.rule.unit, calendar_of(pack), now=now)
    if longer.due_at is None:
        raise ValueError("a limit of law does not wait")
    return longer.due_at


def extension_rule(pack: Pack, profile: str) -> ClockRule | None:
    """The pack's rule for a longer time, if the law knows one."""
    return next((rule for rule in pack.clocks if rule.code == f"{profile}.extension"), None)


def _met(rule: ClockRule, marks: Marks, starts_at: datetime | None) -> datetime | None:
    met_by = _MET_BY.get(rule.code.rpartition(".")[2], frozenset())
    return next((at for mark, at in marks if starts_at and at >= starts_at and mark in met_by), None)


def _shown(clock: Running, words: Words, explained: str) -> ClockOut:
    rule = clock.rule
    return ClockOut(
        code=rule.code,
        name=words.label(rule.name) or rule.code,
        limit=clock.limit,
        extended_by=clock.extended_by,
        unit=rule.unit,
        law=rule.law,
        window=rule.window,
        confirmed=rule.confirmed,
        source=rule.source,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        met_at=clock.met_at,
        reason=_why_none(clock, words),
        explained=explained,
        days=[DayOut(day=day.day, counted=day.counted, why=why(day.why, words)) for day in clock.counted.days],
    )


def _why_none(clock: Running, words: Words) -> str | None:
    if clock.starts_at is None:
        said = _NOT_BEGUN.get(clock.rule.begins, _NOT_YET)
        return words.say(said)
    return None if clock.due_at else words.say("It stands still while the resident is asked.")
