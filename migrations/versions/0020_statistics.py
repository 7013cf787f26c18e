"""Counts of cases, the figures the public sees, and the published heads of the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "counted_cases",
        sa.Column("case_id", postgresql.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("ward_code", sa.String(length=16), nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("speed", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_counted_cases")),
    )
    op.create_table(
        "rollups",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("row_key", sa.String(length=64), nullable=False),
        sa.Column("column_key", sa.String(length=40), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "row_key", "column_key", name=op.f("pk_rollups")),
    )
    op.create_table(
        "counting_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("caught_up_at", INSTANT, nullable=True),
        sa.Column("recounted_at", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_counting_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_state")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_publications_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_heads")),
    )
    grant(op.get_bind(), ("counted_cases", "rollups", "counting_state", "publications"))
    grant(op.get_bind(), ("audit_heads",), append_only=("audit_heads",))


def downgrade() -> None:
    for name in ("audit_heads", "publications", "counting_state", "rollups", "counted_cases"):
        op.drop_table(name)
