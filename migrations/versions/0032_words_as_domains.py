"""Words of the tables that every case is written to as domains: Postgres keeps their checks between statements.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

DOMAINS = (
    (
        "cases",
        "status",
        "case_status",
        20,
        "received triage assigned in_progress waiting_resident referred resolved confirmed closed_unconfirmed reopened "
        "rejected withdrawn",
    ),
    ("cases", "kind", "case_kind", 16, "complaint information feedback"),
    ("cases", "privacy", "case_privacy", 10, "sms no_sms not_kept"),
    ("cases", "consent", "case_consent", 8, "asked given refused"),
    ("case_events", "actor", "event_actor", 8, "resident staff system"),
    ("case_events", "audience", "event_audience", 12, "resident department internal"),
    ("drafts", "status", "draft_status", 8, "open filed deleted"),
    ("messages", "lane", "message_lane", 10, "replies broadcasts"),
    ("messages", "state", "message_state", 12, "owed held accepted delivered failed expired unknown suppressed"),
)
"""Table, column, domain, most letters, words."""


def upgrade() -> None:
    for table, column, domain, length, words in DOMAINS:
        # The check comes last: with it, Postgres would write every row anew instead of only reading it.
        op.execute(f"CREATE DOMAIN {domain} AS varchar({length})")
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {domain}")
        op.execute(f"ALTER DOMAIN {domain} ADD CONSTRAINT {domain} CHECK (VALUE IN ({_listed(words)}))")


def downgrade() -> None:
    for table, column, domain, length, words in DOMAINS:
        op.alter_column(table, column, type_=sa.String(length))
        op.execute(f"DROP DOMAIN {domain}")
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({_listed(words)})")


def _listed(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())
