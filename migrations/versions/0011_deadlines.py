"""Deadlines: what they were last counted with, and an index to find what is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0011"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadline_basis",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("calendar", postgresql.JSONB(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("rebuilt_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_deadline_basis_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_basis")),
    )
    op.create_index(op.f("ix_cases_due_at_id"), "cases", ["due_at", "id"])
    grant(op.get_bind(), ("deadline_basis",))


def downgrade() -> None:
    op.drop_index(op.f("ix_cases_due_at_id"), "cases")
    op.drop_table("deadline_basis")
