"""Claims of a government that an election period stops on their way. None commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.broadcasts.states import CLAIMS, ELECTION, Status
from gateway.commitments.periods import is_election
from gateway.messaging.models import Broadcast
from gateway.pack import Pack
from gateway.staff import audit


def stop_claims(session: Session, pack: Pack, now: datetime) -> Sequence[UUID]:
    """In an election period: pause every claim under way, with the reason; which ones are newly so.

    One that staff had paused already gets the reason too: it is theirs to resume once the period is over, and nobody
    else's. Workers heed the period themselves, so that nothing leaves before this ran.
    """
    if not is_election(pack, now):
        return []
    under_way = Broadcast.status.in_([Status.RUNNING, Status.PAUSED])
    rows = session.scalars(
        sa.select(Broadcast)
        .where(Broadcast.kind.in_(CLAIMS), under_way, Broadcast.finished_at.is_(None), Broadcast.paused_because == "")
        .order_by(Broadcast.id)
        .with_for_update(key_share=True)
    ).all()
    for row in rows:
        data = {"reason": ELECTION, "was": row.status}
        row.status, row.paused_because = Status.PAUSED, ELECTION
        audit.record(session, staff_id=None, action="broadcast.paused", subject=str(row.id), data=data)
    session.flush()
    return [row.id for row in rows]


def stopped_by_election(session: Session) -> Sequence[Broadcast]:
    """Claims that an election period stopped and nobody has let go on or cancelled since, oldest first."""
    return session.scalars(
        sa.select(Broadcast)
        .where(Broadcast.status == Status.PAUSED, Broadcast.paused_because == ELECTION)
        .order_by(Broadcast.id)
    ).all()
