"""A case that names somebody of ours: hidden from them, given to a supervisor, or sent past the whole office.

`gateway.cases.visibility` says from whom it is hidden. About the Ombudsman's own office the pack names the body it goes
to (in Kenya the Commission on Administrative Justice); a supervisor refers it there.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.loads import least_loaded
from gateway.cases.models import Case, CaseEvent
from gateway.cases.records import CaseConflict
from gateway.cases.service import Desk, happened
from gateway.cases.states import Status
from gateway.cases.visibility import in_conflict
from gateway.errors import Invalid, NotFound
from gateway.ids import new_id
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from gateway.staff.service import tidy_email


def mark(
    desk: Desk, case: Case, reason: str, *, person: str | None = None, department: str | None = None
) -> CaseConflict:
    """Record that a case names a member of staff (by e-mail) or a department; it goes to a supervisor who is neither.

    Who marks it may see it no more afterwards. Raises `Invalid` for nobody known, or a conflict recorded already.
    """
    row = CaseConflict(id=new_id(), case_id=case.id, marked_by=desk.staff.id, marked_at=desk.now)
    if person is not None:
        row.about, row.staff_id = "person", _person(desk.session, person)
    else:
        row.about, row.unit = _unit(desk, department or "")
    if _active(desk.session, case.id, row) is not None:
        raise Invalid("this conflict is recorded already")
    desk.session.add(row)
    desk.session.flush()
    data: dict[str, Any] = {"conflict": str(row.id), "about": row.about}
    data |= {"person": str(row.staff_id)} if row.staff_id else {"department": row.unit}
    happened(desk, case, "conflict_marked", audience="internal", text=reason, data=data)
    _hand_over(desk, case, row)
    return row


def _person(session: Session, email: str) -> UUID:
    found = session.scalar(sa.select(Staff.id).where(Staff.email == tidy_email(email)))
    if found is None:
        raise Invalid("there is no account with this e-mail", field="person")
    return found


def _unit(desk: Desk, code: str) -> tuple[str, str]:
    if code not in {known.code for known in desk.pack.departments}:
        raise Invalid("the pack has no department with this code", field="department")
    own = desk.pack.routing.own_office
    return ("office" if own and code == own.department else "department"), code


def _active(session: Session, case: UUID, row: CaseConflict) -> UUID | None:
    same = CaseConflict.staff_id == row.staff_id if row.staff_id else CaseConflict.unit == row.unit
    return session.scalar(
        sa.select(CaseConflict.id).where(CaseConflict.case_id == case, same, CaseConflict.lifted_at.is_(None))
    )


def _hand_over(desk: Desk, case: Case, row: CaseConflict) -> None:
    """Take the case from whom it names; a supervisor whom it does not name gets it, where there is one today."""
    if row.unit is not None and case.department_code == row.unit:
        case.department_code = case.released_to = case.released_at = None
    holder = desk.session.get(Staff, case.assignee_id) if case.assignee_id else None
    if holder is not None and holder.role == Role.SUPERVISOR and not in_conflict(desk.session, case.id, holder):
        return
    supervisor = least_loaded(desk.session, desk.pack, case.id, [Role.SUPERVISOR], desk.now)
    case.assignee_id = supervisor
    data: dict[str, Any] = {"from": case.status}
    if supervisor is not None:
        case.status = Status.ASSIGNED if case.status in (Status.RECEIVED, Status.TRIAGE) else case.status
        happened(
            desk, case, "assigned", audience="internal", data={**data, "to": case.status, "assignee": str(supervisor)}
        )
    elif case.status == Status.ASSIGNED:
        case.status = Status.TRIAGE
        happened(desk, case, "moved", audience="internal", data={**data, "to": case.status})


def lift(desk: Desk, case: Case, conflict: UUID, reason: str) -> CaseEvent:
    """Take a conflict back that was recorded wrongly. Raises `NotFound` when the case has no such conflict."""
    row = desk.session.scalar(
        sa.select(CaseConflict).where(
            CaseConflict.id == conflict, CaseConflict.case_id == case.id, CaseConflict.lifted_at.is_(None)
        )
    )
    if row is None:
        raise NotFound
    row.lifted_at, row.lifted_by = desk.now, desk.staff.id
    return happened(desk, case, "conflict_lifted", audience="internal", text=reason, data={"conflict": str(conflict)})


def conflicts_of(session: Session, case: UUID) -> list[tuple[CaseConflict, str | None]]:
    """The conflicts of a case that hold, oldest first, each with the e-mail of the person it names."""
    rows = session.execute(
        sa.select(CaseConflict, Staff.email)
        .outerjoin(Staff, Staff.id == CaseConflict.staff_id)
        .where(CaseConflict.case_id == case, CaseConflict.lifted_at.is_(None))
        .order_by(CaseConflict.id)
    )
    return [(row[0], row[1]) for row in rows]
