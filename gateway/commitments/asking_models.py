"""What residents say of claims: who agreed to be asked, the questions, and the answers to each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column
from gateway.ids import new_id
from gateway.residents.models import Agreed, Instant


class Answerer(Agreed, Base):
    """A resident of a ward may be asked now and then."""

    __tablename__ = "answerers"
    __table_args__ = (
        sa.Index("uq_answerers_open", "resident_id", unique=True, postgresql_where=sa.text("until IS NULL")),
        sa.Index("ix_answerers_open_by_ward", "ward_code", postgresql_where=sa.text("until IS NULL")),
    )


class Check(Base):
    """A question to the residents of a ward about something that is claimed, and what came of it."""

    __tablename__ = "checks"
    __table_args__ = (sa.Index(None, "ogp_id", "id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    milestone_id = column(sa.ForeignKey("milestones.id"), seen=Class.PUBLIC)
    """None: about the promise as a whole."""
    ward_code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    question = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """By language; answered 1 yes, 2 no, 3 do not know."""
    asked_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    asked_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    closes_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    """Answers count until then, and are shown from then."""
    broadcast_id = column(sa.ForeignKey("broadcasts.id"), nullable=False, unique=True, seen=Class.INTERNAL)
    outcome = column(JSONB, seen=Class.PUBLIC)
    """What came of it, by language."""
    outcome_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    outcome_at = column(Instant, seen=Class.PUBLIC)
    outcome_broadcast_id = column(sa.ForeignKey("broadcasts.id"), unique=True, seen=Class.INTERNAL)


class CheckAnswer(Base):
    """One answer of one resident to one question, as last given."""

    __tablename__ = "check_answers"
    __table_args__ = (
        sa.CheckConstraint("answer BETWEEN 1 AND 3", name="answer"),
        sa.Index(None, "resident_id", "answered_at"),
    )

    check_id = column(sa.ForeignKey("checks.id"), primary_key=True, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), primary_key=True, seen=Class.INTERNAL)
    answer = column(sa.SmallInteger, nullable=False, seen=Class.PERSONAL)
    """1 yes, 2 no, 3 do not know."""
    answered_at = column(Instant, nullable=False, seen=Class.INTERNAL)
