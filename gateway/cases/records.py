"""What stands beside a case: conflicts of interest, files of staff, words to search by, and calls asked for."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

OUTCOMES = ("reached", "no_answer", "wrong_number", "declined", "gave_up")
"""How a call back went. `no_answer` leaves it open for another try; every other one closes it."""


class CaseConflict(Base):
    """A case names a member of staff, or an office: hidden from that person, or from those of that office."""

    __tablename__ = "case_conflicts"
    __table_args__ = (
        one_of("about", "person", "department", "office"),
        sa.CheckConstraint("(about = 'person') = (staff_id IS NOT NULL)", name="whom"),
        sa.CheckConstraint("(about = 'person') = (unit IS NULL)", name="which"),
        sa.Index(
            "uq_case_conflicts_person",
            "case_id",
            "staff_id",
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index(
            "uq_case_conflicts_unit", "case_id", "unit", unique=True, postgresql_where=sa.text("lifted_at IS NULL")
        ),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    about = column(sa.String(10), nullable=False, seen=Class.INTERNAL)
    """`person`, a `department`, or the Ombudsman's own `office`."""
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    unit = column(sa.String(16), seen=Class.INTERNAL)
    marked_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    marked_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    lifted_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    lifted_at = column(Instant, seen=Class.INTERNAL)


class CaseTerm(Base):
    """One word of a case's sealed words, as a keyed hash: finds the case, tells nothing to who has not the key.

    No foreign key: a case is never deleted, its words are written with it, and each would be looked up by itself.
    """

    __tablename__ = "case_terms"

    term = column(sa.BigInteger, primary_key=True, autoincrement=False, seen=Class.SECRET)
    case_id = column(UUID, primary_key=True, seen=Class.INTERNAL)


class Attachment(Base):
    """A file that staff put with a case. Its bytes lie sealed in a folder, under the hash of what lies there."""

    __tablename__ = "attachments"
    __table_args__ = (
        one_of("audience", "department", "internal"),
        sa.Index(None, "case_id", "id"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    event_id = column(sa.ForeignKey("case_events.id"), nullable=False, seen=Class.INTERNAL)
    audience = column(sa.String(12), nullable=False, seen=Class.INTERNAL)
    name_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    media_type = column(sa.String(40), nullable=False, seen=Class.INTERNAL)
    size = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    """Bytes, before sealing."""
    file = column(sa.String(64), unique=True, nullable=False, seen=Class.INTERNAL)
    """SHA-256 of the sealed bytes, in hex: the name of the file."""
    content_digest = column(sa.LargeBinary, nullable=False, seen=Class.SECRET)
    """Keyed hash of the bytes before sealing."""
    added_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class Callback(Base):
    """A resident asked to be called. The number is kept for it only as long as the call is owed."""

    __tablename__ = "callbacks"
    __table_args__ = (
        one_of("hours", "morning", "afternoon", "evening", "any"),
        sa.Index(None, "closed_at", "id"),
        sa.Index(None, "resident_id"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), seen=Class.INTERNAL)
    """None once it is closed."""
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    hours = column(sa.String(10), nullable=False, seen=Class.INTERNAL)
    """When it is safe to call."""
    wording = column(sa.Text, nullable=False, seen=Class.INTERNAL)
    """What the resident agreed to, as it was shown."""
    asked_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    tries = column(sa.Integer, nullable=False, server_default="0", seen=Class.INTERNAL)
    outcome = column(sa.String(16), seen=Class.INTERNAL)
    """The last try's."""
    tried_at = column(Instant, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    closed_at = column(Instant, seen=Class.INTERNAL)
    effect_key = column(sa.LargeBinary, unique=True, seen=Class.SECRET)
