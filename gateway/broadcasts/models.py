"""Who agreed to be texted what the county gives notice of, and for which ward."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from gateway.database import Base, Class, column
from gateway.ids import new_id
from gateway.residents.models import Instant


class NoticeReader(Base):
    """A resident gets the notices for one ward by SMS, from `since` until `until`."""

    __tablename__ = "notice_readers"
    __table_args__ = (
        sa.Index("uq_notice_readers_open", "resident_id", unique=True, postgresql_where=sa.text("until IS NULL")),
        sa.Index("ix_notice_readers_open_by_ward", "ward_code", postgresql_where=sa.text("until IS NULL")),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    ward_code = column(sa.String(16), nullable=False, seen=Class.PERSONAL)
    since = column(Instant, nullable=False, seen=Class.INTERNAL)
    until = column(Instant, seen=Class.INTERNAL)
    ended_by = column(sa.String(8), seen=Class.INTERNAL)
    """`menu`, `ward` or `stop`: another ward took its place, or START may bring it back."""
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
