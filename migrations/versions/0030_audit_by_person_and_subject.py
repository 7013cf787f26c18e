"""Find entries of the audit trail by who did it, and by what it was done to.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entries_staff_id_id", "audit_entries", ["staff_id", "id"])
    op.create_index("ix_audit_entries_subject_id", "audit_entries", ["subject", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entries_subject_id", table_name="audit_entries")
    op.drop_index("ix_audit_entries_staff_id_id", table_name="audit_entries")
