"""Calls that residents asked for: the number is kept for the call alone, and forgotten when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.identity import reveal_for_call
from gateway.cases.records import Callback
from gateway.cases.service import Desk
from gateway.errors import Invalid, NotFound
from gateway.ids import new_id
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.staff import audit

SAFE = {"morning": (8, 12), "afternoon": (12, 17), "evening": (17, 19), "any": (8, 19)}
"""Hours of the pack's time zone in which the phone may ring: from, until."""

CANCELLED = "cancelled"
"""The outcome of a call that the resident no longer wants."""


def ask(
    session: Session,
    *,
    resident: UUID,
    language: str,
    hours: str,
    wording: str,
    channel: str,
    now: datetime,
    effect_key: bytes | None = None,
) -> None:
    """A resident wants to be called. Who asks again before the call changes hours and language of the same call."""
    changed = session.execute(
        sa.update(Callback)
        .where(Callback.resident_id == resident, Callback.closed_at.is_(None))
        .values(language=language, hours=hours, wording=wording)
        .returning(Callback.id)
    )
    if changed.first() is None:
        values = {"language": language, "hours": hours, "wording": wording, "channel": channel}
        statement = insert(Callback).values(
            id=new_id(), resident_id=resident, asked_at=now, effect_key=effect_key, **values
        )
        session.execute(statement.on_conflict_do_nothing(index_elements=["effect_key"]))


def cancel(session: Session, resident: UUID, now: datetime) -> None:
    """No call any more."""
    open_ones = session.scalars(
        sa.select(Callback).where(Callback.resident_id == resident, Callback.closed_at.is_(None)).with_for_update()
    ).all()
    for callback in open_ones:
        _close(session, callback, CANCELLED, now)


def _close(session: Session, callback: Callback, outcome: str, now: datetime) -> None:
    resident, callback.resident_id = callback.resident_id, None
    callback.outcome, callback.closed_at = outcome, now
    session.flush()
    residents.forget_unused(session, Resident.id == resident)


def list_callbacks(session: Session, *, closed: bool, after: UUID | None, limit: int) -> Sequence[Callback]:
    """Up to `limit` calls, oldest first: those that wait, or those that are over."""
    over = Callback.closed_at.is_not(None) if closed else Callback.closed_at.is_(None)
    statement = sa.select(Callback).where(over)
    if after is not None:
        statement = statement.where(Callback.id > after)
    return session.scalars(statement.order_by(Callback.id).limit(limit)).all()


def is_safe(desk_zone_hour: int, hours: str) -> bool:
    """Whether the phone may ring in this hour of the pack's day."""
    begins, ends = SAFE[hours]
    return begins <= desk_zone_hour < ends


def see_number(desk: Desk, callback: UUID, reason: str) -> str:
    """The number (E.164) to call, audited. Raises `NotFound` for a call that is over or never was."""
    row = _waiting(desk, callback)
    resident = desk.session.get(Resident, row.resident_id)
    if resident is None:
        raise NotFound
    return reveal_for_call(desk, resident, callback, reason)


def record(desk: Desk, callback: UUID, outcome: str) -> Callback:
    """How a try went. `no_answer` leaves it on the list; every other outcome ends it, and the number is forgotten."""
    row = _waiting(desk, callback)
    row.tries, row.tried_at, row.outcome, row.staff_id = row.tries + 1, desk.now, outcome, desk.staff.id
    if outcome != "no_answer":
        _close(desk.session, row, outcome, desk.now)
    audit.record(
        desk.session,
        staff_id=desk.staff.id,
        action="callback.tried",
        subject=str(callback),
        data={"outcome": outcome},
    )
    desk.session.flush()
    return row


def _waiting(desk: Desk, callback: UUID) -> Callback:
    row = desk.session.scalar(sa.select(Callback).where(Callback.id == callback).with_for_update())
    if row is None:
        raise NotFound
    if row.closed_at is not None:
        raise Invalid("this call is over")
    return row
