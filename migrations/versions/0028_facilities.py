"""Facilities that a supervisor named, for the community scorecard.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "facilities",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ward_code", sa.String(length=16), nullable=False),
        sa.Column("named_by", sa.UUID(), nullable=False),
        sa.Column("named_at", INSTANT, nullable=False),
        sa.Column("retired_by", sa.UUID(), nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('health', 'school', 'water', 'market', 'office', 'other')", name=op.f("ck_facilities_kind")
        ),
        sa.ForeignKeyConstraint(["named_by"], ["staff.id"], name=op.f("fk_facilities_named_by_staff")),
        sa.ForeignKeyConstraint(["retired_by"], ["staff.id"], name=op.f("fk_facilities_retired_by_staff")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_facilities")),
    )
    grant(op.get_bind(), ("facilities",))


def downgrade() -> None:
    op.drop_table("facilities")
