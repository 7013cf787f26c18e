"""Broadcasts that are approved, paused and cancelled; the balance at the provider; SMS that were sent twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STEPS = ("started_at", "approved_at", "finished_at")


def upgrade() -> None:
    for name in STEPS:
        op.add_column("broadcasts", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("broadcasts", sa.Column("approved_by", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_broadcasts_approved_by_staff"), "broadcasts", "staff", ["approved_by"], ["id"])
    op.create_check_constraint(
        op.f("ck_broadcasts_status"),
        "broadcasts",
        "status IN ('draft', 'running', 'paused', 'cancelled', 'done')",
    )
    op.create_index("ix_broadcasts_open", "broadcasts", ["status"], postgresql_where=sa.text("finished_at IS NULL"))
    op.execute("UPDATE broadcasts SET started_at = created_at WHERE status = 'running'")
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["broadcast_id", "state", "reason"],
        postgresql_where=sa.text("broadcast_id IS NOT NULL AND state IN ('owed', 'held', 'leased')"),
    )
    op.create_index(
        "ix_messages_sent_at",
        "messages",
        ["sent_at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "32"},
    )
    op.add_column("inbound_messages", sa.Column("content_digest", sa.LargeBinary(), nullable=True))
    op.add_column("channel_states", sa.Column("balance", sa.Numeric(precision=14, scale=4), nullable=True))
    op.add_column("channel_states", sa.Column("currency", sa.String(length=3), nullable=True))
    op.add_column("channel_states", sa.Column("balance_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channel_states", sa.Column("unreported", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("unreported", "balance_at", "currency", "balance"):
        op.drop_column("channel_states", name)
    op.drop_column("inbound_messages", "content_digest")
    op.drop_index("ix_messages_sent_at", "messages")
    op.drop_index("ix_messages_waiting", "messages")
    op.drop_index("ix_broadcasts_open", "broadcasts")
    op.drop_constraint(op.f("ck_broadcasts_status"), "broadcasts")
    for name in ("approved_by", *STEPS):
        op.drop_column("broadcasts", name)
