"""Following an area or a ward, a digest a month, and the places that news are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0019"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = "until IS NULL"
THING = "num_nonnulls(ogp_id, area, ward_code) = 1"


def upgrade() -> None:
    _follows()
    op.create_table(
        "follow_digests",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_follow_digests")),
    )
    nothing = sa.text("'[]'::jsonb")
    places = sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), server_default=nothing, nullable=False)
    op.add_column("commitment_updates", places)
    grant(op.get_bind(), ("follow_digests",))


def _follows() -> None:
    op.add_column("follows", sa.Column("area", sa.String(length=32), nullable=True))
    op.add_column("follows", sa.Column("ward_code", sa.String(length=16), nullable=True))
    monthly: sa.Column[bool] = sa.Column("monthly", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("follows", monthly)
    op.alter_column("follows", "ogp_id", nullable=True)
    op.create_check_constraint(op.f("ck_follows_one_thing"), "follows", THING)
    op.create_index(
        "uq_follows_open_area", "follows", ["resident_id", "area"], unique=True, postgresql_where=sa.text(OPEN)
    )
    one_ward = sa.text(f"{OPEN} AND ward_code IS NOT NULL")
    op.create_index("uq_follows_open_ward", "follows", ["resident_id"], unique=True, postgresql_where=one_ward)
    for name, column in (("ix_follows_open_by_area", "area"), ("ix_follows_open_by_ward", "ward_code")):
        where = sa.text(f"{OPEN} AND {column} IS NOT NULL")
        op.create_index(name, "follows", [column], postgresql_where=where)


def downgrade() -> None:
    op.drop_column("commitment_updates", "places")
    op.drop_table("follow_digests")
    op.execute("DELETE FROM follows WHERE ogp_id IS NULL")
    for name in ("ix_follows_open_by_ward", "ix_follows_open_by_area", "uq_follows_open_ward", "uq_follows_open_area"):
        op.drop_index(name, "follows")
    op.drop_constraint(op.f("ck_follows_one_thing"), "follows")
    op.alter_column("follows", "ogp_id", nullable=False)
    for name in ("monthly", "ward_code", "area"):
        op.drop_column("follows", name)
