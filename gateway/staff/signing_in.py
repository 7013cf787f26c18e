"""Signing in: password, then the second factor. Tries are counted before they are judged, and committed at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from gateway.context import Context
from gateway.errors import BarazaError, Invalid
from gateway.staff import audit, passwords, second_factor, sessions, tries
from gateway.staff.models import Staff, StaffCredential, StaffSession
from gateway.staff.service import tidy_email
from gateway.staff.sessions import SignedIn
from gateway.words import LANGUAGES


class WrongSignIn(BarazaError):
    """The same for an unknown e-mail, a wrong password, an account that ended or has not taken its invitation."""

    code, status, title = "wrong_sign_in", 401, "E-mail and password do not belong together"


class WrongCode(BarazaError):
    code, status, title = "wrong_code", 403, "These are not the digits your authenticator shows"


@dataclass(frozen=True, slots=True)
class Browser:
    """From where somebody signs in, for their list of logins."""

    address: str
    agent: str


def with_password(context: Context, email: str, password: str, browser: Browser) -> str:
    """The cookie of a session that waits for the second factor. Raises `WrongSignIn`, `TooManyTries`."""
    email = tidy_email(email)[:254]
    subjects = (_by_account(context, email), context.vault.lookup.digest("sign_in_address", browser.address))
    _count(context, subjects[0])
    _count(context, subjects[1], free=tries.FREE_ADDRESS)
    with context.work() as session:
        known = session.execute(
            sa.select(Staff.id, StaffCredential.password_hash)
            .join(StaffCredential, StaffCredential.staff_id == Staff.id)
            .where(Staff.email == email, Staff.active)
        ).one_or_none()
    # Outside of the transaction: hashing takes a while, and a connection is dear.
    if not passwords.matches(known.password_hash if known else None, password) or known is None:
        if known is not None:
            _note(context, known.id, "staff.sign_in_failed")
        raise WrongSignIn
    now = context.clock.now()
    with context.work() as session:
        tries.forgive(session, *subjects)
        return sessions.begin(session, context.vault, known.id, address=browser.address, agent=browser.agent, now=now)


def with_code(context: Context, signed_in: SignedIn, code: str) -> str:
    """The cookie of the session once its second factor was given, now or again. Raises `WrongCode`, `TooManyTries`."""
    staff, first = signed_in.staff, not signed_in.proved
    prove(context, staff, code)
    now = context.clock.now()
    with context.work() as session:
        audit.record(
            session,
            staff_id=staff.id,
            action="staff.signed_in" if first else "staff.proved_again",
            subject=str(signed_in.session.id),
        )
        return sessions.prove(session, context.vault, signed_in.session, now)


def prove(context: Context, staff: Staff, code: str) -> None:
    """Use up a code of the second factor. Raises `WrongCode`, `TooManyTries`."""
    subject = context.vault.lookup.digest("sign_in_code", str(staff.id))
    _count(context, subject)
    with context.work() as session:
        wall, now = context.clock.wall(), context.clock.now()
        taken = second_factor.take(session, context.vault, staff.id, code, wall=wall, now=now)
        if taken is not None:
            tries.forgive(session, subject)
    if taken is None:
        _note(context, staff.id, "staff.code_failed")
        raise WrongCode


def again_with_password(context: Context, staff: Staff, password: str) -> None:
    """Whether it is really them, before they change how they sign in. Raises `WrongSignIn`, `TooManyTries`."""
    subject = _by_account(context, staff.email)
    _count(context, subject)
    with context.work() as session:
        kept = session.scalar(sa.select(StaffCredential.password_hash).where(StaffCredential.staff_id == staff.id))
    if not passwords.matches(kept, password):
        raise WrongSignIn
    with context.work() as session:
        tries.forgive(session, subject)


def change_password(context: Context, staff: Staff, old: str, new: str, *, here: UUID | None = None) -> None:
    """A new password; the person's sessions end, but the one they are in (`here`).

    Raises `Invalid`, `WrongSignIn`, `TooManyTries`.
    """
    passwords.check(new, email=staff.email)
    again_with_password(context, staff, old)
    hashed, now = passwords.seal(new), context.clock.now()
    with context.work() as session:
        session.execute(
            sa.update(StaffCredential)
            .where(StaffCredential.staff_id == staff.id)
            .values(password_hash=hashed, set_at=now)
        )
        sessions.end_all(session, staff.id, now, but=here)
        audit.record(session, staff_id=staff.id, action="staff.password_changed", subject=str(staff.id))


def choose_language(context: Context, staff: Staff, language: str) -> None:
    """In which language the desk speaks to this person from now on. Raises `Invalid`."""
    if language not in LANGUAGES:
        raise Invalid("the desk does not speak this language", field="language")
    with context.work() as session:
        session.execute(sa.update(Staff).where(Staff.id == staff.id).values(language=language))


def new_recovery_codes(context: Context, staff: Staff) -> list[str]:
    """Ten new codes, shown this once; that they were made is in the audit trail."""
    with context.work() as session:
        audit.record(session, staff_id=staff.id, action="staff.recovery_codes_made", subject=str(staff.id))
        return second_factor.new_recovery_codes(session, context.vault, staff.id)


def count_join(context: Context, token: str) -> None:
    """Count a try at an invitation's page, before its code is judged. Raises `TooManyTries`."""
    _count(context, context.vault.lookup.digest("sign_in_join", token))


def sign_out(context: Context, row: StaffSession) -> None:
    """End the session one is in."""
    with context.work() as session:
        sessions.end(session, row.staff_id, row.id, context.clock.now())


def _by_account(context: Context, email: str) -> bytes:
    return context.vault.lookup.digest("sign_in_email", email)


def _count(context: Context, subject: bytes, *, free: int = tries.FREE) -> None:
    with context.work() as session:
        tries.count_try(session, subject, context.clock.now(), free=free)


def _note(context: Context, staff_id: object, action: str) -> None:
    with context.work() as session:
        audit.record(session, staff_id=None, action=action, subject=str(staff_id))
