"""Notices by place and language, and broadcasts whose recipients are added after the approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATUSES = ("draft", "running", "paused", "cancelled", "done")


def upgrade() -> None:
    op.create_table(
        "notice_readers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("ward_code", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_notice_readers_resident_id_residents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_readers")),
    )
    still = sa.text("until IS NULL")
    op.create_index("uq_notice_readers_open", "notice_readers", ["resident_id"], unique=True, postgresql_where=still)
    op.create_index("ix_notice_readers_open_by_ward", "notice_readers", ["ward_code"], postgresql_where=still)
    nothing = sa.text("'[]'::jsonb")
    for name in ("places", "languages"):
        op.add_column(
            "broadcasts",
            sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=nothing, nullable=False),
        )
    _statuses(*STATUSES, "adding")
    withdrawn: sa.Column[bool] = sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("messages", withdrawn)
    op.add_column("channel_states", sa.Column("paused_reason", sa.String(length=64), nullable=True))
    grant(op.get_bind(), ("notice_readers",))


def downgrade() -> None:
    op.execute("UPDATE broadcasts SET status = 'draft' WHERE status = 'adding'")
    _statuses(*STATUSES)
    op.drop_column("channel_states", "paused_reason")
    op.drop_column("messages", "withdrawn")
    for name in ("languages", "places"):
        op.drop_column("broadcasts", name)
    op.drop_table("notice_readers")


def _statuses(*allowed: str) -> None:
    op.drop_constraint(op.f("ck_broadcasts_status"), "broadcasts")
    listed = ", ".join(f"'{status}'" for status in allowed)
    op.create_check_constraint(op.f("ck_broadcasts_status"), "broadcasts", f"status IN ({listed})")
