"""Accounts to practise with, for the demo and its training copy: one of each role, with a password that is told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.staff import invitations, passwords, second_factor, service
from gateway.staff.models import Staff, StaffCredential
from gateway.staff.roles import Role

PASSWORD = "karibu barazani leo"  # noqa: S105  # told to everybody, and good in the demo only

NAMES = {
    Role.INTAKE: "Demo Intake",
    Role.OFFICER: "Demo Officer",
    Role.FOCAL: "Demo Focal Person",
    Role.SUPERVISOR: "Demo Supervisor",
    Role.OVERSIGHT: "Demo Oversight",
    Role.ADMIN: "Demo Administrator",
}


def email_of(role: Role) -> str:
    """The practice account of a role."""
    return f"{role}@demo.baraza.example"


def department_of(pack: Pack) -> str:
    """Where the focal person practises: the lead of the first promise that names one, who has something to report."""
    leads = (promise.lead_department for promise in pack.commitments if promise.lead_department)
    return next(leads, pack.departments[0].code)


def seed(session: Session, vault: Vault, pack: Pack, now: datetime) -> None:
    """Add what is missing of the practice accounts, each with the one password and an authenticator of its own."""
    hashed = passwords.seal(PASSWORD)
    known = {person.email for person in service.list_staff(session)}
    for role, name in NAMES.items():
        email = email_of(role)
        if email not in known:
            department = department_of(pack) if role is Role.FOCAL else None
            service.add_staff(session, email=email, name=name, role=role, department=department, now=now)
        staff = service.active_account(session, email)
        if session.get(StaffCredential, staff.id) is None:
            secret = second_factor.new_secret()
            invitations.keep(session, vault, staff, hashed=hashed, secret=secret, step=0, now=now)
            session.flush()


def code_of(session: Session, vault: Vault, email: str, wall: datetime) -> str:
    """The digits this account's authenticator shows at `wall`; for demos alone. Raises `NotFound`."""
    row = session.execute(
        sa.select(StaffCredential.staff_id, StaffCredential.totp_sealed)
        .join(Staff, Staff.id == StaffCredential.staff_id)
        .where(Staff.email == service.tidy_email(email))
    ).one_or_none()
    if row is None:
        raise NotFound("there is no account with this e-mail that has set its password", field="email")
    return second_factor.code_now(vault.sealer.open(row.totp_sealed, second_factor.place(row.staff_id)), wall)
