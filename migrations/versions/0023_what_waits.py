"""What waits at the desk, counted without reading a case: when the resident wrote last, indexes that say who sees it.

Revision ID: 0023
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0026"
branch_labels = None
depends_on = None

OPEN = "status IN ('assigned', 'in_progress', 'received', 'referred', 'reopened', 'triage', 'waiting_resident')"
NOBODY = "status IN ('received', 'triage') AND assignee_id IS NULL"
SEEN_BY = ["reprisal_at", "department_code"]

_WROTE = """
    UPDATE cases SET wrote_at = last.at FROM (
        SELECT DISTINCT ON (case_id) case_id, id, at FROM case_events
        WHERE kind = 'resident_wrote' ORDER BY case_id, id DESC
    ) AS last
    WHERE cases.id = last.case_id AND NOT EXISTS (
        SELECT FROM case_events AS later WHERE later.case_id = cases.id AND later.actor = 'staff' AND later.id > last.id
    )
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("wrote_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_WROTE)
    op.drop_index("ix_case_events_wrote", table_name="case_events")
    staff = sa.text("actor = 'staff'")
    op.create_index("ix_case_events_staff", "case_events", ["case_id", "at"], postgresql_where=staff)
    for name in ("ix_cases_status_id", "ix_cases_new", "ix_cases_open", "ix_cases_due_at_id"):
        op.drop_index(name, table_name="cases")
    _index("ix_cases_status_id", ["status", "id"], "")
    _index("ix_cases_new", ["id"], NOBODY)
    _index("ix_cases_open", ["id"], OPEN, "due_at")
    _index("ix_cases_due", ["due_at", "id"], OPEN)
    _index("ix_cases_wrote", ["wrote_at", "id"], f"wrote_at IS NOT NULL AND {OPEN}")


def _index(name: str, columns: list[str], where: str, *more: str) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, "cases", columns, postgresql_where=only, postgresql_include=[*more, *SEEN_BY])


def downgrade() -> None:
    for name in ("ix_cases_wrote", "ix_cases_due", "ix_cases_open", "ix_cases_new", "ix_cases_status_id"):
        op.drop_index(name, table_name="cases")
    op.create_index("ix_cases_due_at_id", "cases", ["due_at", "id"])
    op.create_index("ix_cases_open", "cases", ["id"], postgresql_where=sa.text(OPEN), postgresql_include=["due_at"])
    op.create_index("ix_cases_new", "cases", ["id"], postgresql_where=sa.text(NOBODY))
    op.create_index("ix_cases_status_id", "cases", ["status", "id"])
    op.drop_index("ix_case_events_staff", table_name="case_events")
    wrote = sa.text("kind = 'resident_wrote'")
    op.create_index("ix_case_events_wrote", "case_events", ["at"], postgresql_where=wrote)
    op.drop_column("cases", "wrote_at")
