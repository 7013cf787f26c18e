"""What the desk keeps beside its cases: each time one was said to be done, inquiries, and what waits for somebody."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

ANSWERS = ("yes", "partly", "no")


class Resolution(Base):
    """One time that staff said a case is done, and what its resident made of that.

    The two are columns of their own, so that "solved according to staff" never becomes "solved according to residents".
    """

    __tablename__ = "resolutions"
    __table_args__ = (
        one_of("reached_by", "sms", "menu"),
        one_of("answer", *ANSWERS),
        one_of("ended_by", "resident", "silence", "staff"),
        sa.Index(None, "case_id", "id"),
        sa.Index(None, "at"),
        sa.Index(
            "ix_resolutions_unreached",
            "case_id",
            postgresql_where=sa.text("reached_at IS NULL AND ended_at IS NULL"),
        ),
        sa.Index(
            "ix_resolutions_reached",
            "reached_at",
            postgresql_where=sa.text("reached_at IS NOT NULL AND ended_at IS NULL"),
        ),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    at = column(Instant, nullable=False, seen=Class.INTERNAL)
    """When staff said that it is done."""
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    evidence = column(sa.Boolean, nullable=False, seen=Class.INTERNAL)
    """Whether there was something that shows it."""
    reached_at = column(Instant, seen=Class.INTERNAL)
    """Since when the resident knows the question: delivered or seen. Silence counts from here, and never without it."""
    reached_by = column(sa.String(8), seen=Class.INTERNAL)
    answer = column(sa.String(8), seen=Class.INTERNAL)
    """The resident's own word, `yes`, `partly` or `no`; the last one when it was corrected."""
    answered_at = column(Instant, seen=Class.INTERNAL)
    ended_at = column(Instant, seen=Class.INTERNAL)
    """When the question was over: answered, closed by silence, or taken back by staff who opened the case again."""
    ended_by = column(sa.String(8), seen=Class.INTERNAL)


class Inquiry(Base):
    """Many cases looked into at once. They stay cases of their own: one plan, one update to all, one report."""

    __tablename__ = "inquiries"
    __table_args__ = (one_of("status", "open", "closed"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    status = column(sa.String(8), nullable=False, server_default="open", seen=Class.INTERNAL)
    title_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    plan_sealed = column(sa.LargeBinary, seen=Class.PERSONAL)
    report_sealed = column(sa.LargeBinary, seen=Class.PERSONAL)
    opened_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    opened_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    closed_at = column(Instant, seen=Class.INTERNAL)
    version = column(sa.Integer, nullable=False, server_default="1", seen=Class.INTERNAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # as SQLAlchemy types it


class Duty(Base):
    """Something that waits for a person to see or do it. One that is open is not added again."""

    __tablename__ = "duties"
    __table_args__ = (
        sa.Index("uq_duties_open", "kind", "subject", unique=True, postgresql_where=sa.text("done_at IS NULL")),
        sa.Index("ix_duties_waiting", "id", postgresql_where=sa.text("done_at IS NULL")),
        sa.Index(None, "case_id"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    kind = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    subject = column(sa.String(64), nullable=False, seen=Class.INTERNAL)
    """The case's id, or what a notice is about: `ward:1017`."""
    case_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)
    data = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.INTERNAL)
    since = column(Instant, nullable=False, seen=Class.INTERNAL)
    done_at = column(Instant, seen=Class.INTERNAL)
    done_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
