"""What was counted, the counts, and what of them the public sees."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column
from gateway.residents.models import Instant


class CountedCase(Base):
    """Where a case stands in the counts, so that a change moves it and a repeat moves nothing.

    No foreign key: what was counted of a case that is gone is taken away by the next recount.
    """

    __tablename__ = "counted_cases"

    case_id = column(UUID, primary_key=True, seen=Class.INTERNAL)
    kind = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    category = column(sa.String(32), nullable=False, seen=Class.INTERNAL)
    month = column(sa.String(7), nullable=False, seen=Class.INTERNAL)
    """Of filing, in the pack's time zone: `2026-11`."""
    area_code = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    ward_code = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    department_code = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    outcome = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    speed = column(sa.String(16), nullable=False, seen=Class.INTERNAL)


class Rollup(Base):
    """How many cases stand in one cell of one table. Internal: small numbers are hidden only on the way out."""

    __tablename__ = "rollups"

    name = column(sa.String(16), primary_key=True, seen=Class.INTERNAL)
    """`places`, `categories`, `offices` or `speed`."""
    row_key = column(sa.String(64), primary_key=True, seen=Class.INTERNAL)
    column_key = column(sa.String(40), primary_key=True, seen=Class.INTERNAL)
    cases = column(sa.BigInteger, nullable=False, seen=Class.INTERNAL)


class CountingState(Base):
    """How far the counting has come: one row."""

    __tablename__ = "counting_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id = column(sa.SmallInteger, primary_key=True, seen=Class.INTERNAL)
    caught_up_at = column(Instant, seen=Class.INTERNAL)
    """What happened before is counted."""
    recounted_at = column(Instant, seen=Class.INTERNAL)
    """When every case was last counted anew."""


class Publication(Base):
    """The figures anyone may read, with small cells hidden: one row, replaced when there are new ones."""

    __tablename__ = "publications"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id = column(sa.SmallInteger, primary_key=True, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    digest = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    content = column(JSONB, nullable=False, seen=Class.PUBLIC)


class AuditHead(Base):
    """The newest link of the audit chain on a day, published: whoever kept it can check that nothing before changed."""

    __tablename__ = "audit_heads"

    day = column(sa.Date, primary_key=True, seen=Class.PUBLIC)
    position = column(sa.BigInteger, nullable=False, seen=Class.PUBLIC)
    digest = column(sa.LargeBinary, nullable=False, seen=Class.PUBLIC)
    published_at = column(Instant, nullable=False, seen=Class.PUBLIC)
