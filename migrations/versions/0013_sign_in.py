"""Signing in to the desk's pages: password, second factor, invitations, sessions, saved lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    "staff_credentials",
    "staff_recovery_codes",
    "staff_invitations",
    "staff_sessions",
    "sign_in_tries",
    "saved_filters",
)

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("staff", sa.Column("language", sa.String(length=8)))
    op.add_column("staff_tokens", sa.Column("proved_at", INSTANT))
    _secrets()
    _sessions()
    grant(op.get_bind(), TABLES)


def _secrets() -> None:
    op.create_table(
        "staff_credentials",
        _staff("staff_credentials"),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_credentials")),
    )
    op.create_table(
        "staff_recovery_codes",
        _staff("staff_recovery_codes"),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("staff_id", "code_digest", name=op.f("pk_staff_recovery_codes")),
    )
    op.create_table(
        "staff_invitations",
        _staff("staff_invitations"),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_invitations")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_invitations_token_digest")),
    )


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.UUID(), nullable=False),
        _staff("staff_sessions"),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=120), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("proved_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_sessions_token_digest")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id_id"), "staff_sessions", ["staff_id", "id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=False),
        sa.Column("wait_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_tries")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.UUID(), nullable=False),
        _staff("saved_filters"),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
    )
    op.create_index("uq_saved_filters_name", "saved_filters", ["staff_id", "name"], unique=True)


def _staff(table: str) -> sa.Column[object]:
    foreign = sa.ForeignKey("staff.id", name=op.f(f"fk_{table}_staff_id_staff"))
    return sa.Column("staff_id", sa.UUID(), foreign, nullable=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("staff_tokens", "proved_at")
    op.drop_column("staff", "language")
