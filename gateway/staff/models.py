"""Staff accounts, how they prove who they are, their tokens and sessions, and the audit trail."""

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
    language = column(sa.String(8), seen=Class.INTERNAL)
    """Which language the desk's pages speak to this person; None follows the browser."""
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
    proved_at = column(Instant, seen=Class.INTERNAL)
    """When its holder last gave a code of the second factor."""


class StaffCredential(Base):
    """Password and second factor of an account that has taken its invitation; nobody has one without the other."""

    __tablename__ = "staff_credentials"

    staff_id = column(sa.ForeignKey("staff.id"), primary_key=True, seen=Class.INTERNAL)
    password_hash = column(sa.String(200), nullable=False, seen=Class.SECRET)
    totp_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    totp_step = column(sa.BigInteger, nullable=False, server_default="0", seen=Class.INTERNAL)
    """The last time step whose code was taken: a code works once (RFC 6238, section 5.2)."""
    set_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class RecoveryCode(Base):
    """A code to sign in with once when the phone with the authenticator is lost, kept as a keyed hash."""

    __tablename__ = "staff_recovery_codes"

    staff_id = column(sa.ForeignKey("staff.id"), primary_key=True, seen=Class.INTERNAL)
    code_digest = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    used_at = column(Instant, seen=Class.INTERNAL)


class Invitation(Base):
    """A link by which one person sets password and second factor, once; a newer one takes the place of an older."""

    __tablename__ = "staff_invitations"

    staff_id = column(sa.ForeignKey("staff.id"), primary_key=True, seen=Class.INTERNAL)
    token_digest = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    totp_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    expires_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class StaffSession(Base):
    """One sign-in to the desk's pages: the list of logins. The cookie is kept as a keyed hash."""

    __tablename__ = "staff_sessions"
    __table_args__ = (sa.Index(None, "staff_id", "id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    token_digest = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    address = column(sa.String(45), nullable=False, seen=Class.PERSONAL)
    agent = column(sa.String(120), nullable=False, seen=Class.PERSONAL)
    """What the browser calls itself."""
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    seen_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    """Of the last request, to the minute."""
    expires_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    proved_at = column(Instant, seen=Class.INTERNAL)
    """When the second factor was last given; None until it was: such a session opens no page but that question."""
    ended_at = column(Instant, seen=Class.INTERNAL)


class SignInTries(Base):
    """Failures to sign in by one account or from one address, and until when the next has to wait."""

    __tablename__ = "sign_in_tries"

    subject = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    failures = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    tried_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    wait_until = column(Instant, nullable=False, seen=Class.INTERNAL)


class SavedFilter(Base):
    """A list of cases somebody looks at often, by a name of their own."""

    __tablename__ = "saved_filters"
    __table_args__ = (sa.Index("uq_saved_filters_name", "staff_id", "name", unique=True),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    name = column(sa.String(60), nullable=False, seen=Class.INTERNAL)
    wanted = column(JSONB, nullable=False, seen=Class.INTERNAL)
    """What the list is narrowed to, as the API's query has it."""


class KeptForm(Base):
    """What somebody wrote into a form of the desk while their session ended; theirs alone to read, for half a day."""

    __tablename__ = "kept_forms"
    __table_args__ = (sa.Index(None, "staff_id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    staff_id = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    said_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    kept_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class AuditEntry(Base):
    """Who did what, inserted with the change itself. The application's role can neither update nor delete here."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index(None, "staff_id", "id"),
        sa.Index(None, "subject", "id"),
    )

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
