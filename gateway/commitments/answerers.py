"""Who agreed to be asked now and then, and for which ward: a consent of its own. None commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from gateway.commitments.asking_models import Answerer
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging.models import Broadcast
from gateway.residents import service as residents

CONSENT = "ask"
"""The kind of consent: the words agreed to are kept with the ward as their subject."""

QUESTION, OUTCOME = "check", "outcome"
"""Kinds and topics of broadcasts: a question, and what came of it."""


def agree(
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
    """May be asked about `ward` from now on, in place of any other, with the consent in the words shown."""
    _end(session, Answerer.ward_code != ward, resident_id, "ward", now)
    residents.withdraw_consent(session, resident=resident_id, kind=CONSENT, subject=None, now=now)
    row = insert(Answerer).values(id=new_id(), resident_id=resident_id, ward_code=ward, since=now, channel=channel)
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


def leave(session: Session, *, resident_id: UUID, now: datetime) -> None:
    """No more questions, those under way included."""
    _end(session, sa.true(), resident_id, "menu", now)
    residents.withdraw_consent(session, resident=resident_id, kind=CONSENT, subject=None, now=now)
    messaging.withdraw(session, resident_id, Broadcast.kind.in_((QUESTION, OUTCOME)), now=now)


def stop(session: Session, resident: UUID, now: datetime) -> None:
    """A STOP ends it, so that nothing but a START or a new consent brings it back."""
    _end(session, sa.true(), resident, "stop", now)


def start(session: Session, resident: UUID) -> None:
    """Bring back what the last stop ended."""
    current = aliased(Answerer)
    again = sa.exists().where(current.resident_id == Answerer.resident_id, current.until.is_(None))
    last = sa.select(Answerer.id).where(Answerer.resident_id == resident)
    last = last.order_by(Answerer.until.desc(), Answerer.id.desc()).limit(1)
    session.execute(
        sa.update(Answerer)
        .where(Answerer.id == last.scalar_subquery(), Answerer.ended_by == "stop", ~again)
        .values(until=None, ended_by=None)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, which: sa.ColumnElement[bool], resident: UUID, ended_by: str, now: datetime) -> None:
    session.execute(
        sa.update(Answerer)
        .where(Answerer.resident_id == resident, Answerer.until.is_(None), which)
        .values(until=now, ended_by=ended_by)
        .execution_options(synchronize_session=False)
    )


def ward_of(session: Session, resident_id: UUID) -> str:
    """Code of the ward that a resident may be asked about; empty without one."""
    statement = sa.select(Answerer.ward_code).where(Answerer.resident_id == resident_id, Answerer.until.is_(None))
    return session.scalar(statement) or ""
