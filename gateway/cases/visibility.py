"""Which cases a member of staff sees, and which words in them. The one place: API, console and exports start here."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role


def visible_to(staff: Staff) -> sa.Select[Case]:
    """The cases `staff` may see: all for the Ombudsman's office and its oversight, a department's for its person."""
    cases = sa.select(Case)
    if Permission.READ_CASES not in PERMISSIONS[Role(staff.role)]:
        return cases.where(sa.false())
    if staff.role == Role.FOCAL:
        return cases.where(Case.department_code == staff.department_code)
    return cases


def reads_story(staff: Staff) -> bool:
    """Whether `staff` may read what residents told: in a village the story is the identity."""
    return Permission.READ_STORIES in PERMISSIONS[Role(staff.role)]


def reads_words(staff: Staff, audience: str) -> bool:
    """Whether `staff` may read the words of an event for this audience (`resident`, `department` or `internal`)."""
    return reads_story(staff) or (staff.role == Role.FOCAL and audience == "department")
