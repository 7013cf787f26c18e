"""What waits for somebody at the desk: each as a condition on cases, counted in one query, listed oldest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from gateway.cases.models import IS_OPEN, Case, CaseEvent
from gateway.cases.states import Status
from gateway.cases.visibility import visible_to
from gateway.messaging.models import Message
from gateway.messaging.states import State
from gateway.staff.models import Staff

MOST = 1000
"""Counted up to here: beyond, the number helps nobody and costs a scan."""

LOST_FOR = timedelta(days=30)
"""A text that did not arrive is of interest for so long."""


class Waiting(StrEnum):
    """The reasons, in the order of the to-do list."""

    NOT_DELIVERED = "not_delivered"
    """A text about the case did not arrive, and nobody of the desk has done anything since."""
    NEW = "new"
    """Nobody has it yet."""
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    NOT_SOLVED = "not_solved"
    """The resident said it is not solved, or it was opened again on review."""
    REPLIED = "replied"
    """The resident wrote, and nobody has answered or done anything since."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases wait for one reason; `more` when there are more than were counted."""

    reason: Waiting
    count: int
    more: bool


def condition(reason: Waiting, now: datetime, zone: ZoneInfo) -> sa.ColumnElement[bool]:
    """Which cases wait for this reason at `now`, for a list by age; days end at midnight in `zone`."""
    return (_overdue_by_age if reason is Waiting.OVERDUE else _CONDITIONS[reason])(now, zone)


def counts(session: Session, staff: Staff, now: datetime, zone: ZoneInfo) -> list[Count]:
    """How many cases that `staff` sees wait for each reason: one query whatever their number."""
    asked = [_count(staff, _CONDITIONS[reason](now, zone)).label(reason) for reason in Waiting]
    row = session.execute(sa.select(*asked)).one()
    return [Count(reason, min(found, MOST), found > MOST) for reason, found in zip(Waiting, row, strict=True) if found]


def _count(staff: Staff, waits: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    some = visible_to(staff).where(waits).with_only_columns(Case.id).limit(MOST + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _new(*_: object) -> sa.ColumnElement[bool]:
    return sa.and_(Case.status.in_((Status.RECEIVED, Status.TRIAGE)), Case.assignee_id.is_(None))


def _overdue(now: datetime, _: ZoneInfo) -> sa.ColumnElement[bool]:
    return sa.and_(Case.due_at < now, IS_OPEN)


def _overdue_by_age(now: datetime, _: ZoneInfo) -> sa.ColumnElement[bool]:
    """Written so that `ix_cases_due` does not answer it: from there Postgres, which thinks that few are overdue, sorts
    all of them by age, while a walk along `ix_cases_open` ends after a page.
    """
    return sa.and_(sa.func.coalesce(Case.due_at, sa.literal_column("'infinity'::timestamptz")) < now, IS_OPEN)


def _due_today(now: datetime, zone: ZoneInfo) -> sa.ColumnElement[bool]:
    local = now.astimezone(zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    return sa.and_(Case.due_at >= now, Case.due_at < midnight, IS_OPEN)


def _not_solved(*_: object) -> sa.ColumnElement[bool]:
    return Case.status == Status.REOPENED


def _not_delivered(now: datetime, _: ZoneInfo) -> sa.ColumnElement[bool]:
    """By the messages: few fail. A case that somebody has dealt with since waits no more."""
    after = aliased(CaseEvent)
    dealt_with = sa.exists().where(
        after.case_id == Message.case_id, after.actor == sa.literal_column("'staff'"), after.at > Message.final_at
    )
    lost = sa.select(Message.case_id).where(
        Message.state.in_((State.FAILED, State.EXPIRED)),
        Message.case_id.is_not(None),
        Message.final_at > now - LOST_FOR,
        ~dealt_with,
    )
    return Case.id.in_(lost)


def _replied(now: datetime, _: ZoneInfo) -> sa.ColumnElement[bool]:
    return sa.and_(Case.wrote_at > now - LOST_FOR, IS_OPEN)


_CONDITIONS: Mapping[Waiting, Callable[[datetime, ZoneInfo], sa.ColumnElement[bool]]] = {
    Waiting.NOT_DELIVERED: _not_delivered,
    Waiting.NEW: _new,
    Waiting.OVERDUE: _overdue,
    Waiting.DUE_TODAY: _due_today,
    Waiting.NOT_SOLVED: _not_solved,
    Waiting.REPLIED: _replied,
}
