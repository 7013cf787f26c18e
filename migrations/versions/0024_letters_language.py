"""The language of a letter: its head, its dates and what follows it are in the same.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letters", sa.Column("language", sa.String(length=8), server_default="en", nullable=False))


def downgrade() -> None:
    op.drop_column("letters", "language")
