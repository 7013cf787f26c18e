"""Which facility a case is about.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("facility_code", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_cases_facility_code",
        "cases",
        ["facility_code", "id"],
        postgresql_where=sa.text("facility_code IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_facility_code", table_name="cases")
    op.drop_column("cases", "facility_code")
