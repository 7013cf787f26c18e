"""The funnel: which screens each USSD session was shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_paths",
        sa.Column("session_key", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_screen", sa.String(length=64), nullable=False),
        sa.Column("consumed", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("screens", postgresql.ARRAY(sa.String(length=64)), nullable=False),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_session_paths")),
    )
    op.create_index(op.f("ix_session_paths_began_at"), "session_paths", ["began_at"])
    op.create_index(op.f("ix_session_paths_last_at"), "session_paths", ["last_at"])
    grant(op.get_bind(), ("session_paths",))


def downgrade() -> None:
    op.drop_table("session_paths")
