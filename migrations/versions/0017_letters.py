"""Letters with force, findings, recommendations, and the morning's digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("letters", "findings", "recommendations", "digests")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("letter_number_seq")))
    _letters()
    _findings()
    _recommendations()
    op.create_table(
        "digests",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_digests_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "day", name=op.f("pk_digests")),
    )
    grant(op.get_bind(), TABLES)


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("rung", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=True),
        sa.Column("addressee_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("follows_id", sa.UUID(), nullable=True),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("signed_by", sa.UUID(), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answer_event", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('notice', 'right_of_reply', 'reminder', 'step_up', 'not_ours')", name=op.f("ck_letters_kind")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_letters_case_id_cases")),
        sa.ForeignKeyConstraint(["follows_id"], ["letters.id"], name=op.f("fk_letters_follows_id_letters")),
        sa.ForeignKeyConstraint(["signed_by"], ["staff.id"], name=op.f("fk_letters_signed_by_staff")),
        sa.ForeignKeyConstraint(["answer_event"], ["case_events.id"], name=op.f("fk_letters_answer_event_case_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("number", name=op.f("uq_letters_number")),
        sa.UniqueConstraint("follows_id", "kind", name=op.f("uq_letters_follows_id_kind")),
    )
    op.create_index(op.f("ix_letters_case_id_id"), "letters", ["case_id", "id"])
    waiting = sa.text("answered_at IS NULL AND reply_by IS NOT NULL")
    op.create_index("ix_letters_waiting", "letters", ["reply_by"], postgresql_where=waiting)
    op.create_index("ix_letters_unsigned", "letters", ["id"], postgresql_where=sa.text("signed_at IS NULL"))


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("adverse", sa.Boolean(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_findings_case_id_cases")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_findings_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_case_id_id"), "findings", ["case_id", "id"])


def _recommendations() -> None:
    op.create_table(
        "recommendations",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome_at", INSTANT, nullable=True),
        sa.Column("outcome_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('carried_out', 'partly', 'refused', 'not_carried_out')",
            name=op.f("ck_recommendations_outcome"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recommendations_case_id_cases")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_recommendations_finding_id_findings")),
        sa.ForeignKeyConstraint(["outcome_by"], ["staff.id"], name=op.f("fk_recommendations_outcome_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_case_id_id"), "recommendations", ["case_id", "id"])
    unfinished = sa.text("outcome IS NULL")
    op.create_index("ix_recommendations_open", "recommendations", ["due_on"], postgresql_where=unfinished)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("letter_number_seq")))
