"""Verbs on who gets notices by SMS: agree, leave, stop and start again. None commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from gateway.broadcasts.models import NoticeReader
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging.models import Broadcast
from gateway.residents import service as residents

CONSENT = "notice"
"""The kind of consent: the words agreed to are kept with the ward as its subject."""

FOR_READERS = sa.and_(
    Broadcast.kind == "notice", sa.or_(Broadcast.topic == "", Broadcast.places != sa.text("'[]'::jsonb"))
)
"""Broadcasts that rest on this consent: all notices but those to the followers of a promise wherever they are."""


def read_notices(
    session: Session,
    *,
    resident_id: UUID,
    ward: str,
    wording: str,
    language: str,
    channel: str,
    now: datetime,
    effect_key: bytes | None,
) -> None:
    """Get the notices for `ward` from now on, in place of any other ward, with the consent in the words shown."""
    _end(session, NoticeReader.ward_code != ward, resident_id=resident_id, ended_by="ward", now=now)
    residents.withdraw_consent(session, resident=resident_id, kind=CONSENT, subject=None, now=now)
    row = insert(NoticeReader).values(id=new_id(), resident_id=resident_id, ward_code=ward, since=now, channel=channel)
    session.execute(row.on_conflict_do_nothing(index_elements=["resident_id"], index_where=sa.text("until IS NULL")))
    residents.consent(
        session,
        resident=resident_id,
        kind=CONSENT,
        subject=ward,
        wording=wording,
        language=language,
        now=now,
        effect_key=effect_key,
    )


def leave_notices(session: Session, *, resident_id: UUID, now: datetime) -> None:
    """Get no more notices, those under way included; and the ward agreed to for them is no longer theirs."""
    _end(session, sa.true(), resident_id=resident_id, ended_by="menu", now=now)
    residents.withdraw_consent(session, resident=resident_id, kind=CONSENT, subject=None, now=now)
    messaging.withdraw(session, resident_id, FOR_READERS, now=now)


def stop(session: Session, resident: UUID, now: datetime) -> None:
    """A STOP ends it, so that nothing but a START or a new consent brings it back."""
    _end(session, sa.true(), resident_id=resident, ended_by="stop", now=now)


def start(session: Session, resident: UUID) -> None:
    """Bring back what the last stop ended."""
    current = aliased(NoticeReader)
    again = sa.exists().where(current.resident_id == NoticeReader.resident_id, current.until.is_(None))
    last = (
        sa.select(NoticeReader.id)
        .where(NoticeReader.resident_id == resident)
        .order_by(NoticeReader.until.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        sa.update(NoticeReader)
        .where(NoticeReader.id == last, NoticeReader.ended_by == "stop", ~again)
        .values(until=None, ended_by=None)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, which: sa.ColumnElement[bool], *, resident_id: UUID, ended_by: str, now: datetime) -> None:
    session.execute(
        sa.update(NoticeReader)
        .where(NoticeReader.resident_id == resident_id, NoticeReader.until.is_(None), which)
        .values(until=now, ended_by=ended_by)
        .execution_options(synchronize_session=False)
    )


def ward_of(session: Session, resident_id: UUID) -> str:
    """Code of the ward whose notices a resident gets; empty without one."""
    statement = sa.select(NoticeReader.ward_code).where(
        NoticeReader.resident_id == resident_id, NoticeReader.until.is_(None)
    )
    return session.scalar(statement) or ""
