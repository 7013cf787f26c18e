"""What the desk decides: resolutions and their answers, merged cases, inquiries, reprisal, consent, duties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0010"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("inquiries", "resolutions", "duties")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _tables()
    _resolutions()
    _duties()
    _cases()
    grant(op.get_bind(), TABLES)


def _tables() -> None:
    op.create_table(
        "inquiries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        _instant("opened_at", nullable=False),
        _instant("closed_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_inquiries_status")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_inquiries_opened_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiries")),
    )


def _resolutions() -> None:
    op.create_table(
        "resolutions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        _instant("at", nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        _instant("reached_at"),
        sa.Column("reached_by", sa.String(length=8), nullable=True),
        sa.Column("answer", sa.String(length=8), nullable=True),
        _instant("answered_at"),
        _instant("ended_at"),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.CheckConstraint("reached_by IN ('sms', 'menu')", name=op.f("ck_resolutions_reached_by")),
        sa.CheckConstraint("answer IN ('yes', 'partly', 'no')", name=op.f("ck_resolutions_answer")),
        sa.CheckConstraint("ended_by IN ('resident', 'silence', 'staff')", name=op.f("ck_resolutions_ended_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_resolutions_case_id_cases")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_resolutions_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
    )
    op.create_index(op.f("ix_resolutions_case_id_id"), "resolutions", ["case_id", "id"])
    op.create_index(op.f("ix_resolutions_at"), "resolutions", ["at"])
    op.create_index(
        "ix_resolutions_unreached",
        "resolutions",
        ["case_id"],
        postgresql_where=sa.text("reached_at IS NULL AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_resolutions_reached",
        "resolutions",
        ["reached_at"],
        postgresql_where=sa.text("reached_at IS NOT NULL AND ended_at IS NULL"),
    )


def _duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _instant("since", nullable=False),
        _instant("done_at"),
        sa.Column("done_by", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_duties_case_id_cases")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_duties_done_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index("uq_duties_open", "duties", ["kind", "subject"], unique=True, postgresql_where=waiting)
    op.create_index("ix_duties_waiting", "duties", ["id"], postgresql_where=waiting)
    op.create_index(op.f("ix_duties_case_id"), "duties", ["case_id"])


def _cases() -> None:
    op.add_column("cases", _instant("closed_at"))
    op.add_column("cases", sa.Column("rung", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("cases", sa.Column("lead_id", sa.UUID(), nullable=True))
    op.add_column("cases", sa.Column("inquiry_id", sa.UUID(), nullable=True))
    op.add_column("cases", _instant("reprisal_at"))
    op.add_column("cases", sa.Column("refer_to", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("consent", sa.String(length=8), nullable=True))
    op.create_check_constraint(op.f("ck_cases_consent"), "cases", "consent IN ('asked', 'given', 'refused')")
    op.create_foreign_key(op.f("fk_cases_lead_id_cases"), "cases", "cases", ["lead_id"], ["id"])
    op.create_foreign_key(op.f("fk_cases_inquiry_id_inquiries"), "cases", "inquiries", ["inquiry_id"], ["id"])
    op.create_index("ix_cases_lead_id", "cases", ["lead_id"], postgresql_where=sa.text("lead_id IS NOT NULL"))
    op.create_index("ix_cases_inquiry_id", "cases", ["inquiry_id"], postgresql_where=sa.text("inquiry_id IS NOT NULL"))
    op.create_index("ix_cases_filed_at", "cases", ["filed_at"], postgresql_using="brin")
    # What was said and closed before this schema: the last such event tells.
    op.execute("""
        UPDATE cases SET closed_at = (
            SELECT max(event.at) FROM case_events AS event
            WHERE event.case_id = cases.id AND event.kind = 'moved' AND event.data ->> 'to' = cases.status)
        WHERE status IN ('confirmed', 'closed_unconfirmed', 'rejected', 'withdrawn')
    """)
    op.execute("""
        INSERT INTO resolutions (id, case_id, at, staff_id, evidence)
        SELECT DISTINCT ON (event.case_id) event.id, event.case_id, event.at, event.staff_id, false
        FROM case_events AS event JOIN cases ON cases.id = event.case_id
        WHERE event.kind = 'moved' AND event.data ->> 'to' = 'resolved' AND cases.status = 'resolved'
        ORDER BY event.case_id, event.id DESC
    """)


def downgrade() -> None:
    for name in ("closed_at", "rung", "lead_id", "inquiry_id", "reprisal_at", "refer_to", "consent"):
        op.drop_column("cases", name)
    op.drop_index("ix_cases_filed_at", "cases")
    for table in reversed(TABLES):
        op.drop_table(table)
