"""The second factor: six digits of an authenticator (TOTP, RFC 6238), or a recovery code once."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import RecoveryCode, StaffCredential

STEP = 30
"""Seconds that a code stands for."""

DRIFT = 1
"""Steps that a phone's clock may be wrong, either way."""

RECOVERY_CODES = 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no sign that looks like another


def new_secret() -> str:
    """A secret for an authenticator, in base32."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, issuer: str) -> str:
    """What the picture for an authenticator says: an `otpauth://` address."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The time step whose code this is, if it is later than `after`; compared in constant time."""
    digits = re.sub(r"\D", "", code)
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits) and step > after:
            found = step
    return found


def code_now(secret: str, now: datetime) -> str:
    """The six digits that an authenticator shows at this moment."""
    return pyotp.TOTP(secret).at(now)


def place(staff_id: UUID) -> str:
    """The place that an account's secret is sealed for."""
    return f"staff.totp:{staff_id}"


def take(session: Session, vault: Vault, staff_id: UUID, code: str, *, wall: datetime, now: datetime) -> str | None:
    """Use up a code: `totp` or `recovery` if it was good, else None. `wall` is the time authenticators show.

    The row is locked, so that one code used twice at once is good once.
    """
    kept = session.scalar(sa.select(StaffCredential).where(StaffCredential.staff_id == staff_id).with_for_update())
    if kept is None:
        return None
    step = step_of(vault.sealer.open(kept.totp_sealed, place(staff_id)), code, wall, after=kept.totp_step)
    if step is not None:
        kept.totp_step = step
        return "totp"
    return "recovery" if _take_recovery(session, vault, staff_id, code, now) else None


def _take_recovery(session: Session, vault: Vault, staff_id: UUID, code: str, now: datetime) -> bool:
    used: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE gives one
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_digest == _digest(vault, staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    if used.rowcount:
        audit.record(session, staff_id=staff_id, action="staff.recovery_code_used", subject=str(staff_id))
    return bool(used.rowcount)


def new_recovery_codes(session: Session, vault: Vault, staff_id: UUID) -> list[str]:
    """Ten new codes, shown this once; the old ones open nothing any more."""
    codes = ["-".join(_block() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "code_digest": _digest(vault, staff_id, code)} for code in codes]
    session.execute(sa.insert(RecoveryCode), rows)
    return codes


def recovery_codes_left(session: Session, staff_id: UUID) -> int:
    """How many of the codes are still good."""
    left = sa.select(sa.func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def _block() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


def _digest(vault: Vault, staff_id: UUID, code: str) -> bytes:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return vault.lookup.digest("recovery_code", f"{staff_id}:{plain}")
