"""Residents: the one table that holds a phone number, sealed, and what its owner has agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from gateway.database import Base, Class, column
from gateway.ids import new_id

NOW = sa.func.now()
Instant = sa.DateTime(timezone=True)


class Resident(Base):
    """A person with a phone. Made only when the resident chose that the number may be kept, or wrote an SMS."""

    __tablename__ = "residents"

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    number_lookup = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    number_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    ward_code = column(sa.String(16), seen=Class.PERSONAL)
    full_answers = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    stopped_broadcasts_at = column(Instant, seen=Class.INTERNAL)
    stopped_all_at = column(Instant, seen=Class.INTERNAL)
    unreachable_since = column(Instant, seen=Class.INTERNAL)
    lock_digest = column(sa.LargeBinary, seen=Class.SECRET)
    created_at = column(Instant, nullable=False, server_default=NOW, seen=Class.INTERNAL)


class Consent(Base):
    """What a resident agreed to: the words shown, their language, when, and when it was taken back."""

    __tablename__ = "consents"
    __table_args__ = (sa.Index(None, "resident_id", "kind"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    kind = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    """`number`, `ward` or `follow`."""
    subject = column(sa.String(32), nullable=False, server_default="", seen=Class.PERSONAL)
    wording = column(sa.Text, nullable=False, seen=Class.PERSONAL)
    """As it was shown; it may name the ward that was agreed to."""
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    given_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    withdrawn_at = column(Instant, seen=Class.INTERNAL)
    effect_key = column(sa.LargeBinary, unique=True, seen=Class.SECRET)


class Guess(Base):
    """Tries at a secret (a receipt, the four digits) by one number within a window: they must outlive a cache."""

    __tablename__ = "guesses"

    kind = column(sa.String(16), primary_key=True, seen=Class.INTERNAL)
    subject = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    tries = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    window_start = column(Instant, nullable=False, seen=Class.INTERNAL)


class Agreed:
    """Columns of a table of consents to SMS for one ward (gateway.messaging.ward_consents): from `since` until `until`.

    Each table has a unique index on `resident_id` where `until` is null: one ward at a time.
    """

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    ward_code = column(sa.String(16), nullable=False, seen=Class.PERSONAL)
    since = column(Instant, nullable=False, seen=Class.INTERNAL)
    until = column(Instant, seen=Class.INTERNAL)
    ended_by = column(sa.String(8), seen=Class.INTERNAL)
    """`menu`, `ward` (another took its place) or `stop`: START brings back what STOP ended."""
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
