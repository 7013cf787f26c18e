"""Look up no case for each of its words, and enter a new case in no index that never finds it.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

GIVEN_LATER = ("assignee_id", "department_code")
"""Columns of a case that are empty when it is filed, and are never asked for while they are."""


def upgrade() -> None:
    op.drop_constraint(op.f("fk_case_terms_case_id_cases"), "case_terms")
    for name in GIVEN_LATER:
        op.drop_index(f"ix_cases_{name}_id", table_name="cases")
        op.create_index(f"ix_cases_{name}_id", "cases", [name, "id"], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.drop_constraint(op.f("uq_case_events_effect_key"), "case_events")
    op.create_index(
        "uq_case_events_effect_key",
        "case_events",
        ["effect_key"],
        unique=True,
        postgresql_where=sa.text("effect_key IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_case_events_effect_key", table_name="case_events")
    op.create_unique_constraint("uq_case_events_effect_key", "case_events", ["effect_key"])
    for name in GIVEN_LATER:
        op.drop_index(f"ix_cases_{name}_id", table_name="cases")
        op.create_index(f"ix_cases_{name}_id", "cases", [name, "id"])
    op.create_foreign_key("fk_case_terms_case_id_cases", "case_terms", "cases", ["case_id"], ["id"], ondelete="CASCADE")
