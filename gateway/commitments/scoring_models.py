"""The community scorecard: facilities that staff named, rounds of one, and one row of scores a number and round."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

SIDES = ("residents", "staff")

KINDS = ("health", "school", "water", "market", "office", "other")
"""What a facility is for."""


class Facility(Base):
    """A place of service that a supervisor named; those of the pack are not here. Nothing is ever removed."""

    __tablename__ = "facilities"
    __table_args__ = (one_of("kind", *KINDS),)

    code = column(sa.String(32), primary_key=True, seen=Class.PUBLIC)
    """The ward's and a number: `1017-1`."""
    name = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """By language, in every one that residents are offered."""
    kind = column(sa.String(12), nullable=False, seen=Class.PUBLIC)
    ward_code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    named_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    named_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    retired_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    retired_at = column(Instant, seen=Class.PUBLIC)
    """Since when no more rounds of it are opened."""


class ScoreRound(Base):
    """A time in which residents and staff of one facility score the same five items, apart."""

    __tablename__ = "score_rounds"
    __table_args__ = (sa.Index(None, "facility_code", "closes_at"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    facility_code = column(sa.String(32), nullable=False, seen=Class.PUBLIC)
    opened_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    opened_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    closes_at = column(Instant, nullable=False, seen=Class.PUBLIC)
    """Scores count until then, and are shown from then."""
    code_digest = column(sa.LargeBinary, nullable=False, seen=Class.SECRET)
    """Keyed hash of the digits that the facility's staff were given."""
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), seen=Class.PUBLIC)
    """The promise that the action plan became milestones of."""


class Score(Base):
    """What one number gave in one round. Nothing here leads back to the number or to another round."""

    __tablename__ = "scores"
    __table_args__ = (one_of("side", *SIDES),)

    round_id = column(sa.ForeignKey("score_rounds.id"), primary_key=True, seen=Class.INTERNAL)
    voter = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    """Keyed hash of round and number."""
    side = column(sa.String(12), nullable=False, seen=Class.INTERNAL)
    marks = column(ARRAY(sa.SmallInteger), nullable=False, seen=Class.INTERNAL)
    """1 (very bad) to 5 (very good), one an item of the pack."""
