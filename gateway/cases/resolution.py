"""The resident decides: whether a case is solved is asked, and silence counts only where the question was heard.

Each time staff say that a case is done is a row of its own (`Resolution`). Silence counts from when the question was
delivered as an SMS or shown under My cases; where neither is known, the case stays resolved and is reported apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.clocks import deadline
from gateway.cases.deadlines import calendar_of
from gateway.cases.desk_models import Resolution
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import CLOSED, SAID_DONE, Status
from gateway.ids import new_id
from gateway.messaging.models import Message
from gateway.messaging.states import State
from gateway.pack import Pack
from gateway.pack.models import ClockRule, Rung

AT_ONCE = 500
"""Cases that one transaction of the clock process closes."""

_OPEN = Resolution.ended_at.is_(None)


def arrive(case: Case, to: Status, now: datetime) -> None:
    """The case has a new status; what follows from the status alone follows."""
    case.status = to
    case.closed_at = now if to in CLOSED else None


def begin(session: Session, cases: Iterable[UUID], now: datetime, *, staff: UUID | None, evidence: bool) -> None:
    """Staff say that these cases are done; their residents are asked."""
    rows = [
        {"id": new_id(), "case_id": case, "at": now, "staff_id": staff, "evidence": evidence, "reached_at": None}
        for case in cases
    ]
    if rows:
        session.execute(insert(Resolution), rows)


def take_back(session: Session, cases: Iterable[UUID], now: datetime) -> None:
    """The question is over without an answer: staff opened the case again."""
    _change(session, sa.and_(Resolution.case_id.in_(list(cases)), _OPEN), ended_at=now, ended_by="staff")


def _change(session: Session, which: sa.ColumnElement[bool], **values: object) -> None:
    statement = sa.update(Resolution).where(which).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))


def seen(session: Session, case: UUID, now: datetime) -> None:
    """The question is on the resident's screen."""
    unreached = sa.and_(Resolution.case_id == case, _OPEN, Resolution.reached_at.is_(None))
    _change(session, unreached, reached_at=now, reached_by="menu")


def answered(session: Session, case: UUID, answer: str, now: datetime) -> str | None:
    """The resident's word on the last time the case was said to be done; what it was before, if it is corrected."""
    last = session.scalar(
        sa.select(Resolution).where(Resolution.case_id == case).order_by(Resolution.id.desc()).limit(1)
    )
    if last is None:
        return None
    before: str | None = last.answer
    last.answer, last.answered_at, last.ended_at, last.ended_by = answer, now, now, "resident"
    if last.reached_at is None:
        last.reached_at, last.reached_by = now, "menu"  # who answers has read it
    session.flush()
    return before


def may_reopen(pack: Pack, case: Case, now: datetime) -> bool:
    """Whether its resident may open it again: free, for the pack's number of days after it was closed."""
    if case.status == Status.RESOLVED:
        return True
    if case.status not in SAID_DONE:
        return False
    return case.closed_at is None or now <= case.closed_at + timedelta(days=pack.desk.reopening.days)


def rung_of(pack: Pack, case: Case) -> Rung:
    """Where on the ladder the case is; the last rung for one that climbed higher than the pack now has."""
    return pack.desk.rungs[min(case.rung, len(pack.desk.rungs) - 1)]


def climb(pack: Pack, case: Case) -> Rung:
    """One rung up, as far as there is one."""
    case.rung = min(case.rung + 1, len(pack.desk.rungs) - 1)
    return rung_of(pack, case)


def step_down(case: Case) -> None:
    """The climb was a mistake: one rung down."""
    case.rung = max(case.rung - 1, 0)


def note_delivered(session: Session) -> None:
    """Since when each question is known, from the delivery reports of its SMS. One statement."""
    asked = (
        sa.select(Message.case_id, sa.func.min(Message.final_at).label("at"), Resolution.id.label("resolution"))
        .join(Resolution, Resolution.case_id == Message.case_id)
        .where(
            Message.template == "solved",
            Message.state == State.DELIVERED,
            Message.owed_at >= Resolution.at,
            Resolution.reached_at.is_(None),
            _OPEN,
        )
        .group_by(Message.case_id, Resolution.id)
        .subquery()
    )
    _change(session, Resolution.id == asked.c.resolution, reached_at=asked.c.at, reached_by="sms")


def confirm_rule(pack: Pack, kind: str, category: str) -> ClockRule | None:
    """How long the resident has to answer: the rule of the category, of the kind, else of complaints."""
    rules = [rule for rule in pack.clocks if rule.code.endswith(".confirm")]
    for profile in (category, kind, "complaint"):
        found = next((rule for rule in rules if profile.startswith(rule.code.partition(".")[0])), None)
        if found is not None:
            return found
    return None


def silent_until(pack: Pack, kind: str, category: str, reached_at: datetime, now: datetime) -> datetime | None:
    """Until when a resident reached then may answer before silence closes it; None when the pack sets no limit."""
    rule = confirm_rule(pack, kind, category)
    return deadline(reached_at, rule.limit, rule.unit, calendar_of(pack), now=now).due_at if rule else None


def close_silent(session: Session, pack: Pack, now: datetime) -> int:
    """Close, unconfirmed, what its resident was reached about and did not answer in time; how many, 500 at most."""
    shortest = min((_at_least(rule) for rule in pack.clocks if rule.code.endswith(".confirm")), default=None)
    if shortest is None:
        return 0
    candidates = session.execute(
        sa.select(Resolution.id, Resolution.case_id, Resolution.reached_at, Case.kind, Case.category)
        .join(Case, Case.id == Resolution.case_id)
        .where(_OPEN, Resolution.reached_at < now - shortest, Case.status == Status.RESOLVED)
        .order_by(Resolution.reached_at)
        .limit(AT_ONCE)
        .with_for_update(of=(Case, Resolution), skip_locked=True)
    ).all()
    over = [row for row in candidates if _is_over(pack, row, now)]
    if over:
        _close(session, over, now)
    return len(over)


def _at_least(rule: ClockRule) -> timedelta:
    """No clock of this limit ends sooner: what began later need not be looked at."""
    return timedelta(hours=rule.limit) if rule.unit == "hours" else timedelta(days=rule.limit)


def _is_over(pack: Pack, row: sa.Row[UUID, UUID, datetime, str, str], now: datetime) -> bool:
    until = silent_until(pack, row.kind, row.category, row.reached_at, now)
    return until is not None and until < now


def _close(session: Session, over: list[sa.Row[UUID, UUID, datetime, str, str]], now: datetime) -> None:
    to = Status.CLOSED_UNCONFIRMED
    _change(session, Resolution.id.in_([row.id for row in over]), ended_at=now, ended_by="silence")
    session.execute(
        sa.update(Case)
        .where(Case.id.in_([row.case_id for row in over]))
        .values(status=to, closed_at=now, version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )
    data = {"from": Status.RESOLVED, "to": to}
    session.execute(
        insert(CaseEvent),
        [
            {
                "id": new_id(),
                "case_id": row.case_id,
                "at": now,
                "kind": "moved",
                "actor": "system",
                "audience": "resident",
                "data": data | {"reached_at": row.reached_at.isoformat()},
            }
            for row in over
        ],
    )
