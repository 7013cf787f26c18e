"""STOP and START: what a resident hears of at all: promises, notices, and answers to their own cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from gateway.broadcasts import readers
from gateway.commitments.models import Follow
from gateway.residents import service as residents


def stop(session: Session, resident: UUID, *, everything: bool, now: datetime) -> None:
    """End all follows, notices and broadcasts; with `everything`, answers to one's own cases too."""
    residents.stop_messages(session, resident, everything=everything, now=now)
    session.execute(
        sa.update(Follow)
        .where(Follow.resident_id == resident, Follow.until.is_(None))
        .values(until=now, ended_by="stop")
    )
    readers.stop(session, resident, now)


def start(session: Session, resident: UUID) -> None:
    """Undo a stop: SMS come again, and so do the follows and notices that the stop ended."""
    residents.start_messages(session, resident)
    current = aliased(Follow)
    again = sa.exists().where(
        current.resident_id == Follow.resident_id, current.ogp_id == Follow.ogp_id, current.until.is_(None)
    )
    session.execute(
        sa.update(Follow)
        .where(Follow.resident_id == resident, Follow.ended_by == "stop", ~again)
        .values(until=None, ended_by=None)
        .execution_options(synchronize_session=False)
    )
    readers.start(session, resident)
