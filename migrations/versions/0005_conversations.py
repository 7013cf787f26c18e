"""Menus by SMS: where a resident stands between one text and the next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("not_kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("heard", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("said", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'leaving')", name=op.f("ck_conversations_status")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_conversations_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index(
        "uq_conversations_open",
        "conversations",
        ["resident_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(op.f("ix_conversations_expires_at"), "conversations", ["expires_at"])
    grant(op.get_bind(), ("conversations",))


def downgrade() -> None:
    op.drop_table("conversations")
