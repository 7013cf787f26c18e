"""What the county says of its promises: milestones, indicators, reports of institutions and each claim in them.

Reports, claims, readings and decisions are append-only for the application's role: a correction is another row.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from gateway.database import Base, Class, column, one_of
from gateway.ids import new_id
from gateway.residents.models import Instant

CLAIMS = ("not_started", "limited", "substantial", "complete")
"""What an institution can say of its own work; `no_report` until it has said something."""

NO_TEXTS = sa.text("'{}'::jsonb")
EMPTY_LIST = sa.text("'[]'::jsonb")


class Milestone(Base):
    """A dated step of a promise. Its code is its own within the promise and never changes."""

    __tablename__ = "milestones"
    __table_args__ = (
        sa.UniqueConstraint("ogp_id", "code"),
        one_of("claimed", "no_report", *CLAIMS),
        one_of("origin", "plan", "scorecard"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    position = column(sa.Integer, nullable=False, seen=Class.PUBLIC)
    output = column(JSONB, nullable=False, seen=Class.PUBLIC)
    """What is to be there in the end; a text by language."""
    starts_on = column(sa.Date, seen=Class.PUBLIC)
    due_on = column(sa.Date, seen=Class.PUBLIC)
    source = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    origin = column(sa.String(12), nullable=False, server_default="plan", seen=Class.PUBLIC)
    """`plan`, or `scorecard`: agreed in a meeting of residents and staff of a facility."""
    from_pack = column(JSONB, nullable=False, server_default=NO_TEXTS, seen=Class.INTERNAL)
    """What the pack said last, as of commitments."""
    claimed = column(sa.String(16), nullable=False, server_default="no_report", seen=Class.PUBLIC)
    """What the last published report says of it."""
    claimed_since = column(sa.Date, seen=Class.PUBLIC)
    """Since which day published reports say so."""


class Indicator(Base):
    """Something counted or measured, with where it began and where it is to be."""

    __tablename__ = "indicators"
    __table_args__ = (sa.UniqueConstraint("ogp_id", "code"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    position = column(sa.Integer, nullable=False, seen=Class.PUBLIC)
    name = column(JSONB, nullable=False, seen=Class.PUBLIC)
    unit = column(sa.String(40), nullable=False, seen=Class.PUBLIC)
    baseline = column(sa.Numeric, seen=Class.PUBLIC)
    baseline_on = column(sa.Date, seen=Class.PUBLIC)
    target = column(sa.Numeric, seen=Class.PUBLIC)
    target_on = column(sa.Date, seen=Class.PUBLIC)
    source = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    from_pack = column(JSONB, nullable=False, server_default=NO_TEXTS, seen=Class.INTERNAL)


class ProgressReport(Base):
    """What one institution says of one promise for one period. Internal until a supervisor publishes it."""

    __tablename__ = "progress_reports"
    __table_args__ = (
        sa.Index(None, "ogp_id", "id"),
        sa.Index(None, "department_code", "ogp_id", "period"),
        one_of("claim", *CLAIMS),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    department_code = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    period = column(sa.String(7), nullable=False, seen=Class.PUBLIC)
    """A month, `2026-11`, or a quarter, `2026-Q4`, by the pack's calendar of reports."""
    language = column(sa.String(8), nullable=False, seen=Class.PUBLIC)
    """In which language its texts are."""
    claim = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    """How far the whole promise is, by the institution's own word."""
    activities = column(sa.Text, nullable=False, seen=Class.PUBLIC)
    obstacles = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    next_steps = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    evidence = column(JSONB, nullable=False, server_default=EMPTY_LIST, seen=Class.PUBLIC)
    """Each {what, where}: an address, or the place where it can be seen."""
    site_visits = column(JSONB, nullable=False, server_default=EMPTY_LIST, seen=Class.PUBLIC)
    """Each {on, who, where, found}; `who` is an office, never a person."""
    replaces_id = column(sa.ForeignKey("progress_reports.id"), seen=Class.PUBLIC)
    """The report of the same period that this one corrects; both stay."""
    written_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    written_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class Claim(Base):
    """One thing that a report claims: the state of a milestone, or of the whole promise where `milestone_id` is None.

    What the monitor audits and residents are asked about.
    """

    __tablename__ = "claims"
    __table_args__ = (sa.Index(None, "report_id"), sa.Index(None, "milestone_id", "id"), one_of("claimed", *CLAIMS))

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    report_id = column(sa.ForeignKey("progress_reports.id"), nullable=False, seen=Class.PUBLIC)
    ogp_id = column(sa.ForeignKey("commitments.ogp_id"), nullable=False, seen=Class.PUBLIC)
    milestone_id = column(sa.ForeignKey("milestones.id"), seen=Class.PUBLIC)
    claimed = column(sa.String(16), nullable=False, seen=Class.PUBLIC)
    words = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)


class Reading(Base):
    """A value of an indicator on a day; of a report, or read from an import where `report_id` is None."""

    __tablename__ = "readings"
    __table_args__ = (sa.Index(None, "indicator_id", "read_on"),)

    id = column(UUID, primary_key=True, default=new_id, seen=Class.PUBLIC)
    indicator_id = column(sa.ForeignKey("indicators.id"), nullable=False, seen=Class.PUBLIC)
    report_id = column(sa.ForeignKey("progress_reports.id"), seen=Class.PUBLIC)
    read_on = column(sa.Date, nullable=False, seen=Class.PUBLIC)
    value = column(sa.Numeric, nullable=False, seen=Class.PUBLIC)
    source = column(sa.Text, nullable=False, server_default="", seen=Class.PUBLIC)
    recorded_at = column(Instant, nullable=False, seen=Class.PUBLIC)


class ReportDecision(Base):
    """What the supervisor made of a report, once: published as it is, or sent back with a reason."""

    __tablename__ = "report_decisions"
    __table_args__ = (one_of("decision", "published", "returned"),)

    report_id = column(sa.ForeignKey("progress_reports.id"), primary_key=True, seen=Class.PUBLIC)
    decision = column(sa.String(12), nullable=False, seen=Class.PUBLIC)
    reason = column(sa.Text, nullable=False, server_default="", seen=Class.INTERNAL)
    decided_by = column(sa.ForeignKey("staff.id"), nullable=False, seen=Class.INTERNAL)
    decided_at = column(Instant, nullable=False, seen=Class.PUBLIC)
