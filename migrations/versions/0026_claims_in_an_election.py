"""Broadcasts say why they are paused: a claim that an election period stopped.

Revision ID: 0026
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("paused_because", sa.String(length=24), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("broadcasts", "paused_because")
