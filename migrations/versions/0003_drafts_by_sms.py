"""Drafts that are finished by SMS, and the one SMS about a draft left alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("sms_wanted", "by_sms"):
        op.add_column("drafts", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_drafts_alone",
        "drafts",
        ["updated_at"],
        postgresql_where=sa.text("status = 'open' AND sms_wanted AND mentioned_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_drafts_alone", table_name="drafts")
    for name in ("by_sms", "sms_wanted"):
        op.drop_column("drafts", name)
