"""Keeping accounts from the desk: who there is, what of an account changes, and how it ends. None commits.

What is done here stands in the audit trail under who did it. Nobody changes or ends their own account: whoever keeps
accounts cannot widen their own role, nor shut the last door behind themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.errors import Invalid, NotFound, TransitionNotAllowed
from gateway.staff import audit, service, sessions
from gateway.staff.models import Invitation, RecoveryCode, Staff, StaffCredential, StaffSession


@dataclass(frozen=True, slots=True)
class Kept:
    """An account with how it is signed in to."""

    staff: Staff
    factor_since: datetime | None
    """When password and second factor were set; None for who has not taken an invitation."""
    invited_until: datetime | None
    """Until when a link to set them is good."""
    signed_in_at: datetime | None
    """Of the last sign-in with both factors, as far as sign-ins are kept."""


_LAST = (
    sa.select(sa.func.max(StaffSession.created_at))
    .where(StaffSession.staff_id == Staff.id, StaffSession.proved_at.is_not(None))
    .correlate(Staff)
    .scalar_subquery()
)


def find(session: Session, person: UUID, now: datetime) -> Kept:
    """One account. Raises `NotFound`."""
    row = session.execute(_select(now).where(Staff.id == person)).one_or_none()
    if row is None:
        raise NotFound
    return Kept(*row)


def _select(now: datetime) -> sa.Select[Staff, datetime | None, datetime | None, datetime | None]:
    open_until = sa.case((Invitation.expires_at > now, Invitation.expires_at))
    return (
        sa.select(Staff, StaffCredential.set_at, open_until, _LAST)
        .outerjoin(StaffCredential, StaffCredential.staff_id == Staff.id)
        .outerjoin(Invitation, Invitation.staff_id == Staff.id)
    )


def listed(
    session: Session,
    now: datetime,
    *,
    role: str | None = None,
    active: bool | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Kept]:
    """Up to `limit` accounts by e-mail, after the one with the id `after`."""
    statement = _select(now).order_by(Staff.email).limit(limit)
    if role is not None:
        statement = statement.where(Staff.role == role)
    if active is not None:
        statement = statement.where(Staff.active == active)
    if after is not None:
        last = sa.select(Staff.email).where(Staff.id == after).scalar_subquery()
        statement = statement.where(Staff.email > last)
    return [Kept(*row) for row in session.execute(statement)]


def change(session: Session, person: UUID, *, name: str, role: str, department: str | None, by: Staff) -> None:
    """A new name, role or department. Raises `NotFound`, `Invalid`, `TransitionNotAllowed` for one's own account."""
    row = _of_another(session, person, by)
    name = name.strip()
    service.check_account(row.email, name, role, department)
    before = {"role": row.role, "department": row.department_code}
    if (row.name, row.role, row.department_code) == (name, role, department):
        raise Invalid("it is so already")
    row.name, row.role, row.department_code = name, role, department
    session.flush()
    data = {"before": before, "role": role, "department": department}
    audit.record(session, staff_id=by.id, action="staff.changed", subject=str(person), data=data)


def sign_out(session: Session, person: UUID, *, now: datetime, by: Staff) -> None:
    """End every session and API token of an account, one's own too; it can sign in again. Raises `NotFound`."""
    row = _locked(session, person)
    service.revoke_tokens(session, email=row.email, now=now, by=by.id)
    sessions.end_all(session, person, now)
    audit.record(session, staff_id=by.id, action="staff.signed_out", subject=str(person))


def end(session: Session, person: UUID, *, now: datetime, by: Staff) -> None:
    """No more access: sessions, tokens and the link end, and password and authenticator are forgotten.

    What the person did stays under their name, and cases stay with them until they are handed over. Raises `NotFound`,
    and `TransitionNotAllowed` for one's own account or one that ended before.
    """
    row = _of_another(session, person, by)
    if not row.active:
        raise TransitionNotAllowed("this account ended already")
    sign_out(session, person, now=now, by=by)
    for kept in (StaffCredential, RecoveryCode, Invitation):
        session.execute(sa.delete(kept).where(kept.staff_id == person))
    row.active = False
    session.flush()
    audit.record(session, staff_id=by.id, action="staff.ended", subject=str(person))


def open_again(session: Session, person: UUID, *, by: Staff) -> None:
    """The account of who comes back; they need an invitation. Raises `NotFound`, `TransitionNotAllowed`."""
    row = _of_another(session, person, by)
    if row.active:
        raise TransitionNotAllowed("this account is open")
    row.active = True
    session.flush()
    audit.record(session, staff_id=by.id, action="staff.opened_again", subject=str(person))


def _of_another(session: Session, person: UUID, by: Staff) -> Staff:
    row = _locked(session, person)
    if row.id == by.id:
        raise TransitionNotAllowed("somebody else changes one's own account")
    return row


def _locked(session: Session, person: UUID) -> Staff:
    row = session.get(Staff, person, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row
