"""Indexes under the to-do list: cases that nobody has, and texts that did not arrive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    nobody = sa.text("status IN ('received', 'triage') AND assignee_id IS NULL")
    op.create_index("ix_cases_new", "cases", ["id"], postgresql_where=nobody)
    lost = sa.text("state IN ('failed', 'expired') AND case_id IS NOT NULL")
    op.create_index("ix_messages_lost", "messages", ["final_at"], postgresql_where=lost)
    wrote = sa.text("kind = 'resident_wrote'")
    op.create_index("ix_case_events_wrote", "case_events", ["at"], postgresql_where=wrote)


def downgrade() -> None:
    op.drop_index("ix_case_events_wrote", table_name="case_events")
    op.drop_index("ix_messages_lost", table_name="messages")
    op.drop_index("ix_cases_new", table_name="cases")
