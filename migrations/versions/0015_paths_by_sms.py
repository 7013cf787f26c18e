"""The funnel of menus by SMS: whether a path was walked by USSD or by SMS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session_paths", sa.Column("bearer", sa.String(length=4), server_default="ussd", nullable=False))
    op.create_check_constraint(op.f("ck_session_paths_bearer"), "session_paths", "bearer IN ('ussd', 'sms')")


def downgrade() -> None:
    op.drop_column("session_paths", "bearer")
