"""Sessions of the desk's pages: a cookie's keyed hash in Postgres, so that ending one ends it at once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.errors import NotFound, Unauthorized
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff, StaffSession

IDLE = timedelta(minutes=30)
"""Without a request for so long, a session is over."""

LONGEST = timedelta(hours=12)
"""A day's work; then one signs in again."""

HALF_WAY = timedelta(minutes=10)
"""How long the second factor may take after the password."""

FRESH = timedelta(minutes=10)
"""For so long after a code of the second factor, identity may be revealed and data exported."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and whose it is."""

    staff: Staff
    session: StaffSession

    @property
    def proved(self) -> bool:
        """Whether the second factor was given in this session."""
        return self.session.proved_at is not None


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a code of the second factor was given lately enough for what is guarded."""
    return proved_at is not None and proved_at > now - FRESH


def begin(
    session: Session, vault: Vault, staff_id: UUID, *, address: str, agent: str, now: datetime, proved: bool = False
) -> str:
    """A new session; its cookie. Not `proved`, it waits ten minutes for the second factor."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            staff_id=staff_id,
            token_digest=_digest(vault, token),
            address=address[:45],
            agent=agent[:120],
            created_at=now,
            seen_at=now,
            expires_at=now + (LONGEST if proved else HALF_WAY),
            proved_at=now if proved else None,
        )
    )
    return token


def find(session: Session, vault: Vault, token: str, now: datetime, *, noted: bool = True) -> SignedIn:
    """The live session of a cookie. `noted` as seen, unless a page asked by itself: that keeps no session alive.

    Raises `Unauthorized`, the same whatever is wrong with it.
    """
    row = session.execute(
        sa.select(Staff, StaffSession)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.token_digest == _digest(vault, token), *_live(now), Staff.active)
    ).one_or_none()
    if row is None:
        raise Unauthorized
    if noted and row[1].seen_at < now - _MINUTE:
        row[1].seen_at = now
    return SignedIn(row[0], row[1])


def whose(session: Session, vault: Vault, token: str) -> UUID | None:
    """Whose a session was, live or over, once both factors were given; None for a cookie that is none of ours."""
    return session.scalar(
        sa.select(StaffSession.staff_id).where(
            StaffSession.token_digest == _digest(vault, token), StaffSession.proved_at.is_not(None)
        )
    )


def prove(session: Session, vault: Vault, row: StaffSession, now: datetime) -> str:
    """The second factor was right: a day's session under a new cookie, so that one planted before is worth nothing."""
    token = secrets.token_urlsafe(32)
    values = {"token_digest": _digest(vault, token), "proved_at": now}
    if row.proved_at is None:
        values["expires_at"] = now + LONGEST
    session.execute(sa.update(StaffSession).where(StaffSession.id == row.id).values(values))
    return token


def logins(session: Session, staff_id: UUID, now: datetime, *, most: int = 20) -> list[tuple[StaffSession, bool]]:
    """The latest sessions of a person, each with whether it is still open."""
    statement = (
        sa.select(StaffSession, sa.and_(*_live(now)))
        .where(StaffSession.staff_id == staff_id, StaffSession.proved_at.is_not(None))
        .order_by(StaffSession.id.desc())
        .limit(most)
    )
    return [(row[0], bool(row[1])) for row in session.execute(statement)]


def end(session: Session, staff_id: UUID, session_id: UUID, now: datetime) -> None:
    """End one of a person's own sessions. Raises `NotFound`."""
    ended = session.execute(
        sa.update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.id)
    )
    if ended.one_or_none() is None:
        raise NotFound
    audit.record(session, staff_id=staff_id, action="staff.session_ended", subject=str(session_id))


def end_all(session: Session, staff_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """End a person's sessions, all or all `but` the one they are in."""
    ended = sa.update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    session.execute((ended.where(StaffSession.id != but) if but else ended).values(ended_at=now))


def _live(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (StaffSession.ended_at.is_(None), StaffSession.expires_at > now, StaffSession.seen_at > now - IDLE)


def _digest(vault: Vault, token: str) -> bytes:
    return vault.lookup.digest("staff_session", token)
