"""A message's row is written once by the call that sends it: its lease moves to the call, its indexes hold only what is
asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0010"
branch_labels = None
depends_on = None

STATES = ("owed", "held", "accepted", "delivered", "failed", "expired", "unknown", "suppressed")
IN_WORK = "broadcast_id IS NOT NULL AND state IN ('owed', 'held'{more})"


def upgrade() -> None:
    _move_leases()
    _restrict(*STATES)
    op.drop_index("ix_messages_leased", "messages")
    for name in ("lease", "leased_until"):
        op.drop_column("messages", name)
    _index("ix_messages_case_id_id", "case_id", "id", where="case_id IS NOT NULL")
    _index("uq_messages_broadcast", "broadcast_id", "resident_id", where="broadcast_id IS NOT NULL", unique=True)
    _index("ix_messages_waiting", "broadcast_id", "state", "reason", where=IN_WORK.format(more=""))
    op.drop_constraint(op.f("uq_messages_effect_key"), "messages")
    where = sa.text("effect_key IS NOT NULL")
    op.create_index("uq_messages_effect_key", "messages", ["effect_key"], unique=True, postgresql_where=where)


def _move_leases() -> None:
    """Calls on their way keep their messages; what had not left is owed as before."""
    op.add_column("provider_calls", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.execute("""
        UPDATE provider_calls SET leased_until = left_at + interval '1 minute', message_ids = ARRAY(
            SELECT m.id FROM messages AS m WHERE m.id = ANY (message_ids) AND m.state = 'leased')
    """)
    op.execute("DELETE FROM provider_calls WHERE cardinality(message_ids) = 0")
    op.alter_column("provider_calls", "leased_until", nullable=False)
    op.alter_column("provider_calls", "left_at", nullable=True)
    op.execute("UPDATE messages SET state = 'owed' WHERE state = 'leased'")


def _restrict(*states: str) -> None:
    op.drop_constraint(op.f("ck_messages_state"), "messages")
    listed = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_messages_state"), "messages", f"state IN ({listed})")


def _index(name: str, *columns: str, where: str | None, unique: bool = False) -> None:
    """Replace an index."""
    op.drop_index(name, "messages")
    partly = sa.text(where) if where else None
    op.create_index(name, "messages", list(columns), unique=unique, postgresql_where=partly)


def downgrade() -> None:
    op.drop_index("uq_messages_effect_key", "messages")
    op.create_unique_constraint(op.f("uq_messages_effect_key"), "messages", ["effect_key"])
    _index("uq_messages_broadcast", "broadcast_id", "resident_id", where=None, unique=True)
    _index("ix_messages_case_id_id", "case_id", "id", where=None)
    op.add_column("messages", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("lease", sa.UUID(), nullable=True))
    _restrict(*STATES, "leased")
    _index("ix_messages_waiting", "broadcast_id", "state", "reason", where=IN_WORK.format(more=", 'leased'"))
    where = sa.text("state = 'leased'")
    op.create_index("ix_messages_leased", "messages", ["leased_until"], postgresql_where=where)
    op.execute("DELETE FROM provider_calls WHERE left_at IS NULL")
    op.execute("""
        UPDATE messages AS m SET state = 'leased', lease = c.id, leased_until = c.leased_until
        FROM provider_calls AS c WHERE m.id = ANY (c.message_ids) AND m.state = 'owed'
    """)
    op.alter_column("provider_calls", "left_at", nullable=False)
    op.drop_column("provider_calls", "leased_until")
