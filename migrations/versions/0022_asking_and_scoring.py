"""Questions to residents about what is claimed, and the community scorecard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("answerers", "checks", "check_answers", "score_rounds", "scores")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "answerers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("ward_code", sa.String(length=16), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_answerers_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answerers")),
    )
    still = sa.text("until IS NULL")
    op.create_index("uq_answerers_open", "answerers", ["resident_id"], unique=True, postgresql_where=still)
    op.create_index("ix_answerers_open_by_ward", "answerers", ["ward_code"], postgresql_where=still)
    _checks()
    _scores()
    grant(op.get_bind(), TABLES)


def _checks() -> None:
    text = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("milestone_id", sa.UUID(), nullable=True),
        sa.Column("ward_code", sa.String(length=16), nullable=False),
        sa.Column("question", text, nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("broadcast_id", sa.UUID(), nullable=False),
        sa.Column("outcome", text, nullable=True),
        sa.Column("outcome_by", sa.UUID(), nullable=True),
        sa.Column("outcome_at", INSTANT, nullable=True),
        sa.Column("outcome_broadcast_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_checks_ogp_id_commitments")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], name=op.f("fk_checks_milestone_id_milestones")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_checks_asked_by_staff")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_checks_broadcast_id_broadcasts")),
        sa.ForeignKeyConstraint(["outcome_by"], ["staff.id"], name=op.f("fk_checks_outcome_by_staff")),
        sa.ForeignKeyConstraint(
            ["outcome_broadcast_id"], ["broadcasts.id"], name=op.f("fk_checks_outcome_broadcast_id_broadcasts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sa.UniqueConstraint("broadcast_id", name=op.f("uq_checks_broadcast_id")),
        sa.UniqueConstraint("outcome_broadcast_id", name=op.f("uq_checks_outcome_broadcast_id")),
    )
    op.create_index(op.f("ix_checks_ogp_id_id"), "checks", ["ogp_id", "id"])
    op.create_table(
        "check_answers",
        sa.Column("check_id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.CheckConstraint("answer BETWEEN 1 AND 3", name=op.f("ck_check_answers_answer")),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_check_answers_check_id_checks")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_check_answers_resident_id_residents")),
        sa.PrimaryKeyConstraint("check_id", "resident_id", name=op.f("pk_check_answers")),
    )
    op.create_index(op.f("ix_check_answers_resident_id_answered_at"), "check_answers", ["resident_id", "answered_at"])


def _scores() -> None:
    op.create_table(
        "score_rounds",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("facility_code", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_score_rounds_opened_by_staff")),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_score_rounds_ogp_id_commitments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_rounds")),
    )
    op.create_index(op.f("ix_score_rounds_facility_code_closes_at"), "score_rounds", ["facility_code", "closes_at"])
    op.create_table(
        "scores",
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("voter", sa.LargeBinary(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("marks", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.CheckConstraint("side IN ('residents', 'staff')", name=op.f("ck_scores_side")),
        sa.ForeignKeyConstraint(["round_id"], ["score_rounds.id"], name=op.f("fk_scores_round_id_score_rounds")),
        sa.PrimaryKeyConstraint("round_id", "voter", name=op.f("pk_scores")),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
