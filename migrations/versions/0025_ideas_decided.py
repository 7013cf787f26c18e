"""Ideas for a next plan are published, taken up or refused; those that are there were public already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FRESH = ("decided_at", "decided_by", "taken_up_in", "answer", "published_at", "status")


def upgrade() -> None:
    empty = sa.text("'{}'::jsonb")
    op.add_column("proposals", sa.Column("status", sa.String(length=12), server_default="published", nullable=False))
    op.add_column("proposals", sa.Column("published_at", INSTANT, nullable=True))
    op.add_column("proposals", sa.Column("answer", postgresql.JSONB(), server_default=empty, nullable=False))
    op.add_column("proposals", sa.Column("taken_up_in", sa.String(length=16), nullable=True))
    op.add_column("proposals", sa.Column("decided_by", sa.UUID(), nullable=True))
    op.add_column("proposals", sa.Column("decided_at", INSTANT, nullable=True))
    op.create_check_constraint(
        op.f("ck_proposals_status"), "proposals", "status IN ('collected', 'published', 'taken_up', 'refused')"
    )
    op.create_foreign_key(
        op.f("fk_proposals_taken_up_in_commitments"), "proposals", "commitments", ["taken_up_in"], ["ogp_id"]
    )
    op.create_foreign_key(op.f("fk_proposals_decided_by_staff"), "proposals", "staff", ["decided_by"], ["id"])
    op.execute("UPDATE proposals SET published_at = entered_at")


def downgrade() -> None:
    for name in FRESH:
        op.drop_column("proposals", name)
