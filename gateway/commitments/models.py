"""The county's promises, what is said of them and who follows them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column
from gateway.ids import new_id
from gateway.residents.models import Instant


class Commitment(Base):
    """A promise of the action plan, as the pack carries it."""

    __tablename__ = "commitments"

    ogp_id = column(sa.String(16), primary_key=True, seen=Class.PUBLIC)
    position = column(sa.Integer, nullable=False, seen=Class.PUBLIC)
    area = column(sa.String(32), nullable=False, seen=Class.PUBLIC)
    title = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """Text by language, like every JSONB text here."""
    short = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    """What a small screen calls it; the title where it has none."""
    lead = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    partners = column(JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"), seen=Class.PUBLIC)
    lead_department = column(sa.String(16), seen=Class.PUBLIC)
    """The pack's code of the lead, whose focal persons report; None while nobody said which it is."""
    supporting = column(JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"), seen=Class.PUBLIC)
    """Codes of the supporting institutions, which report too."""
    committee = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    """Who looks after it beside the lead."""
    programme = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    """The programme of the county's development plan (CIDP) that it serves."""
    problem = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    status_quo = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    action = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.PUBLIC)
    source = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    starts_on = column(sa.Date, seen=Class.PUBLIC)
    ends_on = column(sa.Date, seen=Class.PUBLIC)
    from_pack = column(JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"), seen=Class.INTERNAL)
    """What the pack said last: only what it says otherwise since then is taken over, so an import stays."""
    inferred = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.PUBLIC)
    """Not read on the OGP's own page: shown as such."""
    claim = column(sa.String(16), nullable=False, server_default="no_report", seen=Class.PUBLIC)
    """What the county says: `no_report`, `not_started`, `limited`, `substantial` or `complete`; the last published."""
    judged = column(sa.String(16), nullable=False, server_default="not_assessed", seen=Class.PUBLIC)
    """What the independent monitor says, on the OGP's scale, or `not_assessed`; the last assessment."""


class CommitmentUpdate(Base):
    """News of a promise, published by an officer; never edited, only followed by another."""

    __tablename__ = "commitment_updates"
    __table_args__ = (sa.Index(None, "ogp_id", "id"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    text = column(JSONB, nullable=False, seen=Class.PUBLIC)
    places = column(JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"), seen=Class.PUBLIC)
    """Codes of the wards it is about; none: the whole county."""
    published_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    published_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    broadcast_id = column(sa.ForeignKey("broadcasts.id"), seen=Class.INTERNAL)


_OPEN = "until IS NULL"


class Follow(Base):
    """A resident hears of one promise, of an area's or of a ward's by SMS, from `since` until `until`."""

    __tablename__ = "follows"
    __table_args__ = (
        sa.CheckConstraint("num_nonnulls(ogp_id, area, ward_code) = 1", name="one_thing"),
        sa.Index("uq_follows_open", "resident_id", "ogp_id", unique=True, postgresql_where=sa.text(_OPEN)),
        sa.Index("uq_follows_open_area", "resident_id", "area", unique=True, postgresql_where=sa.text(_OPEN)),
        # One ward a resident, as with notices.
        sa.Index(
            "uq_follows_open_ward",
            "resident_id",
            unique=True,
            postgresql_where=sa.text(f"{_OPEN} AND ward_code IS NOT NULL"),
        ),
        sa.Index("ix_follows_open_by_promise", "ogp_id", postgresql_where=sa.text(_OPEN)),
        sa.Index("ix_follows_open_by_area", "area", postgresql_where=sa.text(f"{_OPEN} AND area IS NOT NULL")),
        sa.Index(
            "ix_follows_open_by_ward", "ward_code", postgresql_where=sa.text(f"{_OPEN} AND ward_code IS NOT NULL")
        ),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), seen=Class.PERSONAL)
    area = column(sa.String(32), seen=Class.PERSONAL)
    """All promises of an ambition area, those of later plans too."""
    ward_code = column(sa.String(16), seen=Class.PERSONAL)
    """News about this ward or about the whole county, of whichever promise."""
    monthly = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """One text a month instead of one for each change."""
    since = column(Instant, nullable=False, seen=Class.INTERNAL)
    until = column(Instant, seen=Class.INTERNAL)
    ended_by = column(sa.String(8), seen=Class.INTERNAL)
    """`menu`, `word`, `ward` (another took its place) or `stop`: START brings back what STOP ended, nothing else."""
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)


class FollowDigest(Base):
    """That the digest of a month was owed, and the time whose news it told."""

    __tablename__ = "follow_digests"

    month = column(sa.Date, primary_key=True, seen=Class.INTERNAL)
    """Its first day."""
    since = column(Instant, nullable=False, seen=Class.INTERNAL)
    until = column(Instant, nullable=False, seen=Class.INTERNAL)
    recipients = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
