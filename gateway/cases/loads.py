"""Who could take a case: not away, not named by it, and with how many open cases already. One query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from gateway.cases.models import IS_OPEN, Case
from gateway.cases.records import CaseConflict
from gateway.pack import Pack
from gateway.staff.models import Absence, Staff
from gateway.staff.roles import Role


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may take a case."""

    id: UUID
    email: str
    name: str
    role: str
    open_cases: int


def candidates(
    session: Session, pack: Pack, case: UUID, roles: Collection[Role], now: datetime, *, department: str | None = None
) -> list[Candidate]:
    """Who may take the case today, the least loaded first; with `department`, its focal persons only."""
    today = now.astimezone(pack.about.zone).date()
    load = (
        sa.select(Case.assignee_id, sa.func.count().label("open"))
        .where(IS_OPEN, Case.assignee_id.is_not(None))
        .group_by(Case.assignee_id)
        .subquery()
    )
    carried = sa.func.coalesce(load.c.open, 0)
    statement = (
        sa.select(Staff.id, Staff.email, Staff.name, Staff.role, carried)
        .outerjoin(load, load.c.assignee_id == Staff.id)
        .where(Staff.active, Staff.role.in_(roles), ~away(today), ~_named(case))
        .order_by(carried, Staff.email)
    )
    if department is not None:
        statement = statement.where(Staff.department_code == department)
    return [Candidate(*row) for row in session.execute(statement)]


def away(day: date) -> sa.ColumnElement[bool]:
    """The condition that a member of staff is away on a day."""
    return sa.exists().where(
        Absence.staff_id == Staff.id,
        Absence.cancelled_at.is_(None),
        Absence.from_day <= day,
        Absence.until_day >= day,
    )


def _named(case: UUID) -> sa.ColumnElement[bool]:
    """The condition that a case names a member of staff, as `visibility.conflicting` reads it, for many at once."""
    conflict = aliased(CaseConflict)
    inside = Staff.role.in_([Role.INTAKE, Role.OFFICER])
    return sa.exists().where(
        conflict.case_id == case,
        conflict.lifted_at.is_(None),
        sa.or_(
            conflict.staff_id == Staff.id,
            conflict.staff_id == Staff.superior_id,
            conflict.unit == Staff.department_code,
            sa.and_(conflict.about == "office", inside),
        ),
    )


def least_loaded(session: Session, pack: Pack, case: UUID, roles: Collection[Role], now: datetime) -> UUID | None:
    """The one with the fewest open cases who may take the case today; None when nobody may."""
    found = candidates(session, pack, case, roles, now)
    return found[0].id if found else None
