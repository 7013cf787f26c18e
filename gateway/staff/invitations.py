"""Invitations: a link by which one person sets password and authenticator together, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.errors import Invalid, NotFound
from gateway.residents.sealing import Vault
from gateway.staff import audit, passwords, second_factor, sessions
from gateway.staff.models import Invitation, Staff, StaffCredential
from gateway.staff.service import active_account

VALID = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who holds a good invitation, and the secret for their authenticator."""

    staff: Staff
    secret: str


def invite(session: Session, vault: Vault, *, email: str, now: datetime, by: UUID | None = None) -> str:
    """A new link's secret part for an account, valid for 72 hours and shown this once; the older link ends.

    It also serves who lost password or phone: what they had works until the new one is set. Raises `NotFound`.
    """
    staff = active_account(session, email)
    token = secrets.token_urlsafe(32)
    values = {
        "staff_id": staff.id,
        "token_digest": _digest(vault, token),
        "totp_sealed": vault.sealer.seal(second_factor.new_secret(), second_factor.place(staff.id)),
        "created_at": now,
        "expires_at": now + VALID,
    }
    session.execute(insert(Invitation).values(values).on_conflict_do_update(index_elements=["staff_id"], set_=values))
    audit.record(session, staff_id=by, action="staff.invited", subject=str(staff.id))
    return token


def read(session: Session, vault: Vault, token: str, now: datetime) -> Invited:
    """Who is invited. Raises `NotFound`, the same whatever is wrong with the link."""
    statement = (
        sa.select(Staff, Invitation.totp_sealed)
        .join(Invitation, Invitation.staff_id == Staff.id)
        .where(Invitation.token_digest == _digest(vault, token), Invitation.expires_at > now, Staff.active)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return Invited(row[0], vault.sealer.open(row[1], second_factor.place(row[0].id)))


def accept(
    session: Session, vault: Vault, token: str, *, password: str, code: str, wall: datetime, now: datetime
) -> tuple[Staff, list[str]]:
    """Set password and authenticator, end the invitation and every session; the person and their recovery codes.

    Raises `NotFound` for a link that is no good, `Invalid` for a password too easy or a code that is not the one shown.
    """
    invited = read(session, vault, token, now)
    staff = invited.staff
    passwords.check(password, email=staff.email)
    step = second_factor.step_of(invited.secret, code, wall)
    if step is None:
        raise Invalid("the six digits are not the ones shown now", field="code")
    deleted = session.execute(
        sa.delete(Invitation).where(Invitation.token_digest == _digest(vault, token)).returning(Invitation.staff_id)
    )
    if deleted.one_or_none() is None:  # two windows at once: the first has it
        raise NotFound
    hashed = passwords.seal(password)
    keep(session, vault, staff, hashed=hashed, secret=invited.secret, step=step, now=now)
    sessions.end_all(session, staff.id, now)
    audit.record(session, staff_id=staff.id, action="staff.joined", subject=str(staff.id))
    return staff, second_factor.new_recovery_codes(session, vault, staff.id)


def keep(session: Session, vault: Vault, staff: Staff, *, hashed: str, secret: str, step: int, now: datetime) -> None:
    """Write down the password's hash and the authenticator of an account, in place of what was there."""
    values = {
        "staff_id": staff.id,
        "password_hash": hashed,
        "totp_sealed": vault.sealer.seal(secret, second_factor.place(staff.id)),
        "totp_step": step,
        "set_at": now,
    }
    session.execute(
        insert(StaffCredential).values(values).on_conflict_do_update(index_elements=["staff_id"], set_=values)
    )


def _digest(vault: Vault, token: str) -> bytes:
    return vault.lookup.digest("staff_invitation", token)
