"""Forms whose session ended while they were written; which decision a letter tells; open cases by age.

Revision ID: 0021
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_forms",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_kept_forms_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
    )
    op.create_index(op.f("ix_kept_forms_staff_id"), "kept_forms", ["staff_id"])
    op.add_column("letters", sa.Column("tells_id", sa.UUID(), nullable=True))
    op.create_unique_constraint(op.f("uq_letters_tells_id"), "letters", ["tells_id"])
    op.create_foreign_key(op.f("fk_letters_tells_id_case_events"), "letters", "case_events", ["tells_id"], ["id"])
    op.create_index(
        "ix_cases_open",
        "cases",
        ["id"],
        postgresql_include=["due_at"],
        postgresql_where=sa.text(
            "status IN ('assigned', 'in_progress', 'received', 'referred', 'reopened', 'triage', 'waiting_resident')"
        ),
    )
    grant(op.get_bind(), ["kept_forms"])


def downgrade() -> None:
    op.drop_index("ix_cases_open", "cases")
    op.drop_column("letters", "tells_id")
    op.drop_table("kept_forms")
