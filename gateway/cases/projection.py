"""`cases.due_at`: the next deadline of each case, kept beside it so that lists can sort and filter by it.

It is never decided here: it is what `deadlines.due_at` counts from the case's events, and a test recounts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import deadlines
from gateway.cases.models import Case, CaseEvent, DeadlineBasis
from gateway.cases.states import Status
from gateway.database import table_of
from gateway.ids import first_since, new_id
from gateway.pack import Pack
from gateway.words import mark

BATCH = 500
"""Cases recounted with one query for their events and one for what changed."""

OVER = frozenset({Status.CONFIRMED, Status.CLOSED_UNCONFIRMED, Status.REJECTED, Status.WITHDRAWN})
"""Where no deadline runs, so that no calendar can change one."""

_RECENT = timedelta(minutes=15)

SAID = 3
"""Changed days that are named."""


def project(session: Session, pack: Pack, case: Case, event: CaseEvent) -> None:
    """Set a case's `due_at` for an event that is about to be flushed with it, so that both are one new version."""
    with session.no_autoflush:
        marks = deadlines.marks_of(session, [(case.id, case.filed_at)])[case.id]
    case.due_at = deadlines.due_at(pack, case, [*marks, *deadlines.marks_in(event)])


def project_by_id(session: Session, pack: Pack, case: UUID) -> None:
    """Set the `due_at` of a case that is not at hand, without a new version: nobody changed it but the clock."""
    row = session.execute(sa.select(*_FACTS).where(Case.id == case)).all()
    _write(session, _moved(session, pack, row))


def recount_recent(session: Session, pack: Pack) -> int:
    """Recount the cases something happened to lately, for a verb that forgot to; how many were wrong."""
    lately = sa.select(CaseEvent.case_id).where(CaseEvent.id > first_since(_RECENT.total_seconds())).distinct()
    wrong, after = 0, None
    while batch := _batch(session, Case.id.in_(lately), after):
        changed = _moved(session, pack, batch)
        _write(session, changed)
        wrong, after = wrong + len(changed), batch[-1].id
    return wrong


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that another calendar puts on another day."""

    case: UUID
    before: datetime | None
    after: datetime | None


Work = Callable[[], AbstractContextManager[Session]]


def rebuild(work: Work, pack: Pack, now: datetime) -> int:
    """Recount every open case when the pack's calendar or clocks are not those of the last count; how many moved.

    Each case whose deadline moved gets an event that says from when to when, and why. A batch is one unit of `work`:
    memory and locks do not grow with the cases, and what breaks off is begun anew without telling anything twice.
    """
    with work() as session:
        known = session.get(DeadlineBasis, 1)
        why = _changes(known, _calendar_days(pack, now), _rules(pack))
    moved, after = 0, None
    while why:
        with work() as session:
            batch = _batch(session, Case.status.not_in([str(status) for status in OVER]), after)
            changed = _moved(session, pack, batch)
            _write(session, changed)
            if known is not None:
                _tell(session, pack, changed, why, now)
        if not batch:
            break
        moved, after = moved + len(changed), batch[-1].id
    with work() as session:
        values = {"calendar": _calendar_days(pack, now), "rules": _rules(pack), "rebuilt_at": now}
        statement = insert(DeadlineBasis).values(id=1, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    return moved


_FACTS = (Case.id, Case.kind, Case.category, Case.urgent, Case.filed_at, Case.due_at)


def _batch(session: Session, where: sa.ColumnElement[bool], after: UUID | None) -> Sequence[Any]:
    """The next cases, locked so that nobody moves them meanwhile."""
    statement = sa.select(*_FACTS).where(where).order_by(Case.id).limit(BATCH).with_for_update(of=Case)
    return session.execute(statement if after is None else statement.where(Case.id > after)).all()


def _moved(session: Session, pack: Pack, rows: Sequence[Any]) -> list[Moved]:
    marks = deadlines.marks_of(session, [(row.id, row.filed_at) for row in rows])
    counted = ((row, deadlines.due_at(pack, row, marks[row.id])) for row in rows)
    return [Moved(row.id, row.due_at, due) for row, due in counted if row.due_at != due]


_SET = sa.text("""
    UPDATE cases SET due_at = v.due_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v(id uuid, due_at timestamptz)
    WHERE cases.id = v.id
""")


def _write(session: Session, changed: Sequence[Moved]) -> None:
    if changed:
        rows = [{"id": str(one.case), "due_at": one.after.isoformat() if one.after else None} for one in changed]
        session.execute(_SET, {"rows": json.dumps(rows)})


def _tell(session: Session, pack: Pack, changed: Sequence[Moved], why: dict[str, Any], now: datetime) -> None:
    zone = pack.about.zone
    rows = [
        {
            "id": new_id(),
            "case_id": one.case,
            "at": now,
            "kind": "deadline_moved",
            "actor": "system",
            "audience": "department",
            "data": {
                "due_before": str(one.before.astimezone(zone).date()) if one.before else None,
                "due_after": str(one.after.astimezone(zone).date()) if one.after else None,
            }
            | why,
        }
        for one in changed
    ]
    if rows:
        session.execute(sa.insert(table_of(CaseEvent)), rows)


def _calendar_days(pack: Pack, now: datetime) -> dict[str, str]:
    """The holidays that open cases can meet: from last year to the year after next."""
    calendar = deadlines.calendar_of(pack)
    years = range(now.year - 1, now.year + 3)
    return {str(day): name for year in years for day, name in calendar.holidays(year).items()}


def _rules(pack: Pack) -> dict[str, str]:
    return {rule.code: f"{rule.limit} {rule.unit} {rule.begins} {rule.when} {rule.window}" for rule in pack.clocks}


def _changes(known: DeadlineBasis | None, calendar: dict[str, str], rules: dict[str, str]) -> dict[str, Any]:
    """What changed since the last count: holidays that came or went, the first few, else the rules. Empty for nothing.

    It is kept as data: the sentence is made in the language of whoever reads it.
    """
    if known is None:
        return {"why": mark("the deadlines were never counted")}
    before = known.calendar
    years = {day[:4] for day in before} & {day[:4] for day in calendar}
    came = [day for day in calendar if day not in before and day[:4] in years]
    went = [day for day in before if day not in calendar and day[:4] in years]
    if not came and not went:
        return {"why": mark("the time limits of the pack changed")} if known.rules != rules else {}
    came, went, many = came[:SAID], went[: max(0, SAID - len(came))], len(came) + len(went)
    said = {"came": {day: calendar[day] for day in came}, "went": went}
    return said | ({"more": many - SAID} if many > SAID else {})
