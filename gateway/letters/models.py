"""Letters with force, what was found, and what was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

KINDS = ("notice", "right_of_reply", "reminder", "step_up", "not_ours")
OUTCOMES = ("carried_out", "partly", "refused", "not_carried_out")

LETTER_NUMBER = sa.Sequence("letter_number_seq", metadata=Base.metadata)


class Letter(Base):
    """One letter about a case. Prepared until it is signed: then it has a number, a date and a day to answer by."""

    __tablename__ = "letters"
    __table_args__ = (
        one_of("kind", *KINDS),
        sa.UniqueConstraint("follows_id", "kind"),
        sa.Index(None, "case_id", "id"),
        sa.Index(
            "ix_letters_waiting",
            "reply_by",
            postgresql_where=sa.text("answered_at IS NULL AND reply_by IS NOT NULL"),
        ),
        sa.Index("ix_letters_unsigned", "id", postgresql_where=sa.text("signed_at IS NULL")),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    kind = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    number = column(sa.String(32), unique=True, seen=Class.INTERNAL)
    rung = column(sa.SmallInteger, nullable=False, server_default="0", seen=Class.INTERNAL)
    """Which step of the pack's ladder it goes to; 0 is the accounting officer."""
    department_code = column(sa.String(16), seen=Class.INTERNAL)
    language = column(sa.String(8), nullable=False, server_default="en", seen=Class.INTERNAL)
    """What it is written in; head, dates and what follows it are in the same."""
    addressee_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    text_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    follows_id = column(sa.ForeignKey("letters.id"), seen=Class.INTERNAL)
    """The letter that was not answered."""
    tells_id = column(sa.ForeignKey("case_events.id"), unique=True, seen=Class.INTERNAL)
    """The decision it tells the resident."""
    prepared_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    signed_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    signed_at = column(Instant, seen=Class.INTERNAL)
    reply_by = column(sa.Date, seen=Class.INTERNAL)
    answered_at = column(Instant, seen=Class.INTERNAL)
    """When the answer was written, as the paper says."""
    answer_event = column(sa.ForeignKey("case_events.id"), seen=Class.INTERNAL)


class Finding(Base):
    """What the Ombudsman found about a case."""

    __tablename__ = "findings"
    __table_args__ = (sa.Index(None, "case_id", "id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    adverse = column(sa.Boolean, nullable=False, seen=Class.INTERNAL)
    """Against a named officer, who was heard first."""
    text_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    made_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class Recommendation(Base):
    """What a department was asked to do, by when, and whether it was carried out."""

    __tablename__ = "recommendations"
    __table_args__ = (
        one_of("outcome", *OUTCOMES),
        sa.Index(None, "case_id", "id"),
        sa.Index("ix_recommendations_open", "due_on", postgresql_where=sa.text("outcome IS NULL")),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    finding_id = column(sa.ForeignKey("findings.id"), nullable=False, seen=Class.INTERNAL)
    department_code = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    text_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    due_on = column(sa.Date, nullable=False, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    outcome = column(sa.String(16), seen=Class.INTERNAL)
    """Empty while it is open."""
    outcome_at = column(Instant, seen=Class.INTERNAL)
    outcome_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)


class Digest(Base):
    """What waits for one person on one morning: made once, so that tomorrow it can be compared with what was done."""

    __tablename__ = "digests"

    staff_id = column(sa.ForeignKey("staff.id"), primary_key=True, seen=Class.INTERNAL)
    day = column(sa.Date, primary_key=True, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    lists = column(sa.JSON, nullable=False, seen=Class.INTERNAL)
    """Serials by what is due: never a word of a case."""
