"""Depth of the promises: milestones, indicators, reports, judgements, queries, proposals, links and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0018"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "milestones",
    "indicators",
    "progress_reports",
    "claims",
    "readings",
    "report_decisions",
    "assessments",
    "claim_audits",
    "commitment_queries",
    "query_answers",
    "proposals",
    "commitment_links",
    "commitment_changes",
)
HISTORY = (
    "progress_reports",
    "claims",
    "readings",
    "report_decisions",
    "assessments",
    "claim_audits",
    "commitment_queries",
    "query_answers",
    "commitment_changes",
)
"""Never edited: the application's role may only add."""

COLUMNS = ("lead_department", "supporting", "committee", "programme", "status_quo", "action", "source", "from_pack")
INSTANT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
NO_ITEMS, NO_TEXTS = sa.text("'[]'::jsonb"), sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.add_column("commitments", sa.Column("lead_department", sa.String(length=16), nullable=True))
    op.add_column("commitments", sa.Column("supporting", JSON, server_default=NO_ITEMS, nullable=False))
    op.add_column("commitments", sa.Column("committee", sa.Text(), server_default="", nullable=False))
    op.add_column("commitments", sa.Column("programme", sa.Text(), server_default="", nullable=False))
    op.add_column("commitments", sa.Column("status_quo", JSON, server_default=NO_TEXTS, nullable=False))
    op.add_column("commitments", sa.Column("action", JSON, server_default=NO_TEXTS, nullable=False))
    op.add_column("commitments", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.add_column("commitments", sa.Column("from_pack", JSON, server_default=NO_TEXTS, nullable=False))
    _plan()
    _reports()
    _claims()
    _judgements()
    _queries()
    _proposals()
    _links()
    _history()
    grant(op.get_bind(), TABLES, append_only=HISTORY)


def _plan() -> None:
    op.create_table(
        "milestones",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("output", JSON, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.String(length=12), server_default="plan", nullable=False),
        sa.Column("from_pack", JSON, server_default=NO_TEXTS, nullable=False),
        sa.Column("claimed", sa.String(length=16), server_default="no_report", nullable=False),
        sa.Column("claimed_since", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "claimed IN ('no_report', 'not_started', 'limited', 'substantial', 'complete')",
            name=op.f("ck_milestones_claimed"),
        ),
        sa.CheckConstraint("origin IN ('plan', 'scorecard')", name=op.f("ck_milestones_origin")),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_milestones_ogp_id_commitments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("ogp_id", "code", name=op.f("uq_milestones_ogp_id_code")),
    )
    op.create_table(
        "indicators",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("baseline", sa.Numeric(), nullable=True),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("target", sa.Numeric(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("from_pack", JSON, server_default=NO_TEXTS, nullable=False),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_indicators_ogp_id_commitments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
        sa.UniqueConstraint("ogp_id", "code", name=op.f("uq_indicators_ogp_id_code")),
    )


def _reports() -> None:
    op.create_table(
        "progress_reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("claim", sa.String(length=16), nullable=False),
        sa.Column("activities", sa.Text(), nullable=False),
        sa.Column("obstacles", sa.Text(), server_default="", nullable=False),
        sa.Column("next_steps", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", JSON, server_default=NO_ITEMS, nullable=False),
        sa.Column("site_visits", JSON, server_default=NO_ITEMS, nullable=False),
        sa.Column("replaces_id", sa.UUID(), nullable=True),
        sa.Column("written_by", sa.UUID(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "claim IN ('not_started', 'limited', 'substantial', 'complete')", name=op.f("ck_progress_reports_claim")
        ),
        sa.ForeignKeyConstraint(
            ["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_progress_reports_ogp_id_commitments")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["progress_reports.id"], name=op.f("fk_progress_reports_replaces_id_progress_reports")
        ),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_progress_reports_written_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_reports")),
    )
    op.create_index(
        op.f("ix_progress_reports_department_code_ogp_id_period"),
        "progress_reports",
        ["department_code", "ogp_id", "period"],
    )
    op.create_index(op.f("ix_progress_reports_ogp_id_id"), "progress_reports", ["ogp_id", "id"])


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("milestone_id", sa.UUID(), nullable=True),
        sa.Column("claimed", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "claimed IN ('not_started', 'limited', 'substantial', 'complete')", name=op.f("ck_claims_claimed")
        ),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], name=op.f("fk_claims_milestone_id_milestones")),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_claims_ogp_id_commitments")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["progress_reports.id"], name=op.f("fk_claims_report_id_progress_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_milestone_id_id"), "claims", ["milestone_id", "id"])
    op.create_index(op.f("ix_claims_report_id"), "claims", ["report_id"])
    op.create_table(
        "readings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("indicator_id", sa.UUID(), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=True),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicators.id"], name=op.f("fk_readings_indicator_id_indicators")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["progress_reports.id"], name=op.f("fk_readings_report_id_progress_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
    )
    op.create_index(op.f("ix_readings_indicator_id_read_on"), "readings", ["indicator_id", "read_on"])
    op.create_table(
        "report_decisions",
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.CheckConstraint("decision IN ('published', 'returned')", name=op.f("ck_report_decisions_decision")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_report_decisions_decided_by_staff")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["progress_reports.id"], name=op.f("fk_report_decisions_report_id_progress_reports")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_decisions")),
    )


def _judgements() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("milestone_id", sa.UUID(), nullable=True),
        sa.Column("judged", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("evidence", JSON, server_default=NO_ITEMS, nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "judged IN ('no_evidence', 'not_started', 'limited', 'substantial', 'complete')",
            name=op.f("ck_assessments_judged"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_assessments_made_by_staff")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name=op.f("fk_assessments_milestone_id_milestones")
        ),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_assessments_ogp_id_commitments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index(op.f("ix_assessments_ogp_id_id"), "assessments", ["ogp_id", "id"])
    op.create_table(
        "claim_audits",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("corrected_to", sa.String(length=16), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("evidence", JSON, server_default=NO_ITEMS, nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint("(outcome = 'corrected') = (corrected_to IS NOT NULL)", name=op.f("ck_claim_audits_to")),
        sa.CheckConstraint(
            "corrected_to IN ('no_evidence', 'not_started', 'limited', 'substantial', 'complete')",
            name=op.f("ck_claim_audits_corrected_to"),
        ),
        sa.CheckConstraint("outcome IN ('confirmed', 'corrected')", name=op.f("ck_claim_audits_outcome")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_audits_claim_id_claims")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_claim_audits_made_by_staff")),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_claim_audits_ogp_id_commitments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_audits")),
    )
    op.create_index(op.f("ix_claim_audits_claim_id_id"), "claim_audits", ["claim_id", "id"])


def _queries() -> None:
    op.create_table(
        "commitment_queries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_commitment_queries_asked_by_staff")),
        sa.ForeignKeyConstraint(
            ["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_commitment_queries_ogp_id_commitments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_queries")),
    )
    op.create_index(
        op.f("ix_commitment_queries_department_code_due_on"), "commitment_queries", ["department_code", "due_on"]
    )
    op.create_index(op.f("ix_commitment_queries_ogp_id_id"), "commitment_queries", ["ogp_id", "id"])
    op.create_table(
        "query_answers",
        sa.Column("query_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("evidence", JSON, server_default=NO_ITEMS, nullable=False),
        sa.Column("answered_by", sa.UUID(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_query_answers_answered_by_staff")),
        sa.ForeignKeyConstraint(
            ["query_id"], ["commitment_queries.id"], name=op.f("fk_query_answers_query_id_commitment_queries")
        ),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_query_answers")),
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("title", JSON, nullable=False),
        sa.Column("text", JSON, server_default=NO_TEXTS, nullable=False),
        sa.Column("area", sa.String(length=32), nullable=True),
        sa.Column("ward_code", sa.String(length=16), nullable=True),
        sa.Column("said_by", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.UUID(), nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.CheckConstraint("said_by IN ('residents', 'civil_society', 'official')", name=op.f("ck_proposals_said_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("fk_proposals_entered_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("code", name=op.f("uq_proposals_code")),
    )


def _links() -> None:
    op.create_table(
        "commitment_links",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("made_by", sa.UUID(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.UUID(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("(case_id IS NULL) <> (category IS NULL)", name=op.f("ck_commitment_links_what")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_commitment_links_case_id_cases")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_commitment_links_ended_by_staff")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_commitment_links_made_by_staff")),
        sa.ForeignKeyConstraint(
            ["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_commitment_links_ogp_id_commitments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_links")),
    )
    op.create_index(op.f("ix_commitment_links_case_id"), "commitment_links", ["case_id"])
    op.create_index(
        "uq_commitment_links_case",
        "commitment_links",
        ["ogp_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_commitment_links_category",
        "commitment_links",
        ["ogp_id", "category"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _history() -> None:
    op.create_table(
        "commitment_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=48), server_default="", nullable=False),
        sa.Column("data", JSON, server_default=NO_TEXTS, nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_commitment_changes_ogp_id_commitments")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_commitment_changes_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_changes")),
    )
    op.create_index(op.f("ix_commitment_changes_ogp_id_id"), "commitment_changes", ["ogp_id", "id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in COLUMNS:
        op.drop_column("commitments", name)
