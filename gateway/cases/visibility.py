"""Which cases a member of staff sees, and which words in them. The one place: API, console and exports start here.

The rules: a focal person sees the cases of their department, everybody else who reads cases sees all. From either is
taken what a conflict of interest hides: a case that names a person is hidden from that person and from who answers to
them; one that names a department, from that department; one about the Ombudsman's own office, from all of its intake
and officers, so that only supervisor and oversight see it on its way to the Commission on Administrative Justice.
Where a resident is punished for complaining, the supervisor alone sees the case, and is alone told of it ever after.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.models import Case, CaseEvent
from gateway.cases.records import CaseConflict
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role

INSIDE = frozenset({"conflict_marked", "conflict_lifted", "identity_seen", "entered", "facility"})
"""Kinds of events that nobody outside the Ombudsman's office is told of."""

ALARMS = frozenset({"reprisal", "reprisal_ended"})
"""Kinds of events that only a supervisor is told of."""


def visible_to(staff: Staff) -> sa.Select[Case]:
    """The cases `staff` may see."""
    cases = sa.select(Case)
    if Permission.READ_CASES not in PERMISSIONS[Role(staff.role)]:
        return cases.where(sa.false())
    if not supervises(staff):
        cases = cases.where(Case.reprisal_at.is_(None))
    if staff.role == Role.FOCAL:
        cases = cases.where(Case.department_code == staff.department_code)
    return cases.where(~conflicting(staff))


def conflicting(staff: Staff) -> sa.ColumnElement[bool]:
    """The condition that a case names `staff`, whom they answer to, or their office."""
    named = [id_ for id_ in (staff.id, staff.superior_id) if id_]
    ways: list[sa.ColumnElement[bool]] = [CaseConflict.staff_id.in_(named)]
    if staff.department_code:
        ways.append(CaseConflict.unit == staff.department_code)
    if staff.role in (Role.INTAKE, Role.OFFICER):
        ways.append(CaseConflict.about == "office")
    return sa.exists().where(CaseConflict.case_id == Case.id, CaseConflict.lifted_at.is_(None), sa.or_(*ways))


def in_conflict(session: Session, case: UUID, staff: Staff) -> bool:
    """Whether one case names `staff`, whom they answer to, or their office."""
    return session.scalar(sa.select(Case.id).where(Case.id == case, conflicting(staff))) is not None


def names_unit(session: Session, case: UUID, unit: str) -> bool:
    """Whether one case names the department with this code."""
    named = sa.select(CaseConflict.id).where(
        CaseConflict.case_id == case, CaseConflict.unit == unit, CaseConflict.lifted_at.is_(None)
    )
    return session.scalar(named) is not None


def in_office(staff: Staff) -> bool:
    """Whether `staff` works inside the Ombudsman's office, where residents' words are read."""
    return Permission.READ_STORIES in PERMISSIONS[Role(staff.role)]


def reads_story(staff: Staff, case: Case) -> bool:
    """Whether `staff` may read what the resident told: in a village the story is the identity.

    A department may once the case officer has released it to them.
    """
    return in_office(staff) or _released(staff, case)


def _released(staff: Staff, case: Case) -> bool:
    if staff.role != Role.FOCAL or case.released_to is None:
        return False
    return bool(case.released_to == case.department_code == staff.department_code)


def reads_summary(staff: Staff) -> bool:
    """Whether `staff` may read the case officer's summary: the office, and the department it is written for."""
    return in_office(staff) or staff.role == Role.FOCAL


def reads_words(staff: Staff, case: Case, event: CaseEvent) -> bool:
    """Whether `staff` may read the words of an event of a case they see.

    A release covers what the resident had written by then; what comes later wants a release of its own.
    """
    if in_office(staff):
        return True
    if event.audience == "department":
        return staff.role == Role.FOCAL
    return event.actor == "resident" and _released(staff, case) and event.at <= case.released_at


def supervises(staff: Staff) -> bool:
    """Whether `staff` sees cases of residents who are punished for complaining."""
    return Permission.SUPERVISE in PERMISSIONS[Role(staff.role)]


def hidden_kinds(staff: Staff) -> frozenset[str]:
    """Kinds of events that `staff` is not told of."""
    return (frozenset() if supervises(staff) else ALARMS) | (frozenset() if in_office(staff) else INSIDE)
