"""What others say of the promises: the monitor's judgements, audits and queries, proposals, links to cases, history.

Judgements, audits, queries, answers and history are append-only for the application's database role.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.commitments.progress_models import CLAIMS, EMPTY_LIST
from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

SCALE = ("no_evidence", *CLAIMS)
"""The Open Government Partnership's scale of completion: no evidence available, not started, limited, substantial,
complete (its glossary)."""


class Assessment(Base):
    """What the independent monitor judges of a promise, or of one milestone. Public as soon as it is made."""

    __tablename__ = "assessments"
    __table_args__ = (sa.Index(None, "ogp_id", "id"), one_of("judged", *SCALE))

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    milestone_id = column(sa.ForeignKey("milestones.id"), seen=Class.PUBLIC)
    """None: of the whole promise."""
    judged = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    reasons = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    language = column(sa.String(8), nullable=False, seen=Class.PUBLIC)
    evidence = column(JSONB, nullable=False, server_default=EMPTY_LIST, seen=Class.PUBLIC)
    made_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class ClaimAudit(Base):
    """The monitor looked at one claim: it holds, or it is corrected to another state."""

    __tablename__ = "claim_audits"
    __table_args__ = (
        sa.Index(None, "claim_id", "id"),
        one_of("outcome", "confirmed", "corrected"),
        one_of("corrected_to", *SCALE),
        sa.CheckConstraint("(outcome = 'corrected') = (corrected_to IS NOT NULL)", name="to"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    claim_id = column(sa.ForeignKey("claims.id"), nullable=False, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    outcome = column(sa.String(12), nullable=False, seen=Class.PUBLIC)
    corrected_to = column(sa.String(16), seen=Class.PUBLIC)
    found = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    language = column(sa.String(8), nullable=False, seen=Class.PUBLIC)
    evidence = column(JSONB, nullable=False, server_default=EMPTY_LIST, seen=Class.PUBLIC)
    made_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class CommitmentQuery(Base):
    """A question of the monitor to an institution, with a day to answer by. Public."""

    __tablename__ = "commitment_queries"
    __table_args__ = (sa.Index(None, "ogp_id", "id"), sa.Index(None, "department_code", "due_on"))

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    department_code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    question = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    language = column(sa.String(8), nullable=False, seen=Class.PUBLIC)
    due_on = column(sa.Date, nullable=False, seen=Class.PUBLIC)
    asked_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    asked_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class QueryAnswer(Base):
    """What the institution answered, once; a correction is another query. Public."""

    __tablename__ = "query_answers"

    query_id = column(sa.ForeignKey("commitment_queries.id"), primary_key=True, seen=Class.PUBLIC)
    text = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    language = column(sa.String(8), nullable=False, seen=Class.PUBLIC)
    evidence = column(JSONB, nullable=False, server_default=EMPTY_LIST, seen=Class.PUBLIC)
    answered_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    answered_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class Proposal(Base):
    """An idea for a next plan, in words that staff wrote for the public; never a promise."""

    __tablename__ = "proposals"
    __table_args__ = (
        one_of("said_by", "residents", "civil_society", "official"),
        one_of("status", "collected", "published", "taken_up", "refused"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    code = column(sa.String(32), unique=True, seen=Class.PUBLIC)
    """The pack's own; None for those collected at the desk."""
    title = column(JSONB, nullable=False, seen=Class.PUBLIC)
    text = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    area = column(sa.String(32), seen=Class.PUBLIC)
    ward_code = column(sa.String(16), seen=Class.PUBLIC)
    said_by = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    source = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    entered_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    entered_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    status = column(sa.String(12), nullable=False, server_default="published", seen=Class.PUBLIC)
    """`gateway.commitments.proposals.MOVES`. What the pack carries is published."""
    published_at = column(Instant, seen=Class.PUBLIC)
    """Since when anybody may read it; None: nobody may, and no other column of it is shown."""
    answer = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    """Why it was refused or where it was taken up, by language."""
    taken_up_in = column(sa.ForeignKey("commitments.ogp_id"), seen=Class.PUBLIC)
    decided_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    decided_at = column(Instant, seen=Class.PUBLIC)


class CommitmentLink(Base):
    """A case, or every case of a category, concerns a promise: from `made_at` until `ended_at`."""

    __tablename__ = "commitment_links"
    __table_args__ = (
        sa.CheckConstraint("(case_id IS NULL) <> (category IS NULL)", name="what"),
        sa.Index(
            "uq_commitment_links_case", "ogp_id", "case_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index(
            "uq_commitment_links_category",
            "ogp_id",
            "category",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "case_id"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)
    category = column(sa.String(32), seen=Class.INTERNAL)
    made_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    made_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    ended_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    ended_at = column(Instant, seen=Class.INTERNAL)


class CommitmentChange(Base):
    """Something became public or changed: what feeds read, and why nothing is edited silently."""

    __tablename__ = "commitment_changes"
    __table_args__ = (sa.Index(None, "ogp_id", "id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    kind = column(sa.String(24), nullable=False, seen=Class.PUBLIC)
    """A word of `gateway.commitments.history.Kind`."""
    subject = column(sa.String(48), nullable=False, server_default="", seen=Class.PUBLIC)
    """What it is about: the id of a report or an assessment, the code of a milestone."""
    data = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    """Public facts; for a change of the plan, each field with `before` and `after`."""
    staff_id = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    """None: by the pack or the command line."""
    at = column(Instant, nullable=False, seen=Class.PUBLIC)
