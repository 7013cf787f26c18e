"""Conflicts of interest, released words, leave, files of staff, calls asked for, and words to search by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0012"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("case_conflicts", "case_terms", "attachments", "callbacks", "staff_absences")


def upgrade() -> None:
    op.add_column("cases", sa.Column("summary_sealed", sa.LargeBinary()))
    op.add_column("cases", sa.Column("released_to", sa.String(16)))
    op.add_column("cases", sa.Column("released_at", INSTANT))
    op.create_index(op.f("ix_cases_kind_id"), "cases", ["kind", "id"])
    op.create_index(op.f("ix_cases_reference_id"), "cases", ["reference", "id"])
    op.add_column("staff", sa.Column("superior_id", sa.UUID()))
    op.create_foreign_key(op.f("fk_staff_superior_id_staff"), "staff", "staff", ["superior_id"], ["id"])
    _absences()
    _conflicts()
    _attachments()
    _callbacks()
    op.create_table(
        "case_terms",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_terms_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "case_id", name=op.f("pk_case_terms")),
    )
    grant(op.get_bind(), TABLES)


def _absences() -> None:
    op.create_table(
        "staff_absences",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("cancelled_at", INSTANT),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.CheckConstraint("from_day <= until_day", name=op.f("ck_staff_absences_order")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_absences_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_absences")),
    )
    op.create_index(op.f("ix_staff_absences_staff_id_until_day"), "staff_absences", ["staff_id", "until_day"])


def _conflicts() -> None:
    op.create_table(
        "case_conflicts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("staff_id", sa.UUID()),
        sa.Column("unit", sa.String(16)),
        sa.Column("marked_by", sa.UUID(), nullable=False),
        sa.Column("marked_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.UUID()),
        sa.Column("lifted_at", INSTANT),
        sa.CheckConstraint("about IN ('person', 'department', 'office')", name=op.f("ck_case_conflicts_about")),
        sa.CheckConstraint("(about = 'person') = (staff_id IS NOT NULL)", name=op.f("ck_case_conflicts_whom")),
        sa.CheckConstraint("(about = 'person') = (unit IS NULL)", name=op.f("ck_case_conflicts_which")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_conflicts_case_id_cases")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_conflicts_staff_id_staff")),
        sa.ForeignKeyConstraint(["marked_by"], ["staff.id"], name=op.f("fk_case_conflicts_marked_by_staff")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_case_conflicts_lifted_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_conflicts")),
    )
    for name, column in (("person", "staff_id"), ("unit", "unit")):
        op.create_index(
            f"uq_case_conflicts_{name}",
            "case_conflicts",
            ["case_id", column],
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.CheckConstraint("audience IN ('department', 'internal')", name=op.f("ck_attachments_audience")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id_cases")),
        sa.ForeignKeyConstraint(["event_id"], ["case_events.id"], name=op.f("fk_attachments_event_id_case_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("file", name=op.f("uq_attachments_file")),
    )
    op.create_index(op.f("ix_attachments_case_id_id"), "attachments", ["case_id", "id"])


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("resident_id", sa.UUID()),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("hours", sa.String(10), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("tried_at", INSTANT),
        sa.Column("staff_id", sa.UUID()),
        sa.Column("closed_at", INSTANT),
        sa.Column("effect_key", sa.LargeBinary()),
        sa.CheckConstraint("hours IN ('morning', 'afternoon', 'evening', 'any')", name=op.f("ck_callbacks_hours")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_callbacks_resident_id_residents")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_callbacks_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_callbacks_effect_key")),
    )
    op.create_index(op.f("ix_callbacks_closed_at_id"), "callbacks", ["closed_at", "id"])
    op.create_index(op.f("ix_callbacks_resident_id"), "callbacks", ["resident_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("staff", "superior_id")
    for index in ("kind_id", "reference_id"):
        op.drop_index(op.f(f"ix_cases_{index}"), "cases")
    for column in ("summary_sealed", "released_to", "released_at"):
        op.drop_column("cases", column)
