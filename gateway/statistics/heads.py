"""The head of the audit chain, published once a day and kept, so that anyone who wrote one down can check it later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.staff.models import AuditLink
from gateway.statistics.models import AuditHead


def publish_head(session: Session, now: datetime, today: date) -> bool:
    """Keep the newest link as the head of `today`; nothing where the day has one or nothing is linked yet."""
    if session.get(AuditHead, today) is not None:
        return False
    newest = session.execute(
        sa.select(AuditLink.position, AuditLink.digest).order_by(AuditLink.position.desc()).limit(1)
    ).one_or_none()
    if newest is None:
        return False
    row = insert(AuditHead).values(day=today, position=newest.position, digest=newest.digest, published_at=now)
    session.execute(row.on_conflict_do_nothing())
    return True


def heads(session: Session) -> Sequence[AuditHead]:
    """Every published head, newest first."""
    return session.scalars(sa.select(AuditHead).order_by(AuditHead.day.desc())).all()


def newest(session: Session) -> AuditHead | None:
    """The head that was published last."""
    return session.scalar(sa.select(AuditHead).order_by(AuditHead.day.desc()).limit(1))


def broken_heads(session: Session) -> list[date]:
    """Days whose published head is not what the chain has at its place now."""
    link = sa.select(AuditLink.digest).where(AuditLink.position == AuditHead.position).scalar_subquery()
    wrong = sa.select(AuditHead.day).where(link.is_distinct_from(AuditHead.digest))
    return list(session.scalars(wrong.order_by(AuditHead.day)))
