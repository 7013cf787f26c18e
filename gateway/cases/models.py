"""Cases and what happened to them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.cases.states import KINDS, OPEN, Status
from gateway.database import Base, Class, Word, column
from gateway.ids import new_id
from gateway.residents.models import NOW, Instant

_OPEN = ", ".join(f"'{status}'" for status in OPEN)
_SEEN_BY = ["reprisal_at", "department_code"]
"""What `visibility` asks of a case: indexes that hold it count cases without reading one."""
AUDIENCES = ("resident", "department", "internal")
HAS_EFFECT = sa.text("effect_key IS NOT NULL")
"""Which events happen once by their effect."""
CASE_SERIAL = sa.Sequence("case_serial_seq", metadata=Base.metadata)


class Case(Base):
    """A complaint, an information request or feedback. The desk calls it by its serial, the resident by the receipt."""

    __tablename__ = "cases"
    __table_args__ = (
        # "Not kept" leaves no way back to the number.
        sa.CheckConstraint("(privacy = 'not_kept') = (resident_id IS NULL)", name="kept"),
        sa.Index(None, "resident_id", "id"),
        sa.Index(None, "status", "id", postgresql_include=_SEEN_BY),
        # A case that is filed enters every index that holds it: none holds what it is never asked for.
        sa.Index(None, "assignee_id", "id", postgresql_where=sa.text("assignee_id IS NOT NULL")),
        sa.Index(None, "department_code", "id", postgresql_where=sa.text("department_code IS NOT NULL")),
        sa.Index(None, "ward_code", "id"),
        sa.Index(None, "category", "id"),
        sa.Index(
            "ix_cases_facility_code", "facility_code", "id", postgresql_where=sa.text("facility_code IS NOT NULL")
        ),
        # Cases that nobody has yet, for the to-do list.
        sa.Index(
            "ix_cases_new",
            "id",
            postgresql_include=_SEEN_BY,
            postgresql_where=sa.text("status IN ('received', 'triage') AND assignee_id IS NULL"),
        ),
        # What is work for somebody: by age, by deadline, and where the resident wrote last.
        sa.Index(
            "ix_cases_open",
            "id",
            postgresql_include=["due_at", *_SEEN_BY],
            postgresql_where=sa.text(f"status IN ({_OPEN})"),
        ),
        sa.Index(
            "ix_cases_due",
            "due_at",
            "id",
            postgresql_include=_SEEN_BY,
            postgresql_where=sa.text(f"status IN ({_OPEN})"),
        ),
        sa.Index(
            "ix_cases_wrote",
            "wrote_at",
            "id",
            postgresql_include=_SEEN_BY,
            postgresql_where=sa.text(f"wrote_at IS NOT NULL AND status IN ({_OPEN})"),
        ),
        sa.Index(None, "kind", "id"),
        sa.Index(None, "reference", "id"),
        sa.Index("ix_cases_lead_id", "lead_id", postgresql_where=sa.text("lead_id IS NOT NULL")),
        sa.Index("ix_cases_inquiry_id", "inquiry_id", postgresql_where=sa.text("inquiry_id IS NOT NULL")),
        # Block ranges: what was filed lately is found, and filing pays next to nothing for it.
        sa.Index("ix_cases_filed_at", "filed_at", postgresql_using="brin"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    serial = column(sa.String(24), unique=True, nullable=False, seen=Class.INTERNAL)
    receipt_lookup = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    receipt_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    reference = column(sa.String(4), nullable=False, seen=Class.INTERNAL)
    """The receipt's first four digits: what an SMS may show."""
    resident_id = column(sa.ForeignKey("residents.id"), seen=Class.INTERNAL)
    privacy = column(Word("case_privacy", 10, "sms", "no_sms", "not_kept"), nullable=False, seen=Class.INTERNAL)
    """`sms`, `no_sms` or `not_kept`."""
    kind = column(Word("case_kind", 16, *KINDS), nullable=False, seen=Class.PUBLIC)
    category = column(sa.String(32), nullable=False, seen=Class.PUBLIC)
    status = column(Word("case_status", 20, *Status), nullable=False, server_default="received", seen=Class.PUBLIC)
    urgent = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    area_code = column(sa.String(16), nullable=False, server_default="", seen=Class.INTERNAL)
    ward_code = column(sa.String(16), nullable=False, server_default="", seen=Class.INTERNAL)
    facility_code = column(sa.String(32), seen=Class.INTERNAL)
    """The place of service it is about, as staff say; finer than a ward, so it stays inside the office."""
    department_code = column(sa.String(16), seen=Class.INTERNAL)
    assignee_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    commitment_id = column(sa.ForeignKey("commitments.ogp_id"), seen=Class.INTERNAL)
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    story_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    summary_sealed = column(sa.LargeBinary, seen=Class.PERSONAL)
    """The case officer's account of it, for the department."""
    released_to = column(sa.String(16), seen=Class.INTERNAL)
    """The department that may read the resident's own words, as far as they were written by `released_at`."""
    released_at = column(Instant, seen=Class.INTERNAL)
    filed_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    due_at = column(Instant, seen=Class.INTERNAL)
    """The next deadline the office must keep, as `projection` counted it from the events."""
    closed_at = column(Instant, seen=Class.INTERNAL)
    """Since when it is confirmed, closed, rejected or withdrawn; empty while it is open."""
    rung = column(sa.SmallInteger, nullable=False, server_default="0", seen=Class.INTERNAL)
    """How far it has climbed the pack's ladder: 0 is the department."""
    lead_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)
    """The case that this one is worked on with: both are about the same thing."""
    inquiry_id = column(sa.ForeignKey("inquiries.id"), seen=Class.INTERNAL)
    wrote_at = column(Instant, seen=Class.INTERNAL)
    """When the resident last wrote, while nobody of the desk has done anything since; a test recounts it."""
    reprisal_at = column(Instant, seen=Class.INTERNAL)
    """Since when only the supervisor sees it: the resident is punished for complaining."""
    refer_to = column(sa.String(32), seen=Class.INTERNAL)
    """The office outside that the resident was sent to, asked about, or that has it; a code of the pack's referrals."""
    consent = column(Word("case_consent", 8, "asked", "given", "refused"), seen=Class.INTERNAL)
    """Whether the file may go to `refer_to`: `asked`, `given` or `refused` by the resident."""
    version = column(sa.Integer, nullable=False, server_default="1", seen=Class.INTERNAL)
    effect_key = column(sa.LargeBinary, unique=True, seen=Class.SECRET)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # as SQLAlchemy types it


IS_OPEN = Case.status.in_([sa.literal_column(f"'{status}'") for status in OPEN])
"""The case is work for somebody; written as in the indexes, or Postgres would not know that they hold what is asked."""


class CaseEvent(Base):
    """One thing that happened to a case: timeline, conversation and history come from this table alone."""

    __tablename__ = "case_events"
    __table_args__ = (
        sa.Index(None, "case_id", "id"),
        # Whether somebody of the desk has done anything since.
        sa.Index("ix_case_events_staff", "case_id", "at", postgresql_where=sa.text("actor = 'staff'")),
        sa.Index("uq_case_events_effect_key", "effect_key", unique=True, postgresql_where=HAS_EFFECT),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), nullable=False, seen=Class.INTERNAL)
    at = column(Instant, nullable=False, seen=Class.INTERNAL)
    kind = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    actor = column(Word("event_actor", 8, "resident", "staff", "system"), nullable=False, seen=Class.INTERNAL)
    """`resident`, `staff` or `system`."""
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    audience = column(Word("event_audience", 12, *AUDIENCES), nullable=False, seen=Class.INTERNAL)
    """`resident`, `department` or `internal`: who may read the words."""
    language = column(sa.String(8), seen=Class.INTERNAL)
    channel = column(sa.String(24), seen=Class.INTERNAL)
    text_sealed = column(sa.LargeBinary, seen=Class.PERSONAL)
    data = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.INTERNAL)
    read_at = column(Instant, seen=Class.INTERNAL)
    effect_key = column(sa.LargeBinary, seen=Class.SECRET)


class DeadlineBasis(Base):
    """The holidays and rules that `cases.due_at` was last counted with: one row."""

    __tablename__ = "deadline_basis"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id = column(sa.SmallInteger, primary_key=True, seen=Class.INTERNAL)
    calendar = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """Names of holidays by day."""
    rules = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """What counts in each rule, by its code."""
    rebuilt_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class IdempotencyKey(Base):
    """The first answer to a write, given again when the same staff member repeats it under the same key."""

    __tablename__ = "idempotency_keys"

    staff_id = column(sa.ForeignKey("staff.id"), primary_key=True, seen=Class.INTERNAL)
    key = column(sa.String(128), primary_key=True, seen=Class.INTERNAL)
    request_digest = column(sa.LargeBinary, nullable=False, seen=Class.SECRET)
    status = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    response_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    created_at = column(Instant, nullable=False, server_default=NOW, seen=Class.INTERNAL)
