"""Verbs on staff accounts and their tokens."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.errors import Invalid, NotFound, Unauthorized, filled
from gateway.ids import new_id
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff, StaffToken
from gateway.staff.roles import Role

# Enough to catch a slip of the hand; whether a box exists only a letter to it could tell.
_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s.\x00]+(\.[^@\s.\x00]+)+")


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the list of accounts."""

    email: str
    name: str
    role: str
    department: str | None
    active: bool


def tidy_email(email: str) -> str:
    """An e-mail address in the one spelling accounts are found by."""
    return email.strip().lower()


def add_staff(
    session: Session,
    *,
    email: str,
    name: str,
    role: str,
    department: str | None = None,
    now: datetime,
    by: UUID | None = None,
) -> Staff:
    """Add an account; `by` whom of staff, None from the command line.

    Raises `Invalid`, whose detail says which part is wrong.
    """
    email, name = tidy_email(email), name.strip()
    check_account(email, name, role, department)
    values = {"email": email, "name": name, "role": role, "department_code": department, "created_at": now}
    statement = insert(Staff).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=["email"])
    staff: Staff | None = session.scalar(statement.returning(Staff))
    if staff is None:
        raise Invalid("there is an account with this e-mail already", field="email")
    audit.record(session, staff_id=by, action="staff.added", subject=str(staff.id), data={"role": role})
    return staff


def check_account(email: str, name: str, role: str, department: str | None) -> None:
    """Raises `Invalid` that names the part of an account that is wrong."""
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise Invalid("the e-mail must look like name@example.org", field="email")
    if not 0 < len(name) <= 120:
        raise Invalid("the name must have 1 to 120 characters", field="name")
    if role not in list(Role):
        raise Invalid(filled("the role must be one of {roles}", roles=", ".join(Role)), field="role")
    if role == Role.FOCAL and not department:
        raise Invalid("a focal person needs a department", field="department")
    if role != Role.FOCAL and department:
        raise Invalid("only a focal person belongs to a department", field="department")


def set_superior(session: Session, *, email: str, superior: str | None) -> None:
    """Say whom somebody answers to, or nobody: a case that names the superior is hidden from both.

    Raises `NotFound` for an e-mail without an active account, `Invalid` for oneself or a circle.
    """
    person = active_account(session, email)
    above = active_account(session, superior) if superior else None
    at = above
    while at is not None:
        if at.id == person.id:
            raise Invalid("nobody answers to themselves, nor in a circle", field="superior")
        at = session.get(Staff, at.superior_id) if at.superior_id else None
    person.superior_id = above.id if above else None
    data = {"superior": str(above.id) if above else None}
    audit.record(session, staff_id=None, action="staff.superior_set", subject=str(person.id), data=data)


def issue_token(session: Session, vault: Vault, *, email: str, now: datetime, days: int = 30) -> str:
    """A new bearer token, valid for `days`. It is shown this once; the table keeps a keyed hash of it."""
    staff = active_account(session, email)
    token = "brz_" + secrets.token_urlsafe(32)
    session.add(
        StaffToken(
            staff_id=staff.id,
            token_digest=_digest(vault, token),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    audit.record(session, staff_id=None, action="staff.token_issued", subject=str(staff.id), data={"days": days})
    return token


def active_account(session: Session, email: str) -> Staff:
    """The active account with this e-mail. Raises `NotFound`."""
    staff = session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email), Staff.active))
    if staff is None:
        raise NotFound("there is no active account with this e-mail", field="email")
    return staff


def revoke_tokens(session: Session, *, email: str, now: datetime, by: UUID | None = None) -> int:
    """End every API token of an account, active or not; how many there were. Raises `NotFound`."""
    staff = session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email)))
    if staff is None:
        raise NotFound("there is no account with this e-mail", field="email")
    live = (StaffToken.staff_id == staff.id, StaffToken.revoked_at.is_(None), StaffToken.expires_at > now)
    ended = session.scalars(sa.update(StaffToken).where(*live).values(revoked_at=now).returning(StaffToken.id)).all()
    audit.record(
        session, staff_id=by, action="staff.tokens_revoked", subject=str(staff.id), data={"tokens": len(ended)}
    )
    return len(ended)


def list_staff(session: Session) -> list[Account]:
    """All accounts, by e-mail."""
    columns = (Staff.email, Staff.name, Staff.role, Staff.department_code, Staff.active)
    return [Account(*row) for row in session.execute(sa.select(*columns).order_by(Staff.email))]


def authenticate(session: Session, vault: Vault, token: str, now: datetime) -> Staff:
    """Whose token this is. Raises `Unauthorized`, the same whatever is wrong with it.

    The work is the same for every token: one hash and one look-up by it, in one query.
    """
    statement = (
        sa.select(Staff)
        .join(StaffToken, StaffToken.staff_id == Staff.id)
        .where(
            StaffToken.token_digest == _digest(vault, token),
            StaffToken.expires_at > now,
            StaffToken.revoked_at.is_(None),
            Staff.active,
        )
    )
    staff = session.scalar(statement)
    if staff is None:
        raise Unauthorized
    return staff


def token_proved_at(session: Session, vault: Vault, token: str) -> datetime | None:
    """When a code of the second factor was last given for this token."""
    return session.scalar(sa.select(StaffToken.proved_at).where(StaffToken.token_digest == _digest(vault, token)))


def token_proved(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """A code of the second factor was given for this token."""
    session.execute(sa.update(StaffToken).where(StaffToken.token_digest == _digest(vault, token)).values(proved_at=now))


def _digest(vault: Vault, token: str) -> bytes:
    return vault.lookup.digest("staff_token", token)
