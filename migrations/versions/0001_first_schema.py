"""The first schema: residents, cases, messages, promises, staff, audit; rights of the application's role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant, read_version

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "channel_states",
    "commitments",
    "guesses",
    "hop_effects",
    "residents",
    "session_ends",
    "staff",
    "audit_entries",
    "broadcasts",
    "cases",
    "consents",
    "drafts",
    "follows",
    "idempotency_keys",
    "staff_tokens",
    "audit_links",
    "case_events",
    "commitment_updates",
    "inbound_messages",
    "messages",
    "delivery_reports",
)


def upgrade() -> None:
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("stopped_reason", sa.String(length=64), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_states")),
    )
    op.create_table(
        "commitments",
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column(
            "partners", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column(
            "problem", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("inferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("claim", sa.String(length=16), server_default="no_report", nullable=False),
        sa.Column("judged", sa.String(length=16), server_default="not_assessed", nullable=False),
        sa.PrimaryKeyConstraint("ogp_id", name=op.f("pk_commitments")),
    )
    op.create_table(
        "guesses",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_guesses")),
    )
    op.create_table(
        "hop_effects",
        sa.Column("effect_key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("effect_key", name=op.f("pk_hop_effects")),
    )
    op.create_table(
        "residents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("ward_code", sa.String(length=16), nullable=True),
        sa.Column("full_answers", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stopped_broadcasts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_all_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lock_digest", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
        sa.UniqueConstraint("number_lookup", name=op.f("uq_residents_number_lookup")),
    )
    op.create_table(
        "session_ends",
        sa.Column("session_key", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("cost", sa.String(length=24), server_default="", nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("hops", sa.Integer(), nullable=True),
        sa.Column("last_screen", sa.String(length=64), server_default="", nullable=False),
        sa.Column("network", sa.String(length=16), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_session_ends")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('intake', 'officer', 'focal', 'supervisor', 'oversight', 'admin')", name=op.f("ck_staff_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=64), server_default="", nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entries_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=32), server_default="", nullable=False),
        sa.Column("bodies", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipients", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_broadcasts_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("serial", sa.String(length=24), nullable=False),
        sa.Column("receipt_lookup", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.String(length=4), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=True),
        sa.Column("privacy", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=20), server_default="received", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("area_code", sa.String(length=16), server_default="", nullable=False),
        sa.Column("ward_code", sa.String(length=16), server_default="", nullable=False),
        sa.Column("department_code", sa.String(length=16), nullable=True),
        sa.Column("assignee_id", sa.UUID(), nullable=True),
        sa.Column("commitment_id", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("story_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("effect_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(privacy = 'not_kept') = (resident_id IS NULL)", name=op.f("ck_cases_kept")),
        sa.CheckConstraint("kind IN ('complaint', 'information', 'feedback')", name=op.f("ck_cases_kind")),
        sa.CheckConstraint("privacy IN ('sms', 'no_sms', 'not_kept')", name=op.f("ck_cases_privacy")),
        sa.CheckConstraint(
            "status IN ('received', 'triage', 'assigned', 'in_progress', 'waiting_resident', 'referred', 'resolved', 'confirmed', 'closed_unconfirmed', 'reopened', 'rejected', 'withdrawn')",  # noqa: E501
            name=op.f("ck_cases_status"),
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_cases_assignee_id_staff")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.ogp_id"], name=op.f("fk_cases_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_cases_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_cases_effect_key")),
        sa.UniqueConstraint("receipt_lookup", name=op.f("uq_cases_receipt_lookup")),
        sa.UniqueConstraint("serial", name=op.f("uq_cases_serial")),
    )
    op.create_index(op.f("ix_cases_assignee_id_id"), "cases", ["assignee_id", "id"], unique=False)
    op.create_index(op.f("ix_cases_category_id"), "cases", ["category", "id"], unique=False)
    op.create_index(op.f("ix_cases_department_code_id"), "cases", ["department_code", "id"], unique=False)
    op.create_index(op.f("ix_cases_resident_id_id"), "cases", ["resident_id", "id"], unique=False)
    op.create_index(op.f("ix_cases_status_id"), "cases", ["status", "id"], unique=False)
    op.create_index(op.f("ix_cases_ward_code_id"), "cases", ["ward_code", "id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), server_default="", nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consents_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_consents_effect_key")),
    )
    op.create_index(op.f("ix_consents_resident_id_kind"), "consents", ["resident_id", "kind"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("session_key", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("consumed", sa.Integer(), nullable=False),
        sa.Column("checkpoint_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mentioned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('open', 'filed', 'deleted')", name=op.f("ck_drafts_status")),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_drafts_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("session_key", name=op.f("uq_drafts_session_key")),
    )
    op.create_index(op.f("ix_drafts_expires_at"), "drafts", ["expires_at"], unique=False)
    op.create_index(op.f("ix_drafts_resident_id_updated_at"), "drafts", ["resident_id", "updated_at"], unique=False)
    op.create_table(
        "follows",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_follows_ogp_id_commitments")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_follows_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
    )
    op.create_index(
        "ix_follows_open_by_promise", "follows", ["ogp_id"], unique=False, postgresql_where=sa.text("until IS NULL")
    )
    op.create_index(
        "uq_follows_open", "follows", ["resident_id", "ogp_id"], unique=True, postgresql_where=sa.text("until IS NULL")
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_idempotency_keys_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "staff_tokens",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_tokens_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_tokens_token_digest")),
    )
    op.create_table(
        "audit_links",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_links_entry_id_audit_entries")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_links_entry_id")),
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("actor IN ('resident', 'staff', 'system')", name=op.f("ck_case_events_actor")),
        sa.CheckConstraint("audience IN ('resident', 'department', 'internal')", name=op.f("ck_case_events_audience")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_events_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_case_events_effect_key")),
    )
    op.create_index(op.f("ix_case_events_case_id_id"), "case_events", ["case_id", "id"], unique=False)
    op.create_table(
        "commitment_updates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("ogp_id", sa.String(length=16), nullable=False),
        sa.Column("text", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_by", sa.UUID(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("broadcast_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_commitment_updates_broadcast_id_broadcasts")
        ),
        sa.ForeignKeyConstraint(
            ["ogp_id"], ["commitments.ogp_id"], name=op.f("fk_commitment_updates_ogp_id_commitments")
        ),
        sa.ForeignKeyConstraint(["published_by"], ["staff.id"], name=op.f("fk_commitment_updates_published_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_updates")),
    )
    op.create_index(op.f("ix_commitment_updates_ogp_id_id"), "commitment_updates", ["ogp_id", "id"], unique=False)
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=True),
        sa.Column("to_code", sa.String(length=24), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_inbound_messages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_inbound_messages_resident_id_residents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_inbound_messages_channel_provider_id")),
    )
    op.create_index(
        op.f("ix_inbound_messages_resident_id_received_at"),
        "inbound_messages",
        ["resident_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("lane", sa.String(length=10), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("params_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("audience", sa.String(length=12), server_default="resident", nullable=False),
        sa.Column("resident_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("broadcast_id", sa.UUID(), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="owed", nullable=False),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.UUID(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("possible_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("provider_message_id", sa.String(length=128), nullable=True),
        sa.Column("segments", sa.SmallInteger(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("lane IN ('replies', 'broadcasts')", name=op.f("ck_messages_lane")),
        sa.CheckConstraint(
            "state IN ('owed', 'held', 'leased', 'accepted', 'delivered', 'failed', 'expired', 'unknown', 'suppressed')",  # noqa: E501
            name=op.f("ck_messages_state"),
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_messages_broadcast_id_broadcasts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id_cases")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_messages_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_messages_effect_key")),
    )
    op.create_index(op.f("ix_messages_case_id_id"), "messages", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_messages_claim",
        "messages",
        ["lane", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'owed'"),
    )
    op.create_index(
        "ix_messages_leased", "messages", ["leased_until"], unique=False, postgresql_where=sa.text("state = 'leased'")
    )
    op.create_index(op.f("ix_messages_resident_id_id"), "messages", ["resident_id", "id"], unique=False)
    op.create_index(
        "ix_messages_unknown", "messages", ["sent_at"], unique=False, postgresql_where=sa.text("state = 'unknown'")
    )
    op.create_index("uq_messages_broadcast", "messages", ["broadcast_id", "resident_id"], unique=True)
    op.create_index(
        "uq_messages_provider",
        "messages",
        ["channel", "provider_message_id"],
        unique=True,
        postgresql_where=sa.text("provider_message_id IS NOT NULL"),
    )
    op.create_table(
        "delivery_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("provider_message_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=48), nullable=False),
        sa.Column("reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("network", sa.String(length=16), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_delivery_reports_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_reports")),
        sa.UniqueConstraint(
            "channel",
            "provider_message_id",
            "status",
            name=op.f("uq_delivery_reports_channel_provider_message_id_status"),
        ),
    )
    op.execute("CREATE SEQUENCE case_serial_seq")
    grant(op.get_bind(), TABLES, append_only=("audit_entries", "audit_links"))
    read_version(op.get_bind())


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP SEQUENCE case_serial_seq")
