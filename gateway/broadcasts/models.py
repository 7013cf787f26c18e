"""Who agreed to be texted what the county gives notice of, and for which ward."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.database import Base
from gateway.residents.models import Agreed


class NoticeReader(Agreed, Base):
    """A resident gets the notices for one ward by SMS."""

    __tablename__ = "notice_readers"
    __table_args__ = (
        sa.Index("uq_notice_readers_open", "resident_id", unique=True, postgresql_where=sa.text("until IS NULL")),
        sa.Index("ix_notice_readers_open_by_ward", "ward_code", postgresql_where=sa.text("until IS NULL")),
    )
