"""Staff accounts, their tokens, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import NOW, Instant
from gateway.staff.roles import Role


class Staff(Base):
    __tablename__ = "staff"
    __table_args__ = (one_of("role", *Role),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    email = column(sa.String(254), unique=True, nullable=False, seen=Class.INTERNAL)
    name = column(sa.String(120), nullable=False, seen=Class.INTERNAL)
    role = column(sa.String(12), nullable=False, seen=Class.INTERNAL)
    """`intake`, `officer`, `focal`, `supervisor`, `oversight` or `admin`."""
    department_code = column(sa.String(16), seen=Class.INTERNAL)
    superior_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    """Whom this person answers to: a case that names the superior is hidden from this person too."""
    active = column(sa.Boolean, nullable=False, server_default=sa.true(), seen=Class.INTERNAL)
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class Absence(Base):
    """Days on which a member of staff is away: no case is suggested to them then."""

    __tablename__ = "staff_absences"
    __table_args__ = (
        sa.CheckConstraint("from_day <= until_day", name="order"),
        sa.Index(None, "staff_id", "until_day"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    from_day = column(sa.Date, nullable=False, seen=Class.INTERNAL)
    until_day = column(sa.Date, nullable=False, seen=Class.INTERNAL)
    """The last day away."""
    cancelled_at = column(Instant, seen=Class.INTERNAL)
    entered_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class StaffToken(Base):
    """A bearer token of the API, kept as a keyed hash."""

    __tablename__ = "staff_tokens"

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    token_digest = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    expires_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    revoked_at = column(Instant, seen=Class.INTERNAL)


class AuditEntry(Base):
    """Who did what, inserted with the change itself. The application's role can neither update nor delete here."""

    __tablename__ = "audit_entries"

    id = column(sa.BigInteger, sa.Identity(), primary_key=True, seen=Class.INTERNAL)
    at = column(Instant, nullable=False, server_default=NOW, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    action = column(sa.String(48), nullable=False, seen=Class.INTERNAL)
    subject = column(sa.String(64), nullable=False, server_default="", seen=Class.INTERNAL)
    data = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.INTERNAL)


class AuditLink(Base):
    """The hash chain over the entries, added by the clock process; a broken link names the first changed row."""

    __tablename__ = "audit_links"

    position = column(sa.BigInteger, sa.Identity(), primary_key=True, seen=Class.INTERNAL)
    entry_id = column(sa.ForeignKey("audit_entries.id"), unique=True, nullable=False, seen=Class.INTERNAL)
    digest = column(sa.LargeBinary, nullable=False, seen=Class.PUBLIC)
