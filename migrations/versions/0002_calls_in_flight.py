"""Calls to a provider whose answer is not written yet; reports of messages whose id never came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("message_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
    )
    op.create_index("ix_messages_held", "messages", ["not_before"], postgresql_where=sa.text("state = 'held'"))
    op.add_column("delivery_reports", sa.Column("fate", sa.String(length=12), server_default="untold", nullable=False))
    op.add_column("delivery_reports", sa.Column("resident_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_delivery_reports_resident_id_residents"), "delivery_reports", "residents", ["resident_id"], ["id"]
    )
    op.create_index(
        "ix_delivery_reports_unmatched",
        "delivery_reports",
        ["received_at"],
        postgresql_where=sa.text("message_id IS NULL"),
    )
    grant(op.get_bind(), ("provider_calls",))


def downgrade() -> None:
    op.drop_index("ix_delivery_reports_unmatched", "delivery_reports")
    op.drop_column("delivery_reports", "resident_id")
    op.drop_column("delivery_reports", "fate")
    op.drop_index("ix_messages_held", "messages")
    op.drop_table("provider_calls")
